"""A real browser clicks through each network's login page; it is driven over WebDriver's HTTP."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.connections.conftest import ACCOUNTS, address_in, page_option

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver's name for an element's id

pytestmark = pytest.mark.skipif(
    not (CHROMIUM.exists() and DRIVER.exists()), reason=f"no {CHROMIUM} and {DRIVER} here"
)


class Tab:
    """One page of a browser session."""

    def __init__(self, session: str) -> None:
        self.session = session

    def ask(self, method: str, path: str, **body: Any) -> Any:
        sent = {"json": body} if method == "POST" else {}
        answer = requests.request(method, f"{self.session}/{path}", timeout=60, **sent)
        assert answer.status_code == 200, answer.text
        return answer.json()["value"]

    def shows(self, words: str) -> bool:
        """Whether the page says so, now or once it is loaded: a press does not wait for it."""
        script = "return document.body ? document.body.innerText : ''"
        for _ in range(200):
            if words in str(self.ask("POST", "execute/sync", script=script, args=[])):
                return True
            time.sleep(0.1)
        return False

    def find(self, css: str) -> str:
        found = self.ask("POST", "element", using="css selector", value=css)
        return str(found[ELEMENT])

    def press(self, label: str) -> None:
        self.ask("POST", f"element/{self.find(label)}/click")


@pytest.fixture(scope="module")
def driver() -> Iterator[str]:
    process = subprocess.Popen([str(DRIVER), "--port=0"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    ports = (re.search(r"started successfully on port (\d+)", line) for line in process.stdout)
    yield f"http://127.0.0.1:{next(filter(None, ports))[1]}"
    process.terminate()
    process.wait()


@pytest.fixture
def tab(driver: str, tmp_path: Path) -> Iterator[Tab]:
    """A fresh headless browser with an empty profile."""
    profile = tmp_path / "profile"
    options = {"binary": str(CHROMIUM), "args": [*FLAGS, f"--user-data-dir={profile}"]}
    asked = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
    answer = requests.post(f"{driver}/session", json=asked, timeout=120).json()["value"]
    session = f"{driver}/session/{answer['sessionId']}"
    yield Tab(session)
    requests.delete(session, timeout=60)
    shutil.rmtree(profile, ignore_errors=True)


ALLOW = "button[value=continue], button[value=allow], [name=authorize], [value=authorize]"


def test_a_person_clicks_through_the_login(home, network, tab):
    """The network's page asks, the button leads back to the terminal, the account is connected."""
    process = home.command(
        "connect",
        str(network),
        "--team",
        "Acme",
        "--no-browser",
        "--port",
        "0",
        "--account",
        ACCOUNTS[network],
        *page_option(network),
    )
    tab.ask("POST", "url", url=address_in(process))
    tab.press(ALLOW)
    assert tab.shows("go back to the terminal")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    assert f"connected {network} account {ACCOUNTS[network]}" in out


def test_a_person_says_no(home, network, tab):
    """The page's other button ends the command with nothing stored."""
    process = home.command("connect", str(network), "--team", "Acme", "--no-browser", "--port", "0")
    tab.ask("POST", "url", url=address_in(process))
    tab.press("[value=cancel], [value=deny]")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2 and "declined" in err
