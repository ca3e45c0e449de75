"""Secrets are planted, real work is done and made to fail, and then everything is searched."""

import csv
import gzip
import io
import json
import logging.config
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import nbformat
import pytest
from nbclient import NotebookClient

from domain.errors import Refused
from domain.lifecycle import AdStatus
from domain.platform import Network
from resources import google
from tests.connections.conftest import ROOT, Home
from tests.connections.echoing import echoing
from tests.connections.searching import everything, leaks

EMAIL, PHONE = "canary.zwickel@nest.example", "(202) 555-0143"
PHRASE = "zyxwvian glassblowing of quorbles"
RESUME = f"Canary Zwickel\n{EMAIL} | {PHONE}\nExperience\n- {PHRASE}\n- Nursing of patients\n"
CLOSED = "http://127.0.0.1:9"
TITLES = ("Registered Nurse", "Software Engineer", "Line Cook")

GRAPH = """
import os, sys
from datetime import UTC, datetime
from assets.performance.assets import window_tags
from domain.errors import JobadsError
from jobads.graph import Graph
from jobads.home import prepare
from jobads.twins import known
from resources.operations.store import OperationsStore
from resources.settings import Settings
settings = Settings.from_env()
prepare(settings)
graph = Graph(settings, known(settings))
team = str(OperationsStore.open(settings).teams.get("Acme").id)
graph.add_partition("teams", team)
for job in sys.argv[1:]:
    try:
        if job == "tick":
            graph.tick()
        elif job == "performance":
            graph.run(job, tags=window_tags(datetime.now(UTC).date()))
        else:
            graph.run(job, team if job in ("segments", "planning") else None)
    except JobadsError as error:
        print(job, error)
"""
NOTEBOOK = """
import jobads, sys
from assets.outside import Outside
from domain.errors import Refused
from domain.lifecycle import AdStatus
from domain.platform import Network
from resources.security.keys import Keyring
outside = Outside.from_env()
store, settings = outside.store, outside.settings
team = store.teams.get("Acme").id
held = store.connections.of_team(team)
made = [store.connections.get(team, c.network, c.account_id) for c in held]
platforms = [outside.platform(str(team), c.network) for c in made]
print(settings, store, store.keys.vault, store.keys.vault.ring.entries(), outside, made, platforms)
for p in platforms:
    print(p, repr(p))
made, settings, store.audit.entries(team), held, {p.network: p for p in platforms}
"""


pytestmark = pytest.mark.timeout(900)  # models are loaded, and three networks posted to


@dataclass
class Worked:
    """A home after work, what it said, and what must be nowhere."""

    home: Home
    said: dict[str, str]
    secrets: dict[str, str]

    def do(self, *arguments: str, code: int | None = 0, say: str = "", **env: str) -> str:
        process = self.home.command(*arguments, **env)
        out, err = process.communicate(say, timeout=200)
        self.said[f"{len(self.said)} {' '.join(arguments)}"] = out + err
        assert code is None or process.returncode == code, out + err
        return out + err

    def graph(self, *jobs: str, **env: str) -> str:
        process = self.home.python(GRAPH, *jobs, **env)
        out, err = process.communicate(timeout=250)
        self.said[f"{len(self.said)} graph {' '.join(jobs)}"] = out + err
        return out + err


def write_files(folder: Path) -> tuple[Path, Path]:
    """Three ads and a résumé."""
    ads, resumes = folder / "ads.csv", folder / "resumes.jsonl"
    fields = (
        "title",
        "description_short",
        "description_long",
        "target_url",
        "platforms",
        "budget_daily",
        "currency",
        "schedule_start",
        "location",
    )
    with ads.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(fields)
        for title in TITLES:
            rows.writerow(
                [
                    title,
                    f"{title} wanted.",
                    f"{title}. Work with skill and care. " * 4,
                    "https://jobs.acme.example/1",
                    "meta,google,x",
                    "15.00",
                    "USD",
                    "2026-01-01T00:00:00Z",
                    "Chicago, Illinois",
                ]
            )
    resumes.write_text(json.dumps({"resume_key": "canary", "text": RESUME}) + "\n")
    return ads, resumes


@pytest.fixture(scope="module")
def worked(twins, tmp_path_factory, module_granted, module_home) -> Iterator[Worked]:
    """Connected, imported, segmented, posted, pulled; then all of it against networks that echo,
    and against a port that nobody listens at."""
    home = module_home
    work = Worked(home, {}, {"e-mail": EMAIL, "phone": PHONE, "words of the résumé": PHRASE})
    for network in home.twins:
        store = module_granted(network)
        held = store.connections.get(store.teams.get("Acme").id, network)
        parts = [*held.token.split(":"), held.refresh_token]
        work.secrets |= {f"{network} token {i}": p for i, p in enumerate(parts) if p}
    old = store.keys.vault.ring.current()
    ads, resumes = write_files(tmp_path_factory.mktemp("files"))
    work.do("import", str(ads), "--team", "Acme")
    work.do("import", str(resumes), "--team", "Acme", "--resumes")
    work.do("basis", "set", "--team", "Acme", "--purpose", "consent of who applied")
    work.do("keys", "rotate")
    work.secrets |= {f"{n} app secret": app.secret for n, app in home.settings.apps.items()}
    work.secrets |= {
        f"key {k.version}": str(k).split(":")[1] for k in store.keys.vault.ring.entries()
    }
    assert old.version in {k.version for k in store.keys.vault.ring.entries()}
    work.graph("texts", "segments", "planning")
    work.do("plans", "accept", "--team", "Acme", "--all")
    work.do("ads", "schedule", "--team", "Acme", "--drafts")
    work.graph("listing", "tick")
    work.graph("performance")
    change_one(work)
    with echoing() as settings:
        fail(work, settings)
        work.graph("listing", "tick", "performance", **settings)
    names = ("JOBADS_META_URL", "JOBADS_X_URL", "JOBADS_GOOGLE_OAUTH_URL")
    closed = {**dict.fromkeys(names, CLOSED), "JOBADS_GOOGLE_ADDR": CLOSED.split("/")[-1]}
    work.do("connections", "check", code=7, JOBADS_TRACEBACK="1", **closed)
    work.graph("performance", **closed)
    for command in (("connections", "list"), ("keys", "list"), ("ads", "list", "--team", "Acme")):
        work.do(*command)
    yield work
    store.close()


def change_one(work: Worked) -> None:
    """An ad that runs is to be paused later, so that the networks are written to again."""
    store = work.home.open()
    ads = store.ads.of_team(store.teams.get("Acme").id, AdStatus.LIVE)
    work.do("ads", "pause", str(ads[0].id), "--team", "Acme", "--later")
    store.close()


def fail(work: Worked, settings: dict[str, str]) -> None:
    """What posts, stops, asks and logs in, under settings that let nothing succeed."""
    loud = {**settings, "JOBADS_TRACEBACK": "1"}
    work.do("connections", "check", code=7, **loud)
    work.do("publish", "--due", code=7, **loud)
    work.do("stop", "--all", "--reason", "canary", code=None, **loud)
    for network in work.home.twins:
        answer = {"META": "?state=s&code=c", "X": "1234567", "GOOGLE": "?state=s&code=c"}
        work.do(
            "connect",
            str(network),
            "--team",
            "Acme",
            "--paste",
            code=None,
            say=answer[network.name] + "\n",
            **loud,
        )


def test_the_work_was_real(worked):
    """Something was posted on each network, what failed left its words, and all networks took
    part: a twin that did not start would make the search say less than it seems to."""
    store = worked.home.open()
    slots = store.ledger.slots(store.teams.get("Acme").id)
    assert {s.network for s in slots if s.state == "active"} == set(Network)
    failed = "".join(worked.said.values())
    for words in ("Meta", "X ", "Google", "ConnectionError", "Traceback", "FAILED_PRECONDITION"):
        assert words in failed
    assert (worked.home.path / "dagster").is_dir() and (worked.home.path / "lake").is_dir()


def test_no_secret_is_in_any_file_or_table(worked):
    """Not the tokens, keys, addresses and numbers; a résumé's other words only where its redacted
    text is kept, apart from what has history."""
    found = leaks(worked.secrets, everything(worked.home.path))
    redacted = "words of the résumé in lake/persons"
    assert [leak for leak in found if not leak.startswith(redacted)] == []


def test_no_secret_was_said(worked):
    """Neither by a command that worked nor in the traceback of one that failed."""
    said = ((command, text.encode()) for command, text in worked.said.items())
    assert leaks(worked.secrets, said) == []


def test_a_notebook_shows_no_secret(worked, tmp_path):
    """Every object that holds one is printed and shown as a cell's value."""
    cell = nbformat.v4.new_code_cell(NOTEBOOK)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    with worked.home.environment():
        NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    shown = nbformat.writes(notebook)
    assert "needs_reauth" in shown or "active" in shown
    assert leaks(worked.secrets, [("notebook", shown.encode())]) == []


@pytest.mark.parametrize("spell", ["plain", "in base64 amid others", "quoted", "hexadecimal"])
def test_what_is_planted_is_found(tmp_path, spell):
    """The search itself: in a text, a database, a packed file and a column of Parquet."""
    import base64
    from urllib.parse import quote

    secret = "EMU-canary/+ token"
    text = {
        "plain": secret,
        "quoted": quote(secret, safe=""),
        "hexadecimal": secret.encode().hex(),
        "in base64 amid others": base64.b64encode(f"user:{secret}:x".encode()).decode(),
    }[spell]
    (tmp_path / "log.txt").write_text(f"so {text} was")
    with closing(sqlite3.connect(tmp_path / "a.db")) as database, database:
        database.execute("CREATE TABLE events (body TEXT)")
        database.execute("INSERT INTO events VALUES (?)", ["x" * 9000 + text])
    (tmp_path / "old.gz").write_bytes(gzip.compress(text.encode()))
    target = str(tmp_path / "rows.parquet")
    duckdb.sql(f"COPY (SELECT '{text}' || repeat('z', 99) AS a) TO '{target}' (COMPRESSION zstd)")
    found = leaks({"it": secret}, everything(tmp_path))
    for where in ("log.txt", "a.db: events", "old.gz: unpacked", "rows.parquet: rows"):
        assert f"it in {where}" in found
    assert leaks({"it": "EMU-another"}, everything(tmp_path)) == []


def test_the_sdks_warnings_stay_silent_when_logging_is_configured_later():
    """google-ads warns of every failure with the server's own words, which may hold the token;
    Dagster configures logging when a run starts."""
    written = io.StringIO()
    with echoing() as settings:
        platform = google.platform(token="EMU-canary-token", address=settings["JOBADS_GOOGLE_ADDR"])
        logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})
        logger, handler = logging.getLogger("google.ads"), logging.StreamHandler(written)
        logger.addHandler(handler)
        with pytest.raises(Refused):
            platform.verify("7000000001")
        logger.removeHandler(handler)
    assert written.getvalue() == ""
