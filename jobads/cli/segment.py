"""`jobads segment`: audiences for any file of job texts."""

from pathlib import Path
from typing import Annotated

import typer

from domain.errors import InputError
from jobads.output import say
from resources.settings import Settings

app = typer.Typer()
REASONS = 5
"""Why ads are broad: so many lines, the commonest first."""


@app.command()
def segment(
    jobs: Annotated[Path, typer.Option(help="Ads: CSV, TSV, JSON, JSON Lines or Parquet.")],
    out: Annotated[Path, typer.Option(help="Folder for audiences.jsonl and segments.json.")],
    resumes: Annotated[Path | None, typer.Option(help="Résumés: resume_key and text.")] = None,
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="ours=column of the ads' file; repeatable.")
    ] = None,
    map_resumes: Annotated[
        list[str] | None, typer.Option(help="ours=column of the résumés' file; repeatable.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help="YAML of segmentation settings; else JOBADS_SEGMENTATION's, as the graph."
        ),
    ] = None,
) -> None:
    """Turn a file of job texts into audiences; needs no database. Columns: job_key, title,
    description, optional location and team_id. Exit 2 if a row was left out."""
    from assets.segmentation.config_file import load_numbers
    from jobads import segment as run
    from jobads.cli.imports import parse_mapping
    from jobads.progress import bars

    numbers = load_numbers(config or Settings.from_env().segmentation)
    texts, faults = run.read_jobs(jobs, parse_mapping(map_ or []))
    people, more = (
        run.read_resumes(resumes, parse_mapping(map_resumes or [])) if resumes else ({}, [])
    )
    if not texts:
        raise InputError("no usable row", where=str(jobs), mend=str(faults[0]) if faults else "")
    run.make_folder(out)
    with bars() as progress:
        report = run.segment(texts, people, numbers, _tools(progress, numbers), [*faults, *more])
    run.write(report, out)
    for fault in report.faults[:20]:
        say(f"left out: {fault}", err=True)
    if len(report.faults) > 20:
        say(f"left out: {len(report.faults) - 20} more rows", err=True)
    counts = report.templates
    say(
        f"{len(report.audiences)} ads: {counts['segment']} with a segment, "
        f"{counts['broad']} broad; {report.encoded} new texts encoded"
    )
    for reason, many in report.reasons.most_common(REASONS):
        say(f"  broad, {many}: {reason}")
    if len(report.reasons) > REASONS:
        say(f"  and for {len(report.reasons) - REASONS} more reasons, in audiences.jsonl")
    say(f"{out / 'audiences.jsonl'}, {out / 'segments.json'}")
    if report.faults:
        raise typer.Exit(2)


def _tools(progress, config):  # type: ignore[no-untyped-def]
    from assets.segmentation.reference.labeller import labeller
    from assets.segmentation.reference.occupation_labeller import head_for
    from assets.segmentation.reference.reference_model import reference_for
    from assets.segmentation.reference.taxonomy_files import load_taxonomy
    from jobads.segment import Tools
    from resources.encoders.minilm_encoder import VectorCache
    from resources.encoders.named_encoder import encoder_of

    encoder, taxonomy = encoder_of(config.encoder), load_taxonomy()
    cache = Settings.from_env().home / "cache"
    return Tools(
        encoder,
        VectorCache(cache / "vectors.db", encoder.model_id),
        taxonomy,
        labeller(list(taxonomy.industries.values()), encoder, cache),
        head_for(encoder.model_id),
        reference_for(config.encoder),
        progress,
    )
