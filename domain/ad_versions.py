"""Versions of an ad: how two of them differ, in words, and which one an approved plan is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.money import Money
from domain.plain_text import plain
from domain.platform import Network

Content = Mapping[str, Any]

# Fields whose two values are shown; of the others only that they changed.
_SHOWN = {
    "title": "title",
    "target_url": "address",
    "location": "place",
    "creative_asset_url": "picture",
    "schedule_start": "start",
    "schedule_end": "end",
}
_LONG = {"description_short": "short text", "description_long": "long text"}
SHOWN_MAX = 60


@dataclass(frozen=True, slots=True)
class Edition:
    """The plan in force of an ad on one network, the version of the ad that it is about ("" when
    nobody knows), and how the ad differs from that version by now ("" when it does not)."""

    network: Network
    digest: str
    ad_version: str
    changes: str

    @property
    def current(self) -> bool:
        return not self.changes

    def __str__(self) -> str:
        said = f"plan {self.digest} of version {short(self.ad_version)} of the ad"
        return said if self.current else f"{said}; changed since: {self.changes}"


def short(version: str) -> str:
    """The first eight digits of a version, as people are shown it."""
    return version[:8] or "unknown"


def changes(before: Content | None, after: Content) -> str:
    """How an ad differs from an older version, such as "budget 40.00 EUR → 50.00 EUR, title a → b".

    `before` None is a version whose content nobody kept. "" when nothing differs.

    >>> names = ("target_url", "location", "creative_asset_url", "schedule_start", "schedule_end")
    >>> before = dict.fromkeys(names) | {
    ...     "title": "Nurse", "platforms": ["meta"], "budget_daily": [4000, "EUR"],
    ...     "description_short": "Nights", "description_long": "Nights",
    ... }
    >>> changes(before, before | {"budget_daily": [5000, "EUR"], "description_short": "Days"})
    'budget 40.00 EUR → 50.00 EUR, short text changed'
    """
    if before is None:
        return "what, is not known: its older version was not kept"
    return ", ".join(_differing(before, after))


def _differing(before: Content, after: Content) -> Sequence[str]:
    said = []
    if before["budget_daily"] != after["budget_daily"]:
        said.append(f"budget {Money(*before['budget_daily'])} → {Money(*after['budget_daily'])}")
    if before["platforms"] != after["platforms"]:
        names = (", ".join(c["platforms"]) for c in (before, after))
        said.append("networks {} → {}".format(*names))
    for name, word in _SHOWN.items():
        if before[name] != after[name]:
            said.append(f"{word} {_value(name, before[name])} → {_value(name, after[name])}")
    said += [f"{word} changed" for name, word in _LONG.items() if before[name] != after[name]]
    return said


def _value(name: str, value: str | None) -> str:
    if not value:
        return "open" if name == "schedule_end" else "none"
    if name.startswith("schedule"):
        return f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M}Z"
    text = plain(value)
    return text if len(text) <= SHOWN_MAX else f"{text[: SHOWN_MAX - 1]}…"
