"""How well an ad's text is read: skills, occupation, seniority, place, industry, language, speed.

python -m benchmarks.primitives --corpus DIR skills         SkillSpan's test part, résumé entities
python -m benchmarks.primitives --corpus DIR certainties    by kind of phrase, on train and dev
python -m benchmarks.primitives --corpus DIR ads            everything else, against labels
"""

import argparse
import re
from collections import defaultdict
from pathlib import Path

import polars as pl

from assets.segmentation.primitives.skills import CURATED
from assets.segmentation.reference.taxonomy_files import load_taxonomy
from assets.segmentation.text.phrases import Field, plain_key
from benchmarks.primitives_ads import ads
from benchmarks.primitives_spans import meet, predicted, scores, sentences

PRIOR = 20  # mentions of the mean certainty that every kind of phrase starts with


def skills(corpus: Path) -> None:
    """SkillSpan's test part, at every certainty and at those that a keyword needs; then résumés."""
    table = load_taxonomy().skills
    marked = sentences(corpus, "test")
    print("| SkillSpan test | least certainty | way | precision | recall | F1 |")
    print("|---|---|---|---|---|---|")
    for least in (0.0, 0.5, 0.6):
        ours = [[(m.start, m.end) for m in row] for row in predicted(marked, table, least)]
        for kind in ("both", "skills", "knowledge"):
            for way, score in scores(ours, [getattr(s, kind) for s in marked]).items():
                print(f"| {kind} | {least} | {way} | {score} |")
    resumes(corpus)


def resumes(corpus: Path) -> None:
    """Of the words that people marked as skills of a résumé, how many are in what we find; and of
    the mentions in a résumé's text that has such a list, how many lie in it."""
    table = load_taxonomy().skills
    entities = pl.read_parquet(corpus / "resume_entities.parquet").filter(
        pl.col("label") == "Skills"
    )
    texts = pl.read_parquet(corpus / "resumes.parquet").select("resume_key", "text")
    items = met = said = right = 0
    marked: dict[str, list[str]] = defaultdict(list)
    for key, text in entities.select("resume_key", "text").iter_rows():
        marked[key].append(text)
        for item in _items(text):
            items += 1
            met += next(table.mentions(Field("text", item)), None) is not None
    for key, text in texts.iter_rows():
        lists = " \n ".join(map(plain_key, marked.get(key, ())))
        if lists:
            for m in table.mentions(Field("text", text)):
                said += 1
                right += f" {plain_key(text[m.start : m.end])} " in f" {lists} "
    print(f"\nrésumés: {met} of {items} listed skills hold one of ours ({met / items:.3f});")
    print(f"of {said} mentions in those texts {right} stand in a list ({right / said:.3f})")


def _items(text: str) -> list[str]:
    """The skills of a list, without their years."""
    bare = re.sub(r"\([^)]*\)", "", text)
    parts = (p.split(":")[-1].strip(" .•-*") for p in re.split(r"[,;•\n]|\s/\s", bare))
    return [p for p in parts if 1 <= len(p) <= 60]


def certainties(corpus: Path) -> None:
    """The table CERTAINTY of assets/segmentation/primitives/skills.py."""
    table = load_taxonomy().skills
    marked = sentences(corpus, "train", "dev")
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for sentence in marked:
        for match in table.matches(Field("description", sentence.text)):
            row = counts[table.phrase_kind[match.value]]
            row[0] += 1
            row[1] += any(meet((match.start, match.end), span) for span in sentence.both)
    whole = sum(n for n, _ in counts.values())
    mean = sum(hits for _, hits in counts.values()) / whole
    for phrase_kind, (n, hits) in sorted(counts.items()):
        print(f'    "{phrase_kind}": {(hits + PRIOR * mean) / (n + PRIOR):.2f},  # of {n}')
    print(f"all {mean:.2f} of {whole}; {CURATED}: words of taxonomy/skills.yaml")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("what", choices=("skills", "certainties", "ads"))
    given = parser.parse_args()
    {"skills": skills, "certainties": certainties, "ads": ads}[given.what](given.corpus)


if __name__ == "__main__":
    main()
