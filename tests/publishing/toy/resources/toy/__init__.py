"""A toy network that lives in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from domain.errors import NotFound
from domain.platform import (
    ACTIVE,
    PAUSED,
    Account,
    Activated,
    Candidate,
    Created,
    Found,
    Insight,
    Mode,
    Network,
    Pace,
    ReadBack,
    Review,
)
from resources.files.images import Images
from resources.oauth.token_renewal import Connections
from resources.operations.records import Connection
from resources.settings import Settings


@dataclass(frozen=True, slots=True)
class ToyPlatform:
    mode: Mode
    objects: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    network: ClassVar[Network] = Network.TOY

    def verify(self, account_id: str) -> Account:
        return Account(account_id, "EUR", "Europe/Berlin", 100, self.mode)

    def find(self, account_id: str, kind: str, key: str, parent: str = "") -> Found:
        mine = (i for i, (k, body) in self.objects.items() if k == kind)
        return Found(kind, tuple(i for i in mine if self.objects[i][1]["name"].startswith(key)))

    def create(self, account_id: str, kind: str, body: Mapping[str, Any]) -> Created:
        object_id = f"{kind}-{len(self.objects) + 1}"
        self.objects[object_id] = kind, dict(body)
        return Created(kind, object_id)

    def read(self, kind: str, object_id: str) -> ReadBack:
        held = self.objects[object_id][1]
        return ReadBack(kind, object_id, dict(held), held["status"], Review.APPROVED)

    def activate(self, kind: str, object_id: str) -> Activated:
        return self._switch(kind, object_id, ACTIVE)

    def pause(self, kind: str, object_id: str) -> Activated:
        return self._switch(kind, object_id, PAUSED)

    def update(self, kind: str, object_id: str, body: Mapping[str, Any]) -> ReadBack:
        self.objects[object_id][1].update(body)
        return self.read(kind, object_id)

    def report(
        self, account_id: str, ad_ids: Sequence[str], since: date, until: date
    ) -> Sequence[Insight]:
        return ()

    def lookup(self, kind: str, query: Mapping[str, Any]) -> Sequence[Candidate]:
        raise NotFound(f"the toy network has no lookup {kind!r}")

    def _switch(self, kind: str, object_id: str, status: str) -> Activated:
        self.objects[object_id][1]["status"] = status
        return Activated(kind, object_id, status)


def connect(
    connection: Connection,
    settings: Settings,
    images: Images,
    pace: Pace,
    connections: Connections | None,
) -> ToyPlatform:
    return ToyPlatform(settings.mode)
