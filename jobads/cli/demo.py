"""`jobads demo`: the whole way on the bundled sample, in the sandbox."""

import time
from typing import TYPE_CHECKING

import typer

from domain.errors import InputError
from domain.plain_text import plain
from domain.platform import Mode
from jobads.output import print_table, say
from resources.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from jobads.demo import Done

app = typer.Typer()


@app.command()
def demo() -> None:
    """Run the main job on the bundled sample: no account, nothing beyond this machine."""
    from rich.console import Console

    from assets.progress import progress
    from jobads import demo as job
    from jobads.home import prepare
    from jobads.progress import bars
    from jobads.twins import twins

    settings = Settings.from_env()
    if settings.mode is not Mode.SANDBOX:
        raise InputError("the demo runs in the sandbox only", mend="unset JOBADS_MODE")
    started, console = time.monotonic(), Console(stderr=True)
    prepare(settings)
    with twins(settings) as networks, bars(console) as start:
        token = progress.set(start)
        done = job.run(settings, networks, lambda text: _step(console, text))
        progress.reset(token)
    _show(done, time.monotonic() - started)


def _step(console: "Console", text: str) -> None:
    """Above the bars."""
    from rich.text import Text

    console.print(Text(plain(f"· {text}")))


def _show(done: "Done", seconds: float) -> None:
    from jobads import summary
    from jobads.costs import cost_table

    warehouse, team = done.warehouse, str(done.team.id)
    n = summary.counts(warehouse, team)
    say(
        "",
        f"{done.team.name}, the sample's team: {n['ads']} ads ({done.imported} new), "
        f"{done.encoded} texts encoded, "
        f"{n['segments']} segments; {n['posted']} ads posted ({done.posted} now), {n['arms']} arms",
    )
    fields = summary.differing(warehouse, team)
    say("Arms lawfully differ in: " + (", ".join(fields) or "nothing"))
    print_table(cost_table(summary.by_arm(warehouse, team)))
    say(
        f"{seconds:.0f} s. Next: jobads up (Dagster, notebooks) · jobads ads list --team "
        f"{done.team.name} · jobads explain JOB_ID · jobads reset"
    )
