"""What a person accepts: the compiled payloads of one ad on one network's account, with proof."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache, cached_property, lru_cache
from typing import Any, Literal

from domain.platform import Network

SHARED = "campaign"
"""The slot that holds what all arms of an ad share on an account: the campaign itself."""

Fate = Literal["keep", "rewrite", "drop"]
Bodies = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ProofLine:
    """What policy did to one fact: where it went (`target`, a payload path, "" when dropped), by
    which dated `rule` of which `source`, and the `reason` in words for a recruiter."""

    field: str
    fact: str
    label: str
    fate: Fate
    target: str
    rule: str
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class PlannedArm:
    """One arm's compiled bodies by kind ("adset", "creative", "ad"), without names: posting adds
    them, because a name starts with the slot's key."""

    arm: str
    budget_share: float
    propensity: float
    bodies: Bodies
    proof: tuple[ProofLine, ...] = ()


@dataclass(frozen=True)
class Plan:
    """`shared` bodies by kind ("image", "campaign") and one PlannedArm for each audience variant.

    `title` follows the key in object names. Bodies refer to other objects by {"$id": kind}. Where
    a network wants an end, that of an `open_ended` ad is moved on.

    >>> from dataclasses import replace
    >>> arms = (PlannedArm("broad", 1.0, 1.0, {"ad": {"text": "Nurse wanted"}}),)
    >>> plan = Plan("t1", "ad1", Network.META, "act_7", "Nurse", {"campaign": {"money": 500}}, arms)
    >>> Plan.from_dict(plan.as_dict()).digest == plan.digest
    True
    >>> dearer = replace(plan, shared={"campaign": {"money": 600}})
    >>> dearer.digest == plan.digest, dearer.revision("broad") == plan.revision("broad")
    (False, True)
    """

    team_id: str
    job_id: str
    network: Network
    account_id: str
    title: str
    shared: Bodies
    arms: tuple[PlannedArm, ...]
    reason: str = ""
    open_ended: bool = False

    def bodies(self, arm: str) -> Bodies:
        """Bodies of slot `arm`; SHARED names the campaign's own slot."""
        if arm == SHARED:
            return self.shared
        return next(a.bodies for a in self.arms if a.arm == arm)

    def revision(self, arm: str) -> str:
        """Content hash of what slot `arm` would post, its title in names too: 12 hex digits."""
        if arm not in self._revisions:
            content = {"title": self.title, "bodies": self.bodies(arm)}
            self._revisions[arm] = _sha256(content)[:12]
        return self._revisions[arm]

    @cached_property
    def _revisions(self) -> dict[str, str]:
        return {}

    @cached_property
    def digest(self) -> str:
        """Content hash of the whole plan: changes when any arm's payload, share or name does."""
        return _sha256(self.as_dict())[:16]

    def as_dict(self) -> dict[str, Any]:
        """What JSON needs, with the plan's own bodies: to be read, not changed. Without
        `open_ended` where it is False, as plans were written before they knew it."""
        data = _fields(self)
        data["arms"] = [{**_fields(arm), "proof": proof_dicts(arm)} for arm in self.arms]
        if not self.open_ended:
            del data["open_ended"]
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Plan":
        arms = tuple(
            PlannedArm(**{**arm, "proof": tuple(ProofLine(**line) for line in arm["proof"])})
            for arm in data["arms"]
        )
        return cls(**{**data, "network": Network(data["network"]), "arms": arms})


def proof_dicts(arm: PlannedArm) -> list[dict[str, Any]]:
    """The arm's proof lines as JSON holds them."""
    return [_fields(line) for line in arm.proof]


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in _names(record.__class__)}


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _sha256(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=1024)
def slot_key(job_id: str, network: Network, account_id: str, arm: str) -> str:
    """The stable prefix of a slot's object names: `aa-` and 16 characters of [a-z2-7]."""
    seed = "\x1f".join((job_id, network, account_id, arm))
    digest = base64.b32encode(hashlib.sha256(seed.encode()).digest()).decode().lower()
    return f"aa-{digest[:16]}"


def posting_key(job_id: str, network: Network, account_id: str, arm: str, revision: str) -> str:
    """Slot and revision, leading every object's name.

    The slot comes first so that one prefix search finds every revision of it.

    >>> posting_key("ad1", Network.META, "act_7", "broad", "0123456789ab")
    'aa-whdzvm3pzpfdw6uc-0123456789ab'
    """
    return f"{slot_key(job_id, network, account_id, arm)}-{revision}"
