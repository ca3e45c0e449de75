"""Whether any file of a home still holds a trace of the person."""

from pathlib import Path

import numpy as np

from tests.connections.searching import everything
from tests.persons.conftest import Home, traces


def left(home: Home, vector: np.ndarray) -> list[str]:
    """`what in where` for every trace that any file of the home still holds, unpacked or not."""
    return leaks(home.path, traces(home.path, vector))


def leaks(path: Path, wanted: dict[str, bytes]) -> list[str]:
    return [
        f"{what} in {where}"
        for where, content in everything(path)
        for what, form in wanted.items()
        if form in content
    ]
