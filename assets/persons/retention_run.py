"""What has been kept long enough goes; what an erasure left half done is finished."""

from collections.abc import Mapping
from datetime import datetime

from assets.persons.erasure import finish, forget
from assets.persons.locate import World
from assets.persons.sweep import sweep
from domain.retention import Kept
from resources.backups import drop

ACTOR = "retention"


def retain(world: World, rules: Mapping[str, Kept]) -> dict[str, int]:
    """Enforce every class but Dagster's own runs; answers how many of each went."""
    now = world.now()
    counts = {"erasures_finished": finish(world, ACTOR)}
    sweep(world.store, world.warehouse, world)
    if before := rules["resume_texts"].before(now):
        counts["resume_texts"] = _resumes(world, before)
    if before := rules["vectors"].before(now):
        counts["vectors"] = _vectors(world, before, now)
    if before := rules["performance_log"].before(now):
        days = world.warehouse.sql(
            "SELECT DISTINCT day FROM performance_log WHERE day < ?", [before.date()]
        )
        counts["performance_log"] = world.warehouse.remove("performance_log", days)
    if before := rules["backups"].before(now):
        counts["backups"] = drop(world.settings.home, before)
    return counts


def _resumes(world: World, before: datetime) -> int:
    old = world.store.resumes.unseen_since(before)
    for team_id, key in old:
        forget(world, team_id, key, ACTOR)
    return len(old)


def _vectors(world: World, before: datetime, now: datetime) -> int:
    """Those of stored texts stay as long as the texts."""
    stored = world.warehouse.sql(
        "SELECT content_hash FROM embeddings UNION SELECT content_hash FROM resume_embeddings"
    )
    return world.vectors.prune(set(stored["content_hash"]), before.date(), now.date())
