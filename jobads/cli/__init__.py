"""The command line: `jobads --help` lists what each command does."""

import importlib
import os
import sys

import typer

from domain.errors import JobadsError

app = typer.Typer(
    name="jobads",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Turn job advertisements into lawful, measured campaigns. "
    "Exit codes: 0 done, 2 bad input, 3 not found, 4 illegal move, 5 refused by policy, "
    "6 setup, 7 network. Set JOBADS_TRACEBACK=1 for the traceback of an error.",
)

# Command groups live one to a module; a command's module is imported only to register it.
_GROUPS = {"teams": "jobads.cli.teams", "ads": "jobads.cli.ads"}
_COMMANDS = ("imports", "segment", "demo", "up", "home", "doctor")


def _register() -> None:
    for name, module in _GROUPS.items():
        app.add_typer(importlib.import_module(module).app, name=name)
    for name in _COMMANDS:
        app.add_typer(importlib.import_module(f"jobads.cli.{name}").app)


def main() -> None:
    """Run the command line; a jobads error becomes one line and its documented exit code."""
    _register()
    try:
        app()
    except JobadsError as error:
        if os.environ.get("JOBADS_TRACEBACK"):
            raise
        print(f"jobads: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
