"""`jobads upgrade`: bring the stores of an older version to this one."""

from datetime import UTC, datetime
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def upgrade(
    backed_up: Annotated[
        bool, typer.Option("--backed-up", help="What lies on a server was backed up by somebody.")
    ] = False,
) -> None:
    """Make a backup, say where, and upgrade database and lake. End everything else that has them
    open first. A killed one is finished by running it again."""
    from domain.errors import InputError
    from jobads.output import say
    from jobads.up import alone
    from jobads.upgrade import upgrade as run
    from resources.settings import Settings

    settings = Settings.from_env()
    if not settings.home.is_dir():
        raise InputError("there is nothing to upgrade", where=str(settings.home))
    with alone(settings.home):
        for line in run(settings, datetime.now(UTC), backed_up=backed_up):
            say(line)
