"""Every setting the workbench reads from the environment, once, with the safe default."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import SetupError
from domain.networks import FACTS, App
from domain.platform import Mode, Network

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
SANDBOX_APPS = {network: facts.sandbox.app for network, facts in FACTS.items()}


@dataclass(frozen=True, slots=True)
class Settings:
    """`home` holds every store; URLs are SQLAlchemy's (`database_url`) or DuckLake's (`lake_url`,
    None for the SQLite catalogue under `home`); `countries` hold an ad that names no place;
    `segmentation` is a YAML file of segmentation's numbers.
    `addresses` of networks' services, by the name of their setting, stand for the usual ones: the
    twins of this home, or the real hosts."""

    home: Path
    database_url: str
    lake_url: str | None
    mode: Mode
    corpus_dir: Path | None
    countries: tuple[str, ...] = ("US",)
    segmentation: Path | None = None
    keys: str | None = field(default=None, repr=False)
    addresses: Mapping[str, str] = field(default_factory=dict)
    google_developer_token: str | None = field(default=None, repr=False)
    google_login_customer_id: str | None = None
    apps: Mapping[Network, App] = field(default_factory=lambda: dict(SANDBOX_APPS))

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """The settings that an environment says; SetupError names the variable that is wrong.

        >>> settings = Settings.from_env({"JOBADS_HOME": "/srv/ads", "JOBADS_COUNTRIES": "us,ca"})
        >>> settings.database_url, settings.countries, str(settings.mode)
        ('sqlite:////srv/ads/operations.db', ('US', 'CA'), 'sandbox')
        >>> Settings.from_env({"JOBADS_MODE": "live"})
        Traceback (most recent call last):
            ...
        domain.errors.SetupError: environment: live mode spends real money - type ...
        """
        home = Path(env.get("JOBADS_HOME") or ".jobads").expanduser().resolve()
        corpus, numbers = env.get("JOBADS_CORPUS_DIR"), env.get("JOBADS_SEGMENTATION")
        mode = _mode(env)
        return cls(
            home=home,
            database_url=env.get("JOBADS_DATABASE_URL") or f"sqlite:///{home / 'operations.db'}",
            lake_url=env.get("JOBADS_LAKE_URL") or None,
            mode=mode,
            corpus_dir=Path(corpus).resolve() if corpus else None,
            countries=_countries(env.get("JOBADS_COUNTRIES") or "US"),
            segmentation=Path(numbers).expanduser().resolve() if numbers else None,
            keys=env.get("JOBADS_KEYS") or None,
            addresses={name: env[name] for name in _address_settings() if env.get(name)},
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
                mend=f"set {' and '.join(FACTS[network].app_settings)}",
            )
        return self.apps[network]


def _address_settings() -> list[str]:
    return [service.setting for facts in FACTS.values() for service in facts.services]


def _apps(env: Mapping[str, str], mode: Mode) -> dict[Network, App]:
    found = dict(SANDBOX_APPS) if mode is Mode.SANDBOX else {}
    for network, facts in FACTS.items():
        name, secret = facts.app_settings
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
