"""Which home a notebook opens, and who may serve one."""

import pytest
from jupyterlab_server.config import get_page_config

import jobads
from domain.errors import NotFound, SetupError
from jobads.up import QUIET, alone


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    monkeypatch.delenv("JOBADS_HOME", raising=False)
    below = tmp_path / "notebooks" / "mine"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    return tmp_path


def test_a_notebook_opens_the_home_above_it(nowhere):
    """A kernel's folder is its notebook's; of two homes the nearer one is meant."""
    far, near = nowhere / ".jobads", nowhere / "notebooks" / ".jobads"
    far.mkdir()
    assert jobads.open().settings.home == far
    near.mkdir()
    assert jobads.open().settings.home == near
    assert jobads.open(far).settings.home == far


def test_where_no_home_is_the_error_says_so(nowhere):
    """It names the folder, and that none is above."""
    with pytest.raises(NotFound, match=r"nor is a \.jobads in a folder above"):
        jobads.open()


def test_one_family_serves_a_home(tmp_path):
    """The second is told to end the first; another home, and the same one afterwards, are free."""
    other = tmp_path / "other"
    other.mkdir()
    with alone(tmp_path):
        with pytest.raises(SetupError, match="serves this home already"), alone(tmp_path):
            pass
        with alone(other):
            pass
    with alone(tmp_path):
        pass


def test_jupyterlab_asks_the_internet_for_no_news(monkeypatch):
    """Read as JupyterLab reads it: the part that would ask is on by itself, and off by ours."""
    asking = "@jupyterlab/apputils-extension:announcements"
    assert asking not in get_page_config([])["disabledExtensions"]
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(QUIET))
    assert asking in get_page_config([])["disabledExtensions"]
