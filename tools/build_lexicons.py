"""Build the vocabularies that ads are read with: `python tools/build_lexicons.py --corpus DIR`.

Skills and their phrases (ESCO, O*NET), titles of occupations with their O*NET-SOC and ISCO codes,
the codes of NAICS, ISCO, O*NET and ESCO's groups, and the gazetteer (GeoNames), as Parquet in
data/reference. A phrase is stored as its key (`text.phrases`): loading parses none.
"""

import argparse
import json
import unicodedata
from pathlib import Path

import polars as pl
from lexicon_skills import skills
from lexicon_titles import titles

from assets.segmentation.text.phrases import longest_by_prefix

OUT = Path(__file__).resolve().parents[1] / "data" / "reference"
# Sectors that the Census writes as a range of two-digit codes.
RANGES = [
    ("31-33", "Manufacturing"),
    ("44-45", "Retail Trade"),
    ("48-49", "Transportation and Warehousing"),
]


def codes(corpus: Path) -> pl.DataFrame:
    """(system, code, label) of every NAICS, ISCO-08 and O*NET-SOC code and ESCO skill group."""
    naics = pl.read_parquet(corpus / "naics_codes.parquet").select("code", label="title")
    ranges = pl.DataFrame(RANGES, schema=["code", "label"], orient="row")
    onet = pl.read_parquet(corpus / "onet_occupations.parquet")
    named = {
        "naics": pl.concat([naics, ranges]),
        "isco": pl.read_parquet(corpus / "isco_groups.parquet").select("code", "label"),
        "onet": onet.select(code="onet_soc_code", label="title"),
        "esco": pl.read_parquet(corpus / "esco_skill_groups.parquet").select("code", "label"),
    }
    return pl.concat(
        frame.select(pl.lit(system).alias("system"), "code", "label").sort("code")
        for system, frame in named.items()
    )


def prefixes(phrases: pl.DataFrame) -> pl.DataFrame:
    """(prefix, plain, longest) as `longest_by_prefix` counts them, once for every process."""
    rows = []
    for plain in (False, True):
        keys = phrases.filter(pl.col("plain") == plain)["key"]
        rows += [(prefix, plain, n) for prefix, n in sorted(longest_by_prefix(keys).items())]
    return pl.DataFrame(
        rows, schema={"prefix": pl.String, "plain": pl.Boolean, "longest": pl.UInt8}, orient="row"
    )


def places(corpus: Path) -> pl.DataFrame:
    """Cities of at least 15,000 people; the plain-letter name helps people without accents."""

    def ascii_name(name: str) -> str:
        return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or name

    frame = pl.read_parquet(corpus / "geo_cities15000.parquet").rename({"geonameid": "geoname_id"})
    return frame.with_columns(
        pl.col("name").map_elements(ascii_name, pl.String).alias("ascii_name"),
        pl.col("lat", "lon").cast(pl.Float32).round(4),
        pl.col("population").cast(pl.Int64),
    ).select("geoname_id", "name", "ascii_name", "country", "admin1", "population", "lat", "lon")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--corpus", type=Path, required=True)
    corpus = parser.parse_args().corpus
    OUT.mkdir(parents=True, exist_ok=True)
    vocabulary, phrases = skills(corpus)
    states = pl.read_parquet(corpus / "geo_us_states.parquet")
    frames = {
        "skills": vocabulary,
        "skill_phrases": phrases.with_columns(pl.col("shape").cast(pl.Categorical)),
        "skill_prefixes": prefixes(phrases),
        "titles": titles(corpus),
        "codes": codes(corpus),
        "places": places(corpus),
        "countries": pl.read_parquet(corpus / "geo_countries.parquet").select(
            "iso2", "iso3", "name"
        ),
        "us_states": states.select("code", "name", "geonameid", "fips").rename(
            {"geonameid": "geoname_id"}
        ),
    }
    for name, frame in frames.items():
        frame.write_parquet(OUT / f"{name}.parquet", compression="zstd", compression_level=19)
    manifest = {
        "command": "python tools/build_lexicons.py --corpus DIR",
        "rows": {name: len(frame) for name, frame in frames.items()},
    }
    (OUT / "lexicons.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
