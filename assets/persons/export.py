"""Everything held of one person, as JSON."""

from typing import Any

from assets.persons.locate import World, dagster_home, look, words
from domain.errors import NotFound
from resources import dagster_scrubbing
from resources.backups import copies
from resources.warehouse.tables import TABLES


def export(world: World, team_id: str, key: str) -> dict[str, Any]:
    """The sealed text opened, every row and vector, the segments and what they led to, where else
    the person's words stand, and which copies may hold them. NotFound for an unknown key."""
    held = world.store.resumes.get(team_id, key)
    if held is None:
        raise NotFound(f"no résumé {key[:60]!r} is held", mend="see jobads subject list")
    found = look(world, team_id, held)
    basis = world.store.lawful_bases.in_force(team_id)
    return {
        "subject": key,
        "team": team_id,
        "exported_at": world.now().isoformat(),
        "text": held.text,
        "imported_at": held.created_at.isoformat(),
        "changed_at": held.updated_at.isoformat(),
        "erasing_since": held.erasing_since.isoformat() if held.erasing_since else None,
        "lawful_basis": {
            "purpose": basis.purpose,
            "author": basis.author,
            "set_at": basis.set_at.isoformat(),
            "until": basis.until.isoformat() if basis.until else None,
        }
        if basis
        else None,
        "tables": _rows(world, team_id, key, list(found.hashes)),
        "cached_vectors": {
            f"{content} {model}": vector.tolist()
            for content in found.hashes
            for model, vector in world.vectors.of_text(content).items()
        },
        "segments": _segments(world, team_id, list(found.segments)),
        "fits": list(found.fits),
        "earlier_fits": list(found.earlier),
        "ads_touched": list(found.ads),
        "dagster": dagster_scrubbing.search(
            dagster_home(world.settings), words(world, team_id, key, held.text, found.hashes)
        ),
        "possible_copies": copies(world.settings.home, held.created_at),
    }


def _rows(world: World, team_id: str, key: str, hashes: list[str]) -> dict[str, list[Any]]:
    """Rows of every table of persons, by the columns that name one."""
    found = {}
    for table in (t for t in TABLES.values() if t.catalogue == "persons"):
        name = next((c for c in ("resume_key", "key") if c in table.columns), None)
        where = f"team_id = ? AND {name} = ?" if name else "content_hash IN (SELECT unnest(?))"
        values: list[Any] = [team_id, key] if name else [hashes]
        rows = world.warehouse.sql(f"SELECT * FROM {table.name} WHERE {where}", values)
        found[table.name] = rows.to_dicts()
    return found


def _segments(world: World, team_id: str, keys: list[str]) -> list[dict[str, Any]]:
    return world.warehouse.sql(
        "SELECT cluster_key, size, terms, industry FROM profiles "
        "WHERE team_id = ? AND cluster_key IN (SELECT unnest(?))",
        [team_id, keys],
    ).to_dicts()
