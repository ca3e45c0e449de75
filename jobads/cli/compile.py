"""`jobads compile`: what policy makes of audiences, before anybody accepts it."""

import json
from typing import Annotated

import typer

from domain.errors import JobadsError, NotFound
from resources.settings import Settings

app = typer.Typer()


@app.command("compile")
def compile_(
    job_id: Annotated[str, typer.Argument(help="An ad's id; empty compiles every team's.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Compile plans from the stored primitives and show them; accepts and posts nothing."""
    from assets.outside import Outside
    from assets.publishing.teams import draft_team
    from jobads.twin import meta_twin

    settings = Settings.from_env()
    shown = 0
    with meta_twin(settings):
        outside = Outside()
        for team in outside.store.teams():
            try:
                plans, refused = draft_team(team, outside)
            except NotFound as error:
                print(f"{team.name}: {error}")
                continue
            for plan in (p for p in plans if p.job_id.startswith(job_id)):
                shown += 1
                line = f"{plan.job_id} {', '.join(a.arm for a in plan.arms)} {plan.reason}"
                print(json.dumps(plan.as_dict(), ensure_ascii=False) if as_json else line)
            for job, reason in (r for r in refused if r[0].startswith(job_id)):
                print(f"{job} refused: {reason}")
                shown += 1
    if not shown:
        raise JobadsError("nothing to compile", mend="run jobads demo, or materialize segments")
