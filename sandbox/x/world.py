"""The world file: accounts, places, languages, interests, and how people react."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.x.places import Places


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    name: str
    currency: str
    timezone: str
    minimum_daily_budget_micros: int

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def funding_instrument(self) -> str:
        return f"fi{self.id}"


@dataclass(frozen=True, slots=True)
class Interest:
    id: str
    name: str
    topic: str


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    name: str
    countries: frozenset[str]


@dataclass(frozen=True, slots=True)
class EventTag:
    """A web event tag: conversions of its `type` are told apart by it."""

    id: str
    account: str
    name: str
    type: str


class World:
    """Everything that does not change while the twin runs."""

    def __init__(self, path: Path) -> None:
        data: dict[str, Any] = json.loads(path.read_text("utf-8"))
        self.behaviour: dict[str, float] = data["behaviour"]
        self.accounts = {a["id"]: Account(**a) for a in data["accounts"]}
        self.event_tags = {t["id"]: EventTag(**t) for t in data["web_event_tags"]}
        # Interests are numbered as X numbers them: four digits.
        self.interests = {
            str(1001 + n): Interest(str(1001 + n), i["name"], i["topic"])
            for n, i in enumerate(data["interests"])
        }
        self.languages = {
            entry["code"]: Language(entry["code"], entry["name"], frozenset(entry["countries"]))
            for entry in data["languages"]
        }
        topics = json.loads((path.parent / data["topics"]).read_text("utf-8"))["topics"]
        # A field of work that people care about: its words draw their eye.
        self.topics = {t["name"]: frozenset(t["words"]) for t in topics}
        towns = json.loads((path.parent / data["places"]).read_text("utf-8"))
        self.places = Places(data, towns)
