"""`jobads taxonomy`: whether the tables are sound, and what they find in a file of ads."""

from pathlib import Path
from typing import Annotated

import typer

from domain.errors import InputError
from jobads.output import say, table

app = typer.Typer(name="taxonomy", help="The vocabulary that ads are read with.")


@app.command()
def check() -> None:
    """Read every table: a wrong entry is told by file and line (exit 6)."""
    from assets.segmentation.reference.taxonomy_files import load_taxonomy

    taxonomy = load_taxonomy()
    for what, n in (
        ("industries", len(taxonomy.industries)),
        ("levels", len(taxonomy.seniority_levels)),
        ("modes of work", len(taxonomy.work_modes)),
        ("languages", len(taxonomy.languages.labels)),
        ("words that no keyword may hold", len(taxonomy.proxy_terms)),
        ("skills", len(taxonomy.skills.ids)),
        ("phrases of skills", len(taxonomy.skills.phrase_kind)),
        ("titles of occupations", len(taxonomy.occupations.whole)),
        ("places", len(taxonomy.gazetteer)),
    ):
        say(f"{n:>7,} {what}")


@app.command()
def coverage(
    file: Annotated[Path, typer.Argument(help="Ads: CSV, JSON, JSON Lines or Parquet.")],
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="ours=column of the file; repeatable.")
    ] = None,
) -> None:
    """Say which share of the ads gets each kind of primitive, and the languages they are in."""
    import time
    from collections import Counter

    from assets.segmentation.primitives.coverage import coverage as covered
    from assets.segmentation.primitives.extraction import extract
    from assets.segmentation.reference.taxonomy_files import load_taxonomy
    from jobads.cli.imports import parse_mapping
    from jobads.segment import read_jobs

    jobs, faults = read_jobs(file, parse_mapping(map_ or []))
    if not jobs:
        raise InputError("no usable row", where=str(file), mend=str(faults[0]) if faults else "")
    taxonomy, spoken, found = load_taxonomy(), Counter[str](), []
    start = time.perf_counter()
    for job in jobs:
        language = taxonomy.languages.detect(f"{job.title}\n{job.description}")
        spoken[language or "not told"] += 1
        found.append(extract(job.title, job.description, job.location, taxonomy, language))
    took = time.perf_counter() - start
    columns = ("primitive", "ads that have one", "number", "certainty of the best, median")
    rows = [
        (r.kind, f"{r.share:.1%}", f"{r.mean_count:.1f}", f"{r.certainty:.2f}")
        for r in covered(found)
    ]
    table(columns, rows, right=columns[1:], title=f"{len(jobs):,} ads read in {took:.1f} s")
    say("languages: " + ", ".join(f"{name} {n}" for name, n in spoken.most_common()))
    if faults:
        say(f"{len(faults)} rows left out, the first: {faults[0]}")
        raise typer.Exit(2)
