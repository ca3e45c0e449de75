"""`jobads reset`: empty the folder that holds every store."""

from typing import Annotated

import typer

from domain.errors import InputError
from jobads.output import confirm, say
from resources.settings import Settings

app = typer.Typer()


@app.command()
def reset(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Start over: remove every ad, number, key and backup kept under JOBADS_HOME. Refused while
    jobads up serves the home, while campaigns are open on live networks, and when a store lies
    elsewhere."""
    from jobads.reset import empty, present, refuse
    from jobads.up import alone

    settings = Settings.from_env()
    home = settings.home
    if not home.is_dir():
        raise InputError("there is nothing to reset", where=str(home))
    with alone(home):
        refuse(settings)
        if not yes:
            names = ", ".join(path.name for path in present(home))
            confirm(f"Remove {names} under {home}?")
            refuse(settings)
        gone = empty(home)
    say(f"removed {', '.join(path.name for path in gone) or 'nothing'} under {home}")
