"""How often federal ads get an industry of their occupation: groups by terms or mean, and alone.

python -m benchmarks.label_industries --cache vectors.db

Groups are ten ads of one of the sample's twenty occupations, six of each. The sample's texts are
composed of O*NET tasks, of which the head has read some; the similarity to descriptions has not.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from assets.segmentation.model.embedding import Vectors, embed
from assets.segmentation.model.profiles import Labeller, centroids, class_terms
from assets.segmentation.reference.labeller import MiniLmLabeller
from assets.segmentation.reference.occupation_labeller import (
    OccupationLabeller,
    head_file,
    load_head,
)
from assets.segmentation.reference.taxonomy_files import load_taxonomy
from benchmarks.texts import texts_of
from resources.encoders.minilm_encoder import Encoder, VectorCache
from resources.files.bundled import ROOT

DRAWS, ADS = 6, 10
# The NAICS industries where a person would look for the occupation.
HOMES = {
    "nurse": "622 621",
    "physician": "621 622",
    "pharmacist": "622 621",
    "accountant": "5412",
    "psychologist": "621 624 622",
    "social worker": "624 623 923",
    "attorney": "5411",
    "medical support": "622 621",
    "IT specialist": "518 5415",
    "engineer": "54 23",
    "human resources": "561 55",
    "contract specialist": "561 42 921",
    "police officer": "922",
    "firefighter": "922",
    "cook": "722",
    "custodian": "561",
    "mechanic": "81",
    "teacher": "61",
    "park ranger": "71 924 11",
    "program analyst": "921 54 55",
}


def show(way: str, labeller: Labeller, given: Sequence[tuple[str, str, Vectors | None]]) -> None:
    """A row of the table, for (occupation, text, vector)."""
    found = [labeller.label(text, vector) for _, text, vector in given]
    right = [
        label.id.removeprefix("naics:") in HOMES[name].split()
        for label, (name, *_) in zip(found, given, strict=True)
    ]
    known = [label.id != "unknown" for label in found]
    certain = np.mean([label.score for label in found])
    print(
        f"| {labeller.name} | {way} | {len(given)} | {np.mean(right):.2f} | "
        f"{1 - np.mean(known):.2f} | {np.sum(right) / np.sum(known):.2f} | {certain:.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    cache = parser.parse_args().cache
    encode, industries = Encoder(), list(load_taxonomy().industries.values())
    frame = pl.read_csv(ROOT / "data" / "sample" / "job_ads.csv").rename(
        {"description_long": "description"}
    )
    texts, of = texts_of(frame), frame["occupation"].to_numpy()
    vectors = embed(texts, encode, VectorCache(cache))[0]
    names, chance = sorted(HOMES), np.random.default_rng(3)
    groups = []
    for _ in range(DRAWS):
        rows = [chance.permutation(np.flatnonzero(of == n))[:ADS] for n in names]
        own, every = np.repeat(np.arange(len(names)), [len(r) for r in rows]), np.concatenate(rows)
        terms = class_terms([texts[i] for i in every], own, top=12)
        groups += list(
            zip(names, map(", ".join, terms), centroids(vectors[every], own), strict=True)
        )
    print("| labeller | from | groups | right | unknown | right of the known | mean score |")
    print("|---|---|---|---|---|---|---|")
    head = OccupationLabeller(industries, encode, load_head(head_file()))
    for labeller in (MiniLmLabeller(industries, encode), head):
        show("terms", labeller, [(name, text, None) for name, text, _ in groups])
        show("mean", labeller, groups)
        show("one ad", labeller, list(zip(of, texts, vectors, strict=True)))


if __name__ == "__main__":
    main()
