"""Build data/reference from O*NET, ESCO, NAICS and GeoNames facts: `--corpus DIR` has the sources.

python tools/build_reference.py --corpus DIR

Occupation vectors are the unit mean of the vectors of an occupation's tasks and of its title with
alternate titles. `silhouette` is that of the occupation's reduced vector among SOC major groups:
how surely its words set it apart from other fields of work.
"""

import argparse
import json
import re
from pathlib import Path

import numpy as np
import polars as pl

from assets.segmentation.config import SegmentationConfig
from assets.segmentation.embedding import unit
from assets.segmentation.phrases import PhraseIndex
from assets.segmentation.profiles import class_terms
from assets.segmentation.reduction import reduce
from resources.encoder import SHA256, Encoder

OUT = Path(__file__).resolve().parents[1] / "data" / "reference"
TITLES = 12
COMMON = 40  # software of more occupations than this says nothing about any
# Names without their vendor that cannot be mistaken for an everyday word.
SHORT_NAMES = frozenset(
    [
        "powerpoint",
        "photoshop",
        "illustrator",
        "indesign",
        "sharepoint",
        "visio",
        "azure",
        "hadoop",
        "spark",
        "kafka",
        "excel",
        "outlook",
        "bigquery",
        "jira",
        "autocad",
        "peoplesoft",
        "primavera",
        "websphere",
        "cognos",
        "spss",
    ]
)
# One-word names that are everyday words of any ad.
PLAIN = frozenset(
    [
        "access",
        "act",
        "word",
        "make",
        "use",
        "work",
        "teach",
        "chef",
        "cook",
        "swift",
        "go",
        "box",
        "teams",
        "meet",
        "drive",
        "project",
        "reports",
        "history",
        "communication",
        "program",
        "programs",
        "business",
        "people",
        "language",
        "security",
        "training",
        "quality",
        "leadership",
        "analysis",
        "design",
        "planning",
        "research",
        "writing",
        "reading",
        "process",
        "processes",
        "service",
        "services",
        "manuals",
        "interview",
        "conduct",
        "materials",
        "products",
        "equipment",
        "maintenance",
    ]
)

# SOC major groups (two digits) and some minor ones to NAICS: where most of their holders work
# (BLS National Employment Matrix, read as one or two industries).
SOC_INDUSTRIES = {
    "11": ["naics:55"], "13": ["naics:52"], "13-2": ["naics:5412", "naics:52"],
    "13-1": ["naics:561"], "15": ["naics:5415", "naics:518"], "17": ["naics:54"],
    "19": ["naics:54"], "19-3": ["naics:621"],
    "21": ["naics:624"], "23": ["naics:5411"], "25": ["naics:61"], "27": ["naics:71", "naics:51"],
    "29": ["naics:622", "naics:621"], "31": ["naics:623", "naics:621"], "33": ["naics:922"],
    "35": ["naics:722"], "37": ["naics:561"], "39": ["naics:81"], "41": ["naics:44-45"],
    "43": ["naics:561"], "45": ["naics:11"], "47": ["naics:23"], "49": ["naics:81"],
    "51": ["naics:31-33"], "53": ["naics:48-49"], "53-2": ["naics:481"], "55": ["naics:928"],
}  # fmt: skip


def industries_of(soc: str) -> list[str]:
    """Industries of an O*NET-SOC code, by its minor group if listed, else its major one."""
    return SOC_INDUSTRIES.get(soc[:4]) or SOC_INDUSTRIES[soc[:2]]


def skills(corpus: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The skill vocabulary, and which technology belongs to which occupation."""
    technology = pl.read_parquet(corpus / "onet_technology_skills.parquet")
    counts = technology.group_by("example").len().filter(pl.col("len") >= 3)
    rows, slugs = [], {}
    for (name,) in counts.select("example").sort("example").iter_rows():
        slug = "onet-tech:" + re.sub(r"[^a-z0-9+#]+", "-", name.lower()).strip("-")
        slugs[name] = slug
        rows.append((slug, name, aliases(name), "technology"))
    esco = pl.read_parquet(corpus / "esco_skills.parquet")
    for id_, label, alternatives in esco.select(
        "esco_skill_id", "preferred_label", "alt_labels"
    ).iter_rows():
        also = (alternatives or "").split(" | ")
        usable = {p.strip().lower() for p in also if usable_phrase(p, preferred=False)}
        if usable_phrase(label, preferred=True):
            usable.add(label.lower())
        if usable:
            rows.append((f"esco:{id_}", label, sorted(usable), "skill"))
    frame = pl.DataFrame(rows, schema=["id", "label", "phrases", "kind"], orient="row")
    rare = counts.filter(pl.col("len") <= COMMON)["example"]
    owned = technology.filter(pl.col("example").is_in(rare.to_list())).with_columns(
        pl.col("example").replace_strict(slugs).alias("skill")
    )
    return frame.unique("id", keep="first", maintain_order=True), owned


def aliases(name: str) -> list[str]:
    """How an ad says a piece of software: its full name, a well-known short one, its abbreviation.

    A name that is one everyday word ("Act!", "Meet") would be found in every ad: it is left out.
    """
    found = (
        {name.lower()} if len(name.split()) > 1 or name.lower().strip("!") not in PLAIN else set()
    )
    for vendor in ("Microsoft ", "Adobe ", "Oracle ", "IBM ", "Apache ", "Google "):
        short = name.removeprefix(vendor).lower()
        if name.startswith(vendor) and short in SHORT_NAMES:
            found.add(short)
    last = name.split()[-1]
    if re.fullmatch(r"[A-Z][A-Z0-9+#]{2,7}", last) and last.lower() not in PLAIN:
        found.add(last.lower())
    return sorted(p for p in found if len(p) > 1)


def usable_phrase(phrase: str, *, preferred: bool) -> bool:
    """One word counts only as a skill's own name, and not when any ad may hold it."""
    words = phrase.split()
    if len(words) == 1:
        return preferred and len(phrase) >= 5 and phrase.lower() not in PLAIN
    return len(words) <= 5


def occupations(corpus: Path, owned: pl.DataFrame, vocabulary: pl.DataFrame) -> pl.DataFrame:
    """One row for each O*NET occupation that has tasks."""
    tasks = pl.read_parquet(corpus / "onet_task_statements.parquet").sort(
        "onet_soc_code", "task_id"
    )
    named = (
        pl.read_parquet(corpus / "onet_occupations.parquet")
        .join(tasks.select("onet_soc_code").unique(), on="onet_soc_code")
        .sort("onet_soc_code")
    )
    codes = named["onet_soc_code"].to_list()
    number = {code: i for i, code in enumerate(codes)}
    tasks = tasks.filter(pl.col("onet_soc_code").is_in(codes))
    owner = np.array([number[c] for c in tasks["onet_soc_code"]])
    alternates = (
        pl.read_parquet(corpus / "onet_alternate_titles.parquet")
        .group_by("onet_soc_code", maintain_order=True)
        .agg(pl.col("alternate_title").head(TITLES))
    )
    also = dict(alternates.iter_rows())
    encode = Encoder()
    task_vectors = encode(tasks["task"].to_list())
    titles = encode([f"{t}\n{', '.join(also.get(c, []))}\n{d}" for c, t, d in named.iter_rows()])
    means = np.stack([task_vectors[owner == i].mean(axis=0) for i in range(len(codes))])
    centres = unit(unit(means) + titles)
    said = tasks["task"].to_list()
    terms = class_terms(said, owner, top=15)
    zones = dict(
        pl.read_parquet(corpus / "onet_job_zones.parquet")
        .select("onet_soc_code", "job_zone")
        .iter_rows()
    )
    tools = dict(
        owned.sort("hot_technology", "in_demand", descending=True)
        .group_by("onet_soc_code", maintain_order=True)
        .agg(pl.col("skill").unique(maintain_order=True).head(10))
        .iter_rows()
    )
    index = PhraseIndex(
        (p, i) for i, ps in vocabulary.select("id", "phrases").iter_rows() for p in ps
    )
    found = [sorted({m.id for m in index.find(" . ".join(np.array(said)[owner == i]))})[:10]
             for i in range(len(codes))]  # fmt: skip
    return pl.DataFrame(
        {
            "soc": codes,
            "cluster_key": [f"ref-{code}" for code in codes],
            "title": named["title"],
            "industry_ids": [industries_of(code) for code in codes],
            "terms": [list(t) for t in terms],
            "skills": [
                list(dict.fromkeys([*tools.get(c, []), *f]))
                for c, f in zip(codes, found, strict=True)
            ],
            "n_texts": np.bincount(owner).tolist(),
            "job_zone": [int(zones[c]) if c in zones else None for c in codes],
            "silhouette": silhouettes(centres, codes),
            "vector": centres.astype(np.float32).tolist(),
        },
        schema_overrides={"vector": pl.List(pl.Float32)},
    )


def silhouettes(centres: np.ndarray, codes: list[str]) -> list[float]:
    """Silhouette of each occupation among SOC major groups, reduced as a fit would be."""
    from sklearn.metrics import silhouette_samples

    config = SegmentationConfig()
    reduced = reduce(centres, seed=config.seed, dimensions=config.dimensions)
    points = silhouette_samples(reduced, [code[:2] for code in codes])
    return [round(float(p), 4) for p in points]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--corpus", type=Path, required=True)
    corpus = parser.parse_args().corpus
    OUT.mkdir(parents=True, exist_ok=True)
    vocabulary, owned = skills(corpus)
    frames = {
        "skills": vocabulary,
        "occupations": occupations(corpus, owned, vocabulary),
        "places": places(corpus),
        "countries": pl.read_parquet(corpus / "geo_countries.parquet").select(
            "iso2", "iso3", "name"
        ),
        "us_states": pl.read_parquet(corpus / "geo_us_states.parquet")
        .select("code", "name", "geonameid", "fips")
        .rename({"geonameid": "geoname_id"}),
    }
    for name, frame in frames.items():
        frame.write_parquet(OUT / f"{name}.parquet", compression="zstd", compression_level=19)
    manifest = {
        "encoder": Encoder.model_id,
        "weights_sha256": SHA256,
        "command": "python tools/build_reference.py --corpus DIR",
        "rows": {name: len(frame) for name, frame in frames.items()},
    }
    (OUT / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def places(corpus: Path) -> pl.DataFrame:
    """Cities of at least 15,000 people; the plain-letter name helps people without accents."""
    import unicodedata

    def ascii_name(name: str) -> str:
        return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or name

    frame = pl.read_parquet(corpus / "geo_cities15000.parquet").rename({"geonameid": "geoname_id"})
    return frame.with_columns(
        pl.col("name").map_elements(ascii_name, pl.String).alias("ascii_name"),
        pl.col("lat", "lon").cast(pl.Float32).round(4),
        pl.col("population").cast(pl.Int64),
    ).select("geoname_id", "name", "ascii_name", "country", "admin1", "population", "lat", "lon")


if __name__ == "__main__":
    main()
