"""`jobads compile`: what policy makes of audiences, before anybody accepts it."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import InputError, NotFound
from domain.platform import Network
from jobads.output import say, say_json
from resources.settings import Settings

app = typer.Typer()


@app.command("compile")
def compile_(
    job_id: Annotated[str, typer.Argument(help="An ad's id; empty compiles every team's.")] = "",
    network: Annotated[
        Network | None,
        typer.Option(
            help='Compile JSON lines {"job": …, "primitives": …} from standard input for this '
            "network instead: no database, no network."
        ),
    ] = None,
    country: Annotated[str, typer.Option(help="With --network: countries, such as DE,FR.")] = "US",
    on: Annotated[str, typer.Option(help="With --network: the day, as 2026-11-24.")] = "",
    interests: Annotated[
        Path | None,
        typer.Option(help="With --network meta: the account's list of interests for job ads."),
    ] = None,
    account: Annotated[str, typer.Option(help="With --network: the account's id.")] = "",
    timezone: Annotated[str, typer.Option(help="With --network: the account's zone.")] = "UTC",
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Compile plans from the stored primitives, or payloads with proof from standard input; accepts
    and posts nothing."""
    if network is None:
        _stored(job_id, as_json)
        return
    from assets.publishing.policy.files import load_policy
    from jobads import offline

    allowed = None
    if interests is not None:
        try:
            allowed = offline.interests(interests.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot be read: {error}", where=str(interests)) from None
    run = offline.Offline(
        network, _countries(country), _day(on), load_policy(), allowed, account, _zone(timezone)
    )
    for line in sys.stdin:
        if line.strip():
            say_json(run.line(line))


def _countries(text: str) -> tuple[str, ...]:
    codes = tuple(c.strip().upper() for c in text.split(",") if c.strip())
    if not codes or any(len(c) != 2 or not c.isalpha() for c in codes):
        raise InputError(
            f"{text!r} names no countries", where="--country", mend="write DE or DE,FR"
        )
    return codes


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else datetime.now(UTC).date()
    except ValueError:
        raise InputError(f"{text!r} is no day", where="--on", mend="write 2026-11-24") from None


def _zone(text: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        return str(ZoneInfo(text))
    except (ValueError, OSError):
        raise InputError(
            f"{text!r} is no zone", where="--timezone", mend="write Europe/Berlin"
        ) from None


def _stored(job_id: str, as_json: bool) -> None:
    from assets.isolation import Isolation
    from assets.outside import Outside
    from assets.publishing.planning.planner import compile_team
    from jobads.twins import twins

    settings = Settings.from_env()
    shown = 0
    with twins(settings):
        outside = Outside.from_env()
        for team in outside.store.teams.all():
            if not outside.store.connections.of_team(team.id):
                say(
                    f"{team.name}: the team has no account on any network - connect one: "
                    f"jobads connect meta|x|google --team {team.name!r}"
                )
                continue
            with Isolation(outside.store, "planning", outside.settings) as guard:
                found = compile_team(team, outside, guard, job_id)
            say(*guard.failures)
            for made in found:
                shown += 1
                plan, network = made.plan, made.task.venue.network
                if plan is None:
                    say(f"{made.task.job_id} refused: {network}: {made.reason}")
                elif as_json:
                    say_json(plan.as_dict())
                else:
                    arms = ", ".join(arm.arm for arm in plan.arms)
                    say(f"{plan.job_id} {network} {arms} {plan.reason}")
    if not shown:
        what = f"nothing to compile for {job_id!r}" if job_id else "nothing to compile"
        raise NotFound(what, mend="see jobads ads list; jobads up reads what was imported")
