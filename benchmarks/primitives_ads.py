"""Occupation, seniority, place, industry and language as read, beside what is known of the ads."""

import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl
import yaml

from assets.segmentation.primitives.extraction import extract
from assets.segmentation.primitives.places import locations
from assets.segmentation.reference.taxonomy_files import load_taxonomy
from assets.segmentation.text.phrases import Field
from benchmarks.policy_cases import CASES
from resources.files.bundled import ROOT

# Federal occupational series whose work is one SOC and one ISCO group, as codes begin.
SERIES = {
    "2210": ("15-1", "25"),
    "0610": ("29-11", "222"),
    "2152": ("53-20", "3154"),
    "1340": ("19-20", "2112"),
    "0905": ("23-10", "2611"),
    "0510": ("13-2011", "2411"),
    "0560": ("13-2031", "241"),
    "1102": ("13-10", "3323"),
    "0850": ("17-207", "2151"),
    "0810": ("17-2051", "2142"),
    "0801": ("17-2", "21"),
    "0110": ("19-3011", "2631"),
    "1811": ("33-302", "3355"),
    "0602": ("29-12", "221"),
    "0462": ("19-40", "3143"),
    "0404": ("19-40", "314"),
    "0201": ("13-107", "2423"),
    "0343": ("13-1111", "2421"),
    "1165": ("13-20", "3312"),
    "0457": ("19-10", "2133"),
    "0401": ("19-10", "213"),
    "1825": ("53-60", "3115"),
    "0101": ("21-10", "2635"),
    "0512": ("13-20", "3352"),
    "0640": ("29-20", "32"),
    "0130": ("19-30", "2422"),
}
LEVELS = {
    "Internship": {"intern"},
    "Entry level": {"entry"},
    "Associate": {"entry", "mid"},
    "Mid-Senior level": {"mid", "senior", "lead", "manager"},
    "Senior": {"senior", "lead"},
    "Director": {"manager", "executive"},
    "Executive": {"manager", "executive"},
}
SECTORS = {
    "Information Technology": ("51", "5415"),
    "Finance": ("52",),
    "Financial Services": ("52",),
    "Insurance": ("52",),
    "Business Services": ("54", "55", "56"),
    "Manufacturing": ("31-33", "336"),
    "Biotech & Pharmaceuticals": ("31-33", "54"),
    "Pharmaceutical & Biotechnology": ("31-33", "54"),
    "Health Care": ("62",),
    "Healthcare": ("62",),
    "Education": ("61",),
    "Government": ("92",),
    "Aerospace & Defense": ("336", "92", "31-33"),
    "Retail": ("44-45",),
    "Retail & Wholesale": ("44-45", "42"),
    "Media": ("51", "71"),
    "Media & Communication": ("51", "71"),
    "Oil, Gas, Energy & Utilities": ("21", "22"),
    "Accounting & Legal": ("541",),
    "Telecommunications": ("51",),
    "Real Estate": ("53",),
    "Management & Consulting": ("54",),
    "Transportation & Logistics": ("48",),
    "Non-Profit": ("81", "62"),
    "Human Resources & Staffing": ("56",),
}


def rate(hits: int, of: int) -> str:
    return f"{hits / max(1, of):.3f} of {of:,}"


def occupation(corpus: Path) -> None:
    """Distinct federal titles: SOC major group, the series' own code, and ISCO."""
    frame = pl.read_parquet(corpus / "job_titles_labelled.parquet").filter(
        pl.col("source").str.starts_with("usajobs"), pl.col("title").is_not_null()
    )
    rows = frame.with_columns(pl.col("category_code").str.slice(0, 4).alias("series"))
    rows = rows.filter(pl.col("series").is_in(list(SERIES))).select("title", "series").unique()
    taxonomy = load_taxonomy()
    counts: dict[str, list[int]] = {n: [0, 0] for n in ("SOC major", "SOC", "ISCO major", "ISCO")}
    for title, series in rows.sort("title", "series").iter_rows():
        said = extract(title, "", "", taxonomy).occupation
        soc, isco = SERIES[series]
        for system, code in (("SOC", soc), ("ISCO", isco)):
            kind = "onet:" if system == "SOC" else "isco:"
            found = next((f.id.removeprefix(kind) for f in said if f.id.startswith(kind)), "")
            wide = 2 if system == "SOC" else 1
            for name, want in ((f"{system} major", code[:wide]), (system, code)):
                counts[name][0] += bool(found)
                counts[name][1] += found.startswith(want) if found else 0
    for name, (said_n, right) in counts.items():
        print(f"| occupation, {name} | {rate(said_n, len(rows))} | {rate(right, said_n)} |")


def seniority(corpus: Path) -> None:
    """LinkedIn's level of its ads, where it says one."""
    frame = _postings(corpus).filter(pl.col("seniority").is_in(list(LEVELS)))
    taxonomy, said, right = load_taxonomy(), 0, 0
    for title, text, level in frame.select("title", "description", "seniority").iter_rows():
        found = extract(title or "", text, "", taxonomy).seniority
        said += found is not None
        right += found is not None and found.id in LEVELS[level]
    print(f"| seniority | {rate(said, len(frame))} | {rate(right, said)} |")


def place(corpus: Path) -> None:
    """The location field hidden, the text alone read, against the field read."""
    frame = _postings(corpus).filter(pl.col("location").is_not_null())
    taxonomy = load_taxonomy()
    known = field = said = same = country = 0
    for title, text, where in frame.select("title", "description", "location").iter_rows():
        head, body, nothing = Field("title", title or ""), Field("description", text), ""
        truth = _towns(
            locations(
                Field("title", ""), Field("description", ""), Field("location", where), taxonomy
            )
        )
        field += bool(truth)
        if not truth:
            continue
        known += 1
        found = _towns(locations(head, body, Field("location", nothing), taxonomy))
        said += bool(found)
        same += bool(set(found) & set(truth))
        lands = {taxonomy.gazetteer[i].country for i in truth}
        country += bool(found) and taxonomy.gazetteer[found[0]].country in lands
    print(f"| place, by the field | {rate(field, len(frame))} | - |")
    print(f"| place, by the text alone | {rate(said, known)} | {rate(same, said)} |")
    print(f"| its country | {rate(said, known)} | {rate(country, said)} |")


def _towns(facts: Iterable) -> list[str]:
    return [f.id for f in facts if ":" in f.id]


def industry(corpus: Path) -> None:
    """Glassdoor's sector of the employer, by the first industry and by any of three."""
    frame = _postings(corpus).filter(pl.col("sector").is_in(list(SECTORS)))
    taxonomy, said, first, any_ = load_taxonomy(), 0, 0, 0
    for title, text, sector in frame.select("title", "description", "sector").iter_rows():
        found = [i.id[6:] for i in extract(title or "", text, "", taxonomy).industries]
        said += bool(found)
        first += bool(found) and found[0].startswith(SECTORS[sector])
        any_ += any(i.startswith(SECTORS[sector]) for i in found)
    print(f"| industry, the first | {rate(said, len(frame))} | {rate(first, said)} |")
    print(f"| industry, any of three | {rate(said, len(frame))} | {rate(any_, said)} |")


def language(corpus: Path) -> None:
    """The policy's phrases by language, one at a time and five together; Swedish ads."""
    detect = load_taxonomy().languages.detect
    for size in (1, 5):
        told = right = n = 0
        for id_, texts in _phrases():
            groups = [" ".join(texts[i : i + size]) for i in range(0, len(texts), size)]
            found = [detect(text) for text in groups]
            n += len(found)
            told += sum(bool(f) for f in found)
            right += sum(f == id_ for f in found)
        print(f"| language, {size} phrases | {rate(told, n)} | {rate(right, told)} |")
    swedish = _postings(corpus).filter(pl.col("lang") == "sv")["description"]
    found = [detect(text) for text in swedish]
    print(
        f"| language, Swedish ads | {rate(sum(map(bool, found)), len(found))} | "
        f"{rate(found.count('sv'), len(found))} |"
    )


def _phrases() -> Iterator[tuple[str, list[str]]]:
    table: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(
        (CASES / "phrases.yaml").read_text("utf-8")
    )
    for id_ in load_taxonomy().languages.labels:
        yield id_, [*table["illegal"].get(id_, ()), *table["legal"].get(id_, ())]


def speed(corpus: Path) -> None:
    """CPU of this process to load every table, and to read 2,000 ads."""
    load_taxonomy.cache_clear()
    start = time.process_time()
    taxonomy = load_taxonomy(ROOT)
    extract("Nurse", "Care.", "Leeds, UK", taxonomy)
    print(f"\nloading, with the first ad: {time.process_time() - start:.2f} s of CPU")
    rows = _postings(corpus).sample(2_000, seed=1).select("title", "description", "location")
    ads = rows.fill_null("").rows()
    start = time.process_time()
    for title, text, where in ads:
        spoken = taxonomy.languages.detect(f"{title}\n{text}")
        extract(title, text, where, taxonomy, spoken)
    took = time.process_time() - start
    letters = sum(len(text) for _, text, _ in ads) / len(ads)
    print(f"{len(ads) / took:,.0f} ads of {letters:,.0f} letters a second of CPU")


def _postings(corpus: Path) -> pl.DataFrame:
    return pl.read_parquet(corpus / "job_postings_text.parquet")


def ads(corpus: Path) -> None:
    """Every part in one table: the share of ads that get one, and the share of those that agree."""
    print("| what | said | right |\n|---|---|---|")
    for part in (occupation, seniority, place, industry, language, speed):
        part(corpus)
