from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_on_the_demo(name, home, monkeypatch):
    """Every cell runs against a home that the demo has filled, and the last prints an answer."""
    monkeypatch.setenv("JOBADS_HOME", str(home.path))
    notebook = jupytext.read(NOTEBOOKS / f"{name}.py")
    NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": NOTEBOOKS.parent}},
    ).execute()
    assert notebook.cells[-1].outputs


@pytest.mark.parametrize("name", NAMES)
def test_both_halves_of_a_pair_say_the_same(name):
    """The executed notebook holds the reviewed script's cells, and pictures or numbers of a run."""
    script = jupytext.read(NOTEBOOKS / f"{name}.py")
    shown = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    assert [c.source for c in shown.cells] == [c.source for c in script.cells]
    assert any(c.get("outputs") for c in shown.cells)
