"""`jobads keys`: the keys that seal tokens and personal texts."""

from typing import Annotated

import typer

from jobads.output import confirm, say, table

app = typer.Typer(name="keys", help="Keys that seal tokens and résumés.", no_args_is_help=True)


@app.callback()
def keys() -> None:
    """Keys that seal tokens and résumés."""


@app.command(name="list")
def list_() -> None:
    """Versions of the ring, the current one first, and how many values each has sealed."""
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    store = OperationsStore.open(Settings.from_env())
    counts = store.keys.sealed_by()
    rows = [
        (key.version, "seals" if i == 0 else "opens", counts.pop(key.version, 0))
        for i, key in enumerate(store.keys.vault.ring.entries())
    ]
    rows += [(version, "MISSING", count) for version, count in counts.items()]
    table(("version", "", "sealed values"), rows, whole=("version",))


@app.command()
def rotate() -> None:
    """Put a new key in front and reseal everything with it, while the workbench runs. With
    JOBADS_KEYS, put the new key in front there first; this then reseals."""
    from domain.errors import SetupError
    from resources.operations.store import OperationsStore
    from resources.security.keys import ENVIRONMENT
    from resources.settings import Settings

    store = OperationsStore.open(Settings.from_env())
    if store.keys.vault.ring.where != ENVIRONMENT:
        store.keys.rotate()
    done, closed = store.keys.reseal()
    current, *old = (key.version for key in store.keys.vault.ring.entries())
    say(f"{done} values resealed with {current}")
    if closed:
        raise SetupError(
            f"{closed} values are damaged and open with no key; they were left as they are",
            where=store.keys.vault.ring.where,
            mend="connect the account, or import the résumé, again",
        )
    if old:
        say(
            f"no longer needed here: {', '.join(old)} (jobads keys forget VERSION); "
            "backups of the store still need them"
        )


@app.command()
def new(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Make a first key where the ring is lost for good; refused while anything is sealed."""
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    store = OperationsStore.open(Settings.from_env())
    if not yes:
        confirm("Persons erased so far will not be known again. Go on?")
    store.keys.create()
    say(f"made {store.keys.vault.ring.current().version}")


@app.command()
def forget(version: Annotated[str, typer.Argument(help="A version that seals nothing.")]) -> None:
    """Remove an old key from the ring; refused while anything is sealed with it."""
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    OperationsStore.open(Settings.from_env()).keys.forget(version)
    say(f"forgot {version}")
