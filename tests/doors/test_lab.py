"""JupyterLab wants its token, whatever a person's own settings say."""

import json
import shlex
import subprocess

import pytest
import requests

from jobads.up import family
from resources.settings import Settings
from tests.doors.conftest import eventually


@pytest.mark.parametrize(
    "setting",
    [
        {"IdentityProvider": {"token": ""}},
        {"PasswordIdentityProvider": {"token": ""}},
        {"ServerApp": {"token": "", "password": ""}},
    ],
    ids=lambda setting: next(iter(setting)),
)
def test_a_setting_that_switches_tokens_off_does_not(tmp_path, setting):
    """Many switch them off for themselves; the shell behind this port is then everybody's."""
    manager, addresses = family(Settings.from_env({"JOBADS_HOME": str(tmp_path)}))
    lab = manager._processes["jupyter"]["obj"]
    (tmp_path / "jupyter_server_config.json").write_text(json.dumps(setting))
    process = subprocess.Popen(
        shlex.split(lab.cmd),
        env={**lab.env, "JUPYTER_CONFIG_DIR": str(tmp_path)},
        cwd=lab.cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address, _, token = addresses.jupyter.partition("/lab/tree/notebooks?token=")
    page = f"{address}/api/terminals"
    try:
        assert eventually(lambda: requests.get(page, timeout=5).status_code in (200, 403))
        assert requests.get(page, timeout=5).status_code == 403
        known = requests.get(page, headers={"Authorization": f"token {token}"}, timeout=5)
        assert known.status_code == 200
    finally:
        process.terminate()
        process.wait(30)
