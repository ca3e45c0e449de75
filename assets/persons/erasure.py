"""Forgetting a person: from the store, the lake with its files, the cache, and Dagster's storage.

Each step may be repeated, and the sealed text, from which the words to look for are known, goes
last: a killed erasure is finished by running it again."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from assets.persons.locate import Found, World, dagster_home, look, words
from assets.persons.sweep import forget_vectors, sweep
from domain.errors import NotFound
from resources import dagster_scrubbing
from resources.backups import copies
from resources.operations.records import StoredResume
from resources.warehouse.ducklake import KEPT_DAYS


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What an erasure found and did. `before` is the moment of an earlier one, when nothing was
    left to do; `history_until` the day on which the lake drops what earlier fits had made;
    `opened` whether the text still opened, or its words could not be looked for; `unsearched` the
    settings that keep Dagster's events or logs outside the home."""

    found: Found
    removed: dict[str, int]
    logs: int
    backups: tuple[str, ...]
    history_until: date | None = None
    before: datetime | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    opened: bool = True
    unsearched: tuple[str, ...] = ()


def forget(world: World, team_id: str, key: str, actor: str) -> Forgotten:
    """Erase one résumé and all that came of it. NotFound for a key that never was."""
    held = world.store.resumes.get(team_id, key, closed=True)
    if held is None:
        return _again(world, team_id, key)
    found = Found.from_dict(held.found) if held.found else look(world, team_id, held)
    world.store.erasures.begin(team_id, key, found.as_dict())
    telling = words(world, team_id, key, held.text, found.hashes)
    removed = sweep(world.store, world.warehouse, world, files=True)
    forget_vectors(world.warehouse, world, found.hashes)
    logs = dagster_scrubbing.erase(dagster_home(world.settings), telling)
    done = _told(world, held, found, removed, logs)
    world.store.erasures.end(team_id, key, done.detail, actor)
    world.store.erasures.compact()
    return done


def finish(world: World, actor: str) -> int:
    """Finish every erasure that was killed; answers how many."""
    begun = world.store.erasures.pending()
    for team_id, key in begun:
        forget(world, team_id, key, actor)
    return len(begun)


def _again(world: World, team_id: str, key: str) -> Forgotten:
    """Nothing is held; what a kill after the last step had left in files goes now."""
    at = world.store.erasures.erased_at(team_id, key)
    if at is None:
        raise NotFound(f"no résumé {key[:60]!r} is held", mend="see jobads subject list")
    removed = sweep(world.store, world.warehouse, world, files=True)
    world.store.erasures.compact()
    return Forgotten(Found((), (), (), (), ()), removed, 0, (), before=at)


def _told(
    world: World, held: StoredResume, found: Found, removed: dict[str, int], logs: int
) -> Forgotten:
    made = found.fits or found.earlier
    until = (world.now() + timedelta(days=KEPT_DAYS)).date() if made else None
    backups = tuple(copies(world.settings.home, held.created_at))
    detail = {
        "ads": list(found.ads),
        "fits": [*found.fits, *found.earlier],
        "backups": list(backups),
        "held_since": held.created_at.isoformat(),
    }
    unsearched = tuple(dagster_scrubbing.elsewhere(dagster_home(world.settings)))
    return Forgotten(
        found,
        removed,
        logs,
        backups,
        until,
        detail=detail,
        opened=bool(held.text),
        unsearched=unsearched,
    )
