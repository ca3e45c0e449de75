"""Every setting the workbench reads from the environment, once, with the safe default."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import SetupError
from domain.platform import Mode


@dataclass(frozen=True, slots=True)
class Settings:
    """`home` holds every store; URLs are SQLAlchemy's (`database_url`) or DuckLake's (`lake_url`,
    None for the SQLite catalogue under `home`); `countries` hold an ad that names no place."""

    home: Path
    database_url: str
    lake_url: str | None
    mode: Mode
    meta_url: str | None
    corpus_dir: Path | None
    countries: tuple[str, ...] = ("US",)
    keys: str | None = field(default=None, repr=False)

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        home = Path(env.get("JOBADS_HOME") or ".jobads").expanduser().resolve()
        corpus = env.get("JOBADS_CORPUS_DIR")
        return cls(
            home=home,
            database_url=env.get("JOBADS_DATABASE_URL") or f"sqlite:///{home / 'operations.db'}",
            lake_url=env.get("JOBADS_LAKE_URL") or None,
            mode=_mode(env),
            meta_url=env.get("JOBADS_META_URL") or None,
            corpus_dir=Path(corpus).resolve() if corpus else None,
            countries=_countries(env.get("JOBADS_COUNTRIES") or "US"),
            keys=env.get("JOBADS_KEYS") or None,
        )


def _mode(env: Mapping[str, str]) -> Mode:
    wanted = env.get("JOBADS_MODE") or Mode.SANDBOX
    if wanted not in set(Mode):
        raise SetupError(
            f"JOBADS_MODE is {wanted!r}", where="environment", mend="use sandbox or live"
        )
    if wanted == Mode.LIVE and env.get("JOBADS_LIVE") != "yes":
        raise SetupError(
            "live mode spends real money", where="environment", mend="type JOBADS_LIVE=yes as well"
        )
    return Mode(wanted)


def _countries(text: str) -> tuple[str, ...]:
    codes = tuple(code.strip().upper() for code in text.split(",") if code.strip())
    if not codes or not all(re.fullmatch("[A-Z]{2}", code) for code in codes):
        raise SetupError(
            f"JOBADS_COUNTRIES is {text!r}", where="environment", mend="write ISO codes: US,CA"
        )
    return codes
