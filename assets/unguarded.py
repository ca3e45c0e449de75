"""The loud word of a code server whose Dagster was not started by `jobads up`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

GUARDED = "JOBADS_DAGSTER_GUARDED"
"""Set by `jobads up` for all that runs behind its guard."""
PLAIN = Path(".jobads") / "dagster"
"""Where the dagster.yaml of this repository keeps what plain Dagster remembers."""


def warning(argv: Sequence[str], env: Mapping[str, str], home: Path, here: Path) -> str:
    """What to tell who started Dagster; empty behind the guard, and in all but code servers.

    Args:
        home: JOBADS_HOME, whose stores the assets use.
        here: the folder that Dagster runs in.
    """
    if env.get(GUARDED) or list(argv[1:3]) != ["api", "grpc"]:
        return ""
    lines = [
        "WARNING: this Dagster's port is UNGUARDED. Any web page that a browser of this machine",
        "shows, and any user of this machine, can switch sensors on and post ads through it.",
        "`jobads up` serves the same pages behind a guard.",
        f"Stores: {home}. Dagster's history: {_history(env, here)}.",
    ]
    if _history(env, here) != str(home / "dagster"):
        lines.append(
            f"That is NOT the history of jobads up: export DAGSTER_HOME={home / 'dagster'}"
        )
    rule = "!" * 92
    return "\n".join([rule, *(f"!!! {line}" for line in lines), rule])


def _history(env: Mapping[str, str], here: Path) -> str:
    """Dagster's own choice: its home, else dagster.yaml of the folder, else a temporary folder."""
    if env.get("DAGSTER_HOME"):
        return str(Path(env["DAGSTER_HOME"]).resolve())
    return (
        str((here / PLAIN).resolve()) if (here / "dagster.yaml").exists() else "a temporary folder"
    )
