"""`jobads forget`: erase one person everywhere."""

import typer

from jobads.cli.subject import forget

app = typer.Typer()
app.command(name="forget")(forget)
