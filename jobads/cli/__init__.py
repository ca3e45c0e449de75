"""The command line: `jobads --help` lists what each command does.

Every module of this package holds one command, or one named group, in `app`; each imports what is
heavy inside its functions, so that help and errors are quick.
"""

import errno
import importlib.metadata
import os
import pkgutil
import sys
from typing import Annotated

import typer

from domain.errors import JobadsError, SetupError
from jobads.output import replace_unknown_letters, say, say_traceback

app = typer.Typer(
    name="jobads",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Turn job advertisements into lawful, measured campaigns. "
    "Exit codes: 0 done, 2 bad input, 3 not found, 4 illegal move, 5 refused by policy, "
    "6 setup, 7 network. Set JOBADS_TRACEBACK=1 for the traceback of an error.",
)


def _say_version(wanted: bool) -> None:
    if wanted:
        say(importlib.metadata.version("jobads"))
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Say which version this is.", is_eager=True, callback=_say_version
        ),
    ] = False,
) -> None:
    """What stands before any command."""


def _register() -> None:
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        commands = importlib.import_module(f"{__name__}.{module.name}").app
        app.add_typer(commands, name=commands.info.name)


FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
"""The disk is full, or does not let us write."""


def _of_the_disk(error: OSError) -> SetupError:
    return SetupError(
        f"{error.strerror}: {error.filename or 'while writing'}",
        mend="make room, or let this user write there, and run the command again",
    )


def main() -> None:
    """Run the command line; a jobads error becomes one line and its documented exit code."""
    os.umask(0o077)  # what a command or a process that it starts writes is its owner's alone
    replace_unknown_letters()
    _register()
    try:
        app()
    except JobadsError as error:
        if os.environ.get("JOBADS_TRACEBACK"):
            say_traceback(error)
        say(f"jobads: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno not in FULL:
            say_traceback(error)
            sys.exit(1)
        say(f"jobads: {_of_the_disk(error)}", err=True)
        sys.exit(SetupError.exit_code)
    except Exception as error:  # a fault of ours: all of it, and nothing that steers the terminal
        say_traceback(error)
        sys.exit(1)
