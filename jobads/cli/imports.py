"""`jobads import`: job ads, or résumés, from a file of the team's own."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import InputError
from jobads.output import say, table

if TYPE_CHECKING:
    from resources.files.faults import Rows

app = typer.Typer()

SHOWN = 20


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, JSON, JSON Lines or Parquet.")],
    team: Annotated[str, typer.Option(help="The team's name or id.")],
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="field=column, such as title=job_title.")
    ] = None,
    resumes: Annotated[
        bool, typer.Option("--resumes", help="The file holds résumés: resume_key and text.")
    ] = False,
) -> None:
    """Store a file's job ads as drafts. Bad rows are listed and the good ones kept (exit 2).

    Required columns: title, description_short, target_url, platforms,
    budget_daily, schedule_start, location. Optional: job_key, description_long,
    creative_asset_url, currency, schedule_end.
    """
    from resources.files.job_ads import read_job_ads
    from resources.files.resumes import read_resumes
    from resources.operations.database import utc_now
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    mapping = parse_mapping(map_ or [])
    store = OperationsStore.open(Settings.from_env())
    owner = store.teams.get(team)
    rows: Rows[object]
    if resumes:
        texts = rows = read_resumes(file, mapping=mapping)
        saved = store.resumes.save(owner.id, texts.good)
    else:
        user = store.teams.system_user(owner.id)
        ads = rows = read_job_ads(file, owner, user_id=user, now=utc_now(), mapping=mapping)
        saved = store.ads.save_drafts(owner.id, ads.good)
    say(
        f"{file.name}: {saved.new} new, {saved.changed} changed, {saved.unchanged} unchanged, "
        f"{len({fault.line for fault in rows.faults})} refused"
    )
    for job_id in saved.kept:
        say(f"left alone: ad {job_id} differs but is past draft; edit it instead")
    _report(rows)
    if saved.new and not resumes:
        say(
            "Next: jobads up, and in Dagster's Automation switch "
            "default_automation_condition_sensor on, which reads them; then jobads plans list"
        )
    if rows.faults:
        raise typer.Exit(InputError.exit_code)


def parse_mapping(pairs: list[str]) -> dict[str, str]:
    """["title=job_title"] to {"title": "job_title"}."""
    mapping: dict[str, str] = {}
    for pair in pairs:
        field, sign, column = pair.partition("=")
        if not (sign and field.strip() and column.strip()):
            raise InputError(f"{pair!r} is no mapping", where="--map", mend="write field=column")
        mapping[field.strip()] = column.strip()
    return mapping


def _report(rows: "Rows[object]") -> None:
    """Faults line by line; warnings once for each rule, with how many lines they concern."""
    told = [("refused", str(f.line), f.field, f.rule) for f in rows.faults[:SHOWN]]
    if len(rows.faults) > SHOWN:
        told.append(("refused", "", "", f"and {len(rows.faults) - SHOWN} more"))
    counts = Counter((warning.field, warning.rule) for warning in rows.warnings)
    for (field, rule), count in counts.most_common(SHOWN):
        told.append(("warning", f"{count} lines" if count > 1 else "1 line", field, rule))
    if told:
        table(("", "line", "field", "rule"), told)
