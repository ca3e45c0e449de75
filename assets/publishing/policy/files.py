"""The policy's tables, read from their files."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assets.publishing.policy import Policy, lexicon, rulebook
from assets.segmentation.reference.taxonomy_files import load_taxonomy
from domain.errors import SetupError
from resources.files.bundled import ROOT


@cache
def load_policy(root: Path = ROOT) -> Policy:
    """taxonomy/policy/{rules,words}.yaml and the gazetteer; SetupError names what is wrong, in the
    words when they are first used."""
    gazetteer = load_taxonomy(root).gazetteer
    return Policy(
        rulebook(read_table(root, "rules")),
        lambda: lexicon(read_table(root, "words")),
        gazetteer,
        {(p.country, p.region): p.label for p in gazetteer.states.values()},
    )


def read_table(root: Path, name: str) -> dict[str, Any]:
    path = root / "taxonomy" / "policy" / f"{name}.yaml"
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise SetupError(f"cannot be read: {type(error).__name__}", where=path.name) from None
    if not isinstance(data, dict):
        raise SetupError("is no table", where=path.name)
    return data
