"""`jobads doctor`: what is installed, reachable, migrated and configured, and how to mend it."""

import socket
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Table

from domain.errors import JobadsError, SetupError
from resources.settings import Settings

app = typer.Typer()

PACKAGES = (
    "dagster",
    "duckdb",
    "facebook-business",
    "sentence-transformers",
    "torch",
    "umap-learn",
)


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
    from resources.encoder import Encoder

    try:
        Encoder.check_weights()
    except SetupError as error:
        return [Finding("MiniLM weights", False, error.what, error.mend)]
    return [Finding("MiniLM weights", True, "present, checksum holds")]


def _bart(_: Settings) -> list[Finding]:
    from resources.labeller import bart_is_cached

    if bart_is_cached():
        return [Finding("bart-large-mnli", True, "in the local cache")]
    return [Finding("bart-large-mnli", True, "not fetched; industry labels come from MiniLM")]


def _operations(settings: Settings) -> list[Finding]:
    from resources.operations.store import OperationsStore

    if (
        settings.database_url == f"sqlite:///{settings.home / 'operations.db'}"
        and not (settings.home / "operations.db").exists()
    ):
        return [Finding("operations store", False, "not created", "run jobads demo")]
    store = OperationsStore(settings.database_url)
    if store.is_migrated():
        return [Finding("operations store", True, "reachable and migrated")]
    return [Finding("operations store", False, "not migrated", "run jobads demo")]


def _meta(settings: Settings) -> list[Finding]:
    if settings.meta_url is None:
        return [Finding("Meta", True, "the demo starts its own twin on loopback")]
    parts = urlsplit(settings.meta_url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with socket.create_connection((parts.hostname or "", port), timeout=3):
            return [Finding("Meta", True, f"{parts.hostname}:{port} answers")]
    except (OSError, ValueError) as error:
        return [Finding("Meta", False, f"JOBADS_META_URL: {error}", "start it, or run make up")]


def _corpus(settings: Settings) -> list[Finding]:
    folder: Path | None = settings.corpus_dir
    if folder is None:
        return [Finding("corpus", True, "JOBADS_CORPUS_DIR not set; the sample serves")]
    there = (folder / "job_postings_text.parquet").is_file()
    mend = "" if there else "point JOBADS_CORPUS_DIR at the folder of job_postings_text.parquet"
    return [Finding("corpus", there, str(folder), mend)]


CHECKS: tuple[Callable[[Settings], list[Finding]], ...] = (
    _installed, _home, _minilm, _bart, _operations, _meta, _corpus,
)  # fmt: skip


@app.command()
def doctor() -> None:
    """Check this machine and say how to mend each fault; exit 6 if there is one."""
    settings = Settings.from_env()
    table = Table("", "what", "found", "mend")
    faults = 0
    for check in CHECKS:
        try:
            findings = check(settings)
        except JobadsError as error:
            findings = [Finding(check.__name__.strip("_"), False, error.what, error.mend)]
        for finding in findings:
            faults += not finding.ok
            mark = "ok" if finding.ok else "FAULT"
            table.add_row(mark, finding.what, finding.says, finding.mend)
    Console().print(table)
    if faults:
        raise typer.Exit(SetupError.exit_code)
