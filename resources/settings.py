"""Every setting the workbench reads from the environment, once, with the safe default."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import SetupError
from domain.platform import Mode, Network


@dataclass(frozen=True, slots=True)
class App:
    """What a network knows our application by: Meta's app, X's consumer key, Google's client."""

    id: str
    secret: str = field(repr=False)


# What the workbench itself writes into its home; nothing else is ever removed from it.
OURS = (
    "operations.db",
    "operations.db-wal",
    "operations.db-shm",
    "vault.key",
    "lake",
    "dagster",
    "cache",
    "twin",
    "images",
    "demo",
    "backups",
)
LOCK = "up.lock"
"""Held while `jobads up` serves the home; an empty file that stays."""

# The sandbox networks know one application each, worth nothing elsewhere.
SANDBOX_APPS = {
    Network.META: App("EMU-meta-app", "EMU-meta-app-secret"),
    Network.X: App("EMU-x-app", "EMU-x-app-secret"),
    Network.GOOGLE: App("EMU-google-app", "EMU-google-app-secret"),
}
APPS = {
    Network.META: ("JOBADS_META_APP_ID", "JOBADS_META_APP_SECRET"),
    Network.X: ("JOBADS_X_CONSUMER_KEY", "JOBADS_X_CONSUMER_SECRET"),
    Network.GOOGLE: ("JOBADS_GOOGLE_CLIENT_ID", "JOBADS_GOOGLE_CLIENT_SECRET"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """`home` holds every store; URLs are SQLAlchemy's (`database_url`) or DuckLake's (`lake_url`,
    None for the SQLite catalogue under `home`); `countries` hold an ad that names no place;
    `segmentation` is a YAML file of segmentation's numbers.
    Addresses of networks are None for the usual ones: the twins of this home, or the real hosts."""

    home: Path
    database_url: str
    lake_url: str | None
    mode: Mode
    meta_url: str | None
    corpus_dir: Path | None
    countries: tuple[str, ...] = ("US",)
    segmentation: Path | None = None
    keys: str | None = field(default=None, repr=False)
    x_url: str | None = None
    google_addr: str | None = None
    google_oauth_url: str | None = None
    google_developer_token: str | None = field(default=None, repr=False)
    google_login_customer_id: str | None = None
    apps: Mapping[Network, App] = field(default_factory=lambda: dict(SANDBOX_APPS))

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        home = Path(env.get("JOBADS_HOME") or ".jobads").expanduser().resolve()
        corpus, numbers = env.get("JOBADS_CORPUS_DIR"), env.get("JOBADS_SEGMENTATION")
        mode = _mode(env)
        return cls(
            home=home,
            database_url=env.get("JOBADS_DATABASE_URL") or f"sqlite:///{home / 'operations.db'}",
            lake_url=env.get("JOBADS_LAKE_URL") or None,
            mode=mode,
            meta_url=env.get("JOBADS_META_URL") or None,
            corpus_dir=Path(corpus).resolve() if corpus else None,
            countries=_countries(env.get("JOBADS_COUNTRIES") or "US"),
            segmentation=Path(numbers).expanduser().resolve() if numbers else None,
            keys=env.get("JOBADS_KEYS") or None,
            x_url=env.get("JOBADS_X_URL") or None,
            google_addr=env.get("JOBADS_GOOGLE_ADDR") or None,
            google_oauth_url=env.get("JOBADS_GOOGLE_OAUTH_URL") or None,
            google_developer_token=env.get("JOBADS_GOOGLE_DEVELOPER_TOKEN") or None,
            google_login_customer_id=env.get("JOBADS_GOOGLE_LOGIN_CUSTOMER_ID") or None,
            apps=_apps(env, mode),
        )

    def app(self, network: Network) -> App:
        """SetupError names the two settings when live mode lacks them."""
        if network not in self.apps:
            raise SetupError(
                f"no application is named for {network}",
                where="environment",
                mend=f"set {' and '.join(APPS[network])}",
            )
        return self.apps[network]


def _apps(env: Mapping[str, str], mode: Mode) -> dict[Network, App]:
    found = dict(SANDBOX_APPS) if mode is Mode.SANDBOX else {}
    for network, (name, secret) in APPS.items():
        given = (env.get(name) or "", env.get(secret) or "")
        if all(given):
            found[network] = App(*given)
        elif any(given):
            raise SetupError(
                f"one of {name} and {secret} is missing", where="environment", mend="set both"
            )
    return found


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
