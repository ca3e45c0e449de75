"""When a network's answer is lost or late: what may be asked again, and what must be looked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from domain.errors import Ambiguous, LeaseLost, Retryable
from domain.platform import ACTIVE, AdPlatform, Found, ReadBack

T = TypeVar("T")
Sleep = Callable[[float], None]

# Lists may lag behind writes; three looks over half a minute before an object is made again.
LOOKS_S = (1.0, 5.0, 25.0)
AGAIN_S = (1.0, 4.0)
"""Seconds between these tries, and between readings of an object that is not yet as approved."""
TRIES = 3
"""Tries of a request that may be repeated."""


@dataclass(frozen=True, slots=True)
class ObjectQuery:
    """What is looked for on an account: `key` begins its name, `parent` is what it stands under."""

    account_id: str
    kind: str
    key: str
    parent: str = ""


def with_retries(call: Callable[[], T], sleep: Sleep) -> T:
    """A call that may be repeated without harm: reads, and writes that set a value.

    A write whose answer was lost may still be under way. Only when it must have arrived is anything
    else sent, so that a late pause cannot undo the activation that followed it."""
    for attempt in range(1, TRIES + 1):
        try:
            return call()
        except LeaseLost:
            raise
        except Retryable:
            if attempt == TRIES:
                raise
            sleep(AGAIN_S[attempt - 1])
        except Ambiguous:
            for wait in LOOKS_S:
                sleep(wait)
            if attempt == TRIES:
                raise
    raise AssertionError("unreachable: the last try returns or raises")


def create(platform: AdPlatform, sought: ObjectQuery, body: Mapping[str, Any], sleep: Sleep) -> str:
    """Create one object and return its id; after a lost answer look for it before a second try.

    A third lost answer is raised: the ledger knows that the slot is being sent, and the next run
    begins with a look.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return platform.create(sought.account_id, sought.kind, body).id
        except LeaseLost:
            raise
        except Retryable:
            if attempt == TRIES:
                raise
            sleep(AGAIN_S[attempt - 1])
        except Ambiguous:
            for wait in LOOKS_S:
                sleep(wait)
                found = find_object(platform, sought, sleep)
                if found.ids:
                    return found.ids[0]
            if attempt == TRIES:
                raise
    raise AssertionError("unreachable: the last try returns or raises")


def find_object(platform: AdPlatform, sought: ObjectQuery, sleep: Sleep) -> Found:
    return with_retries(
        lambda: platform.find(sought.account_id, sought.kind, sought.key, sought.parent), sleep
    )


def pause_and_confirm(platform: AdPlatform, kind: str, object_id: str, sleep: Sleep) -> ReadBack:
    """Pause an object and confirm it by reading; Ambiguous when it still says ACTIVE."""
    with_retries(lambda: platform.pause(kind, object_id), sleep)
    held = with_retries(lambda: platform.read(kind, object_id), sleep)
    if held.status == ACTIVE:
        raise Ambiguous(f"{kind} {object_id} still says ACTIVE after it was paused")
    return held
