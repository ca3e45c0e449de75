"""Real texts of the corpus for benchmarks: one of each near-identical group, in a fixed order."""

from pathlib import Path

import polars as pl

from assets.segmentation.primitives.extraction import extract
from assets.segmentation.reference.taxonomy import Taxonomy
from assets.segmentation.reference.taxonomy_files import load_taxonomy
from assets.segmentation.text.normalization import ad_text, plain
from assets.segmentation.text.redaction import redact

TITLE = r"[^a-z ]+"


def ads(corpus: Path) -> pl.DataFrame:
    """English ads, one of each near-identical group, with their plain title."""
    frame = pl.read_parquet(corpus / "job_postings_text.parquet").filter(pl.col("lang") == "en")
    title = pl.col("title").fill_null("").str.to_lowercase().str.replace_all(TITLE, " ")
    return (
        frame.unique("text_group", maintain_order=True)
        .sort("job_key")
        .with_columns(title.str.strip_chars().alias("plain"))
    )


def texts_of(frame: pl.DataFrame) -> list[str]:
    return [
        redact(ad_text(t or "", plain(d)), kind="ad").text
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
    """Ads of one occupation each, for every one that enough of them are for: by exact title, and by
    the O*NET code of the title where that is likelier than not."""
    taxonomy = load_taxonomy()
    found = [_code(title or "", taxonomy) for title in frame["title"]]
    coded = frame.with_columns(pl.Series("code", found)).sample(
        fraction=1.0, shuffle=True, seed=1
    )  # else the first of a code are all of one source
    return [
        own.head(most)
        for of, column in ((coded, "code"), (frame, "plain"))
        for _, own in sorted(of.filter(pl.col(column) != "").group_by(column, maintain_order=True))
        if len(own) >= least
    ]


def _code(title: str, taxonomy: Taxonomy) -> str:
    sure = (p for p in extract(title, "", "", taxonomy).occupation if p.score >= 0.6)
    return next((p.id for p in sure if p.id.startswith("onet:")), "")


def resumes(corpus: Path) -> pl.DataFrame:
    """Résumés, redacted, one of each near-identical group."""
    frame = pl.read_parquet(corpus / "resumes.parquet").unique("text_group", maintain_order=True)
    masked = [redact(plain(text)).text for text in frame["text"]]
    return frame.with_columns(pl.Series("text", masked)).sort("resume_key")
