"""Real twins, a home with a team, and a browser made of `requests`."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from domain.platform import Network
from resources.operations.store import OperationsStore
from resources.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
WORLDS = {Network.META: "default", Network.X: "x", Network.GOOGLE: "google"}
ACCOUNTS = {Network.META: "act_1000000002", Network.X: "x1usd", Network.GOOGLE: "7000000001"}
PAGES = {Network.META: "2000000001", Network.X: "3000000001", Network.GOOGLE: ""}


@dataclass(frozen=True)
class Twin:
    network: Network
    addresses: tuple[str, ...]

    def admin(self, path: str, body: dict[str, object]) -> requests.Response:
        return requests.post(f"{self.addresses[-1]}/_twin/{path}", json=body, timeout=20)


def start(network: Network, state: Path) -> "subprocess.Popen[str]":
    http = ["--http-port", "0"] if network is Network.GOOGLE else []
    world = ROOT / "data" / "worlds" / f"{WORLDS[network]}.json"
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            f"sandbox.{network}",
            "--port",
            "0",
            *http,
            "--state",
            str(state),
            "--world",
            str(world),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="session")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Network, Twin]]:
    """One twin of each network for all tests here."""
    state = tmp_path_factory.mktemp("twins")
    running = {network: start(network, state) for network in Network}
    said = {n: p.stdout.readline().split() if p.stdout else [] for n, p in running.items()}
    yield {n: Twin(n, tuple(words)) for n, words in said.items() if words}
    for process in running.values():
        process.kill()
        process.wait()


@dataclass(frozen=True)
class Home:
    path: Path
    twins: dict[Network, Twin] = field(repr=False)

    @property
    def settings(self) -> Settings:
        return Settings.from_env({"JOBADS_HOME": str(self.path)})

    def open(self) -> OperationsStore:
        return OperationsStore.open(self.settings)

    def command(self, *arguments: str, **env: str) -> "subprocess.Popen[str]":
        return self._start([str(Path(sys.executable).parent / "jobads"), *arguments], env)

    def python(self, code: str, *arguments: str, **env: str) -> "subprocess.Popen[str]":
        return self._start([sys.executable, "-W", "ignore", "-c", code, *arguments], env)

    def _start(self, command: list[str], env: dict[str, str]) -> "subprocess.Popen[str]":
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command,
            cwd=ROOT,
            text=True,
            env={**self._environment(), **env},
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
        )

    def _environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("JOBADS_", "DAGSTER_"))}
        return {**clean, "JOBADS_HOME": str(self.path), "COLUMNS": "200"}

    @contextmanager
    def environment(self) -> Iterator[None]:
        """This process's own, for what is started from inside it."""
        before = dict(os.environ)
        os.environ.clear()
        os.environ.update(self._environment())
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def jobads(self, *arguments: str, say: str = "", code: int = 0, **env: str) -> str:
        process = self.command(*arguments, **env)
        out, err = process.communicate(say, timeout=120)
        assert process.returncode == code, out + err
        return out + err


@pytest.fixture
def home(tmp_path: Path, twins: dict[Network, Twin]) -> Home:
    return settle(tmp_path / "home", twins)


@pytest.fixture(scope="module")
def module_home(tmp_path_factory: pytest.TempPathFactory, twins: dict[Network, Twin]) -> Home:
    return settle(tmp_path_factory.mktemp("shared") / "home", twins)


def settle(path: Path, twins: dict[Network, Twin]) -> Home:
    """A migrated home of one team, Acme, which the twins serve."""
    made = Home(path, twins)
    for network, twin in twins.items():
        place = made.path / "twin" / f"{network}.address"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(" ".join(twin.addresses))
    store = made.open()
    store.schema.migrate()
    store.teams.add("Acme", "acme.example", "USD", "Acme", "Acme")
    store.close()
    return made


@pytest.fixture(params=list(Network), ids=str)
def network(request: pytest.FixtureRequest, twins: dict[Network, Twin]) -> Network:
    if request.param not in twins:
        pytest.skip(f"the {request.param} twin did not start")
    return request.param


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action, self.fields, self.buttons = "", {}, {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.action = given.get("action") or ""
        elif tag == "input" and given.get("type") != "submit":
            self.fields[given.get("name") or ""] = given.get("value") or ""
        elif tag in ("button", "input") and given.get("name"):
            self.buttons[given.get("value") or ""] = given.get("name") or ""


def browse(address: str, *, allow: bool = True) -> requests.Response:
    """Open a login page, press the button that allows (or not), and stop before the callback."""
    with requests.Session() as tab:
        page = tab.get(address, timeout=20)
        assert page.status_code == 200, page.text
        form = _Form()
        form.feed(page.text)
        word = r"continue|allow|authorize" if allow else r"cancel|deny"
        value = next(v for v in form.buttons if re.fullmatch(word, v))
        data = {**form.fields, form.buttons[value]: value}
        return tab.post(
            urljoin(page.url, form.action), data=data, timeout=20, allow_redirects=False
        )


def clicked(address: str, *, allow: bool = True) -> str:
    """Answers the address that the browser is sent back to, or X's PIN."""
    answer = browse(address, allow=allow)
    pin = re.search(r"\b\d{7}\b", answer.text)
    return answer.headers.get("location") or (pin[0] if pin else "")


@pytest.fixture
def click() -> Callable[..., str]:
    return clicked


def connected(home: Home, network: Network) -> OperationsStore:
    """Connects Acme's account as a person would."""
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
    back = clicked(address_in(process))
    assert requests.get(back, timeout=20).status_code == 200
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    return home.open()


@pytest.fixture
def granted(home: Home) -> Callable[[Network], OperationsStore]:
    return partial(connected, home)


@pytest.fixture(scope="module")
def module_granted(module_home: Home) -> Callable[[Network], OperationsStore]:
    return partial(connected, module_home)


def page_option(network: Network) -> tuple[str, ...]:
    return ("--page", PAGES[network]) if PAGES[network] else ()


def address_in(process: "subprocess.Popen[str]") -> str:
    """The address that the command prints; empty when it ends without one."""
    assert process.stdout is not None
    return next((line.strip() for line in process.stdout if line.startswith("http")), "")
