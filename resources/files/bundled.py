"""Where the files lie that the workbench reads and does not import: taxonomy/, data/ and others."""

from pathlib import Path

_HERE = Path(__file__).resolve().parents[1]


def root() -> Path:
    """The folder that holds them: in a wheel they lie inside this package, so that no folder of
    theirs stands beside other projects' packages; in a checkout at its root, also when it is
    installed as editable, since nothing is copied into it."""
    packed = _HERE / "_bundled"
    return packed if packed.is_dir() else _HERE.parent


ROOT = root()
