"""The policy's tables, read from their files."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assets.publishing.policy import Policy, lexicon, rulebook
from domain.errors import SetupError
from resources.taxonomy import load_taxonomy

ROOT = Path(__file__).resolve().parents[1]


@cache
def load_policy(root: Path = ROOT) -> Policy:
    """taxonomy/policy/{rules,words}.yaml and the gazetteer; SetupError names what is wrong."""
    taxonomy = load_taxonomy(root)
    groups = taxonomy.places.values()
    every = [place for group in groups for place in group]
    every += [*taxonomy.states.values(), *taxonomy.countries.values()]
    return Policy(
        rulebook(read_table(root, "rules")), lexicon(read_table(root, "words")),
        {place.id: place for place in every},
        {(p.country, p.region): p.label for p in taxonomy.states.values()},
    )  # fmt: skip


def read_table(root: Path, name: str) -> dict[str, Any]:
    path = root / "taxonomy" / "policy" / f"{name}.yaml"
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise SetupError(f"cannot be read: {type(error).__name__}", where=path.name) from None
    if not isinstance(data, dict):
        raise SetupError("is no table", where=path.name)
    return data
