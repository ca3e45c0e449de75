"""`jobads reset`: empty the folder that holds every store."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import InputError
from jobads.output import confirm, say
from resources.settings import OURS, Settings

app = typer.Typer()


def empty(home: Path) -> list[Path]:
    """Remove the workbench's own entries under `home`; answers what was removed."""
    gone = []
    for name in OURS:
        path = home / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.exists() or path.is_symlink():
            path.unlink()
        else:
            continue
        gone.append(path)
    return gone


@app.command()
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Start over: remove every ad, number and campaign kept under JOBADS_HOME."""
    home = Settings.from_env().home
    if not home.is_dir():
        raise InputError("there is nothing to reset", where=str(home))
    if not yes:
        confirm(f"Remove every store under {home}?")
    gone = empty(home)
    say(f"removed {', '.join(path.name for path in gone) or 'nothing'} under {home}")
