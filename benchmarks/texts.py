"""Real texts of the corpus for benchmarks: one of each near-identical group, in a fixed order."""

from pathlib import Path

import polars as pl

from assets.segmentation.redaction import redact
from assets.segmentation.text import ad_text, plain

TITLE = r"[^a-z ]+"


def ads(corpus: Path) -> pl.DataFrame:
    """English ads, one of each near-identical group, with their plain title."""
    frame = pl.read_parquet(corpus / "job_postings_text.parquet").filter(pl.col("lang") == "en")
    title = pl.col("title").fill_null("").str.to_lowercase().str.replace_all(TITLE, " ")
    return frame.unique("text_group", maintain_order=True).sort("job_key").with_columns(
        title.str.strip_chars().alias("plain")
    )  # fmt: skip


def texts_of(frame: pl.DataFrame) -> list[str]:
    return [
        redact(ad_text(t or "", plain(d)), of="ad").text
        for t, d in frame.select("title", "description").iter_rows()
    ]


def balanced(
    frame: pl.DataFrame, source: str, label: str, most: int = 100, least: int = 50
) -> pl.DataFrame:
    """A source's texts, at most `most` of each label that has at least `least`."""
    some = frame.filter(pl.col("source") == source)
    large = some.drop_nulls(label).group_by(label).len().filter(pl.col("len") >= least)[label]
    return pl.concat([some.filter(pl.col(label) == name).head(most) for name in sorted(large)])


def occupations(frame: pl.DataFrame, least: int = 60, most: int = 320) -> list[pl.DataFrame]:
    """Ads of one exact title each, for every title that enough of them have."""
    named = frame.filter(pl.col("plain") != "").group_by("plain").len()
    titles = named.filter(pl.col("len") >= least)["plain"].sort().to_list()
    return [frame.filter(pl.col("plain") == t).head(most) for t in titles]


def resumes(corpus: Path) -> pl.DataFrame:
    """Résumés, redacted, one of each near-identical group."""
    frame = pl.read_parquet(corpus / "resumes.parquet").unique("text_group", maintain_order=True)
    masked = [redact(plain(text)).text for text in frame["text"]]
    return frame.with_columns(pl.Series("text", masked)).sort("resume_key")
