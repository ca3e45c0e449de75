"""`jobads up`: the operator's and the data scientist's screens, on loopback only."""

import sys

import typer
from rich.console import Console

from domain.platform import Mode
from resources.settings import Settings

app = typer.Typer()
SWITCHES = """Nothing posts by itself: in Dagster, Automation, switch on
  default_automation_condition_sensor   looks for changes every five minutes, recomputes
  posting_sensor                        posts the accepted ads that are due
and two schedules: daily_pull for each morning's numbers, hourly_watch for the networks'
reviews and for campaigns whose end moves on."""
SECRETS = """Paste the first two addresses into the browser's address bar. Each holds a secret of
this start: whoever has it acts as you."""


@app.command()
def up() -> None:
    """Serve Dagster, JupyterLab and the sandbox networks until ctrl-c."""
    from jobads.home import prepare
    from jobads.up import alone, family

    settings = Settings.from_env()
    prepare(settings)
    with alone(settings.home):
        manager, addresses = family(settings)
        networks = "".join(f"{name:26} {where}\n" for name, where in addresses.networks.items())
        if settings.mode is Mode.LIVE:
            networks = "LIVE: the networks themselves answer, and real money is spent.\n"
        Console().print(
            f"{'Dagster':26} {addresses.dagster}\n"
            f"{'JupyterLab':26} {addresses.jupyter}\n"
            f"{networks}\n"
            f"{SWITCHES}\n{SECRETS}\nctrl-c ends them all.",
            soft_wrap=True,
            markup=False,
        )
        manager.loop()
    sys.exit(0 if manager.returncode in (0, 130, None) else manager.returncode)
