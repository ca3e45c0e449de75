"""`jobads doctor`: what is installed, reachable, migrated and configured, and how to mend it."""

import socket
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import typer

from domain.errors import JobadsError, SetupError
from domain.networks import FACTS, Service
from jobads.output import table
from resources.settings import Settings
from resources.versions import SchemaStatus

app = typer.Typer()

PACKAGES = (
    "dagster",
    "duckdb",
    "facebook-business",
    "google-ads",
    "tweepy",
    "openvino",
    "sentence-transformers",
    "torch",
    "umap-learn",
)


SHOWN = 5


class Finding(NamedTuple):
    what: str
    ok: bool
    says: str
    mend: str = ""


def _installed(_: Settings) -> list[Finding]:
    found = []
    for name in PACKAGES:
        try:
            found.append(Finding(name, True, metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append(Finding(name, False, "not installed", "run make install"))
    return found


def _home(settings: Settings) -> list[Finding]:
    if settings.home.is_dir():
        return [Finding("home", True, str(settings.home))]
    return [Finding("home", False, f"{settings.home} does not exist", "run jobads demo")]


def _minilm(_: Settings) -> list[Finding]:
    from resources.encoders.minilm_encoder import Encoder

    try:
        Encoder.check_weights()
    except SetupError as error:
        return [Finding("MiniLM weights", False, error.what, error.mend)]
    return [Finding("MiniLM weights", True, "present, checksum holds")]


def _bart(_: Settings) -> list[Finding]:
    from assets.segmentation.reference.labeller import bart_is_cached

    if bart_is_cached():
        return [Finding("bart-large-mnli", True, "in the local cache")]
    return [
        Finding(
            "bart-large-mnli", True, "not fetched; industry labels come from the occupation head"
        )
    ]


def _no_store(settings: Settings) -> bool:
    """Asking a store that is not there would make one."""
    file = settings.home / "operations.db"
    return settings.database_url == f"sqlite:///{file}" and not file.exists()


def _operations(settings: Settings) -> list[Finding]:
    from resources.operations.store import OperationsStore

    if _no_store(settings):
        return [Finding("operations store", False, "not created", "run jobads demo")]
    store = OperationsStore(settings.database_url)
    if store.schema.status()[0] is not SchemaStatus.EMPTY:
        store.schema.check()
        return [
            Finding("operations store", True, f"reachable, at revision {store.schema.status()[1]}")
        ]
    return [Finding("operations store", False, "not migrated", "run jobads demo")]


def _lake(settings: Settings) -> list[Finding]:
    from resources.warehouse.ducklake import Warehouse

    if not settings.home.is_dir():
        return []
    warehouse = Warehouse(settings.home, settings.lake_url)
    warehouse.check()
    found, at = warehouse.status()
    warehouse.close()
    says = "not created yet" if found is SchemaStatus.EMPTY else f"of version {at}"
    return [Finding("lake", True, says)]


def _keys(settings: Settings) -> list[Finding]:
    """Whether the keys that sealed something are here."""
    from resources.operations.store import OperationsStore

    if _no_store(settings):
        return []
    store = OperationsStore.open(settings)
    if not store.schema.is_migrated():
        return []
    store.keys.check()
    return [
        Finding(
            "keys", True, f"{len(store.keys.vault.ring.entries())} in {store.keys.vault.ring.where}"
        )
    ]


def _networks(settings: Settings) -> list[Finding]:
    from resources.security.network_addresses import check

    check(settings)
    firsts = ((facts.title, facts.services[0]) for facts in FACTS.values())
    return [_answers(title, service, settings) for title, service in firsts]


def _answers(name: str, service: Service, settings: Settings) -> Finding:
    url = settings.addresses.get(service.setting)
    if url is None:
        return Finding(name, True, "demo and up start its twin on loopback")
    parts = urlsplit(url if service.scheme else f"tls://{url}")
    try:
        port = parts.port or (80 if parts.scheme == "http" else 443)
        with socket.create_connection((parts.hostname or "", port), timeout=3):
            return Finding(name, True, f"{parts.hostname}:{port} answers")
    except (OSError, ValueError) as error:
        return Finding(name, False, f"{service.setting}: {error}", "start it, or run make up")


def _connections(settings: Settings) -> list[Finding]:
    """Dead connections by team, where there is a store to ask."""
    from resources.operations.store import OperationsStore

    if _no_store(settings):
        return []
    store = OperationsStore(settings.database_url)
    if not store.schema.is_migrated():
        return []
    dead = [
        f"{team.name}: {c.network} {c.account_id}"
        for team in store.teams.all()
        for c in store.connections.of_team(team.id)
        if c.status != "active"
    ]
    mend = "jobads connect NETWORK --team TEAM" if dead else ""
    return [Finding("connections", not dead, "; ".join(dead) or "none is dead", mend)]


def _notes(settings: Settings) -> list[Finding]:
    """What failed when it was tried last: accounts by themselves, ads by team."""
    from jobads.notes import line
    from resources.operations.store import OperationsStore

    if _no_store(settings):
        return []
    store = OperationsStore(settings.database_url)
    if not store.schema.is_migrated():
        return []
    found = []
    for team in store.teams.all():
        unreadable = [f"{job[:8]}: {error}" for job, error in store.ads.unreadable(team.id)]
        lines = [*map(line, store.notes.read(team.id)), *unreadable]
        if lines:
            more = f"; and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
            mend = f"jobads ads list --team {team.name!r}, jobads connections check"
            found.append(Finding(team.name, False, "; ".join(lines[:SHOWN]) + more, mend))
    return found or [Finding("ads and accounts", True, "none failed when it was tried last")]


def _corpus(settings: Settings) -> list[Finding]:
    folder: Path | None = settings.corpus_dir
    if folder is None:
        return [Finding("corpus", True, "JOBADS_CORPUS_DIR not set; the sample serves")]
    there = (folder / "job_postings_text.parquet").is_file()
    mend = "" if there else "point JOBADS_CORPUS_DIR at the folder of job_postings_text.parquet"
    return [Finding("corpus", there, str(folder), mend)]


CHECKS: tuple[Callable[[Settings], list[Finding]], ...] = (
    _installed,
    _home,
    _minilm,
    _bart,
    _operations,
    _lake,
    _keys,
    _networks,
    _connections,
    _notes,
    _corpus,
)


@app.command()
def doctor() -> None:
    """Check this machine and say how to mend each fault; exit 6 if there is one."""
    settings = Settings.from_env()
    rows, faults = [], 0
    for check in CHECKS:
        try:
            findings = check(settings)
        except JobadsError as error:
            findings = [Finding(check.__name__.strip("_"), False, error.what, error.mend)]
        except Exception as error:  # one check's fault hides no other's finding
            findings = [
                Finding(check.__name__.strip("_"), False, f"{type(error).__name__}: {error}")
            ]
        for finding in findings:
            faults += not finding.ok
            mark = "ok" if finding.ok else "FAULT"
            rows.append((mark, finding.what, finding.says, finding.mend))
    table(("", "what", "found", "mend"), rows)
    if faults:
        raise typer.Exit(SetupError.exit_code)
