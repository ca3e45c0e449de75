"""The retention rules: ours, and what a home puts in their place."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from domain.errors import InputError
from domain.retention import Kept
from resources.files.bundled import ROOT

FILE = "retention.yaml"
FIELDS = {"days", "counted_from", "since", "reason"}


def load_retention(home: Path, root: Path = ROOT) -> dict[str, Kept]:
    """Every class by name; InputError names the file and the class that cannot be read.

    >>> load_retention(Path("/a/home/without/rules"))["vectors"].days
    90
    """
    rules = _read(root / "taxonomy" / FILE)
    own = home / FILE
    if own.exists():
        mine = _read(own)
        if unknown := mine.keys() - rules.keys():
            what = f"no class is called {', '.join(sorted(unknown))}"
            raise InputError(what, where=str(own), mend=f"one of {', '.join(rules)}")
        rules |= mine
    return rules


def _read(path: Path) -> dict[str, Kept]:
    try:
        data = yaml.safe_load(path.read_text("utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"cannot be read: {error}", where=str(path)) from None
    if not isinstance(data, dict):
        raise InputError("is not a mapping of classes", where=str(path))
    return {str(name): _kept(str(name), fields, path) for name, fields in data.items()}


def _kept(name: str, fields: Any, path: Path) -> Kept:
    mend = f"give {', '.join(sorted(FIELDS))}"
    if not isinstance(fields, dict) or fields.keys() != FIELDS:
        raise InputError("has other fields", where=f"{path}: {name}", mend=mend)
    days, since = fields["days"], fields["since"]
    if not isinstance(days, int | None) or not isinstance(since, date):
        raise InputError(
            "days is a whole number or null, since a day", where=f"{path}: {name}", mend=mend
        )
    return Kept(name, days, str(fields["counted_from"]), since, str(fields["reason"]))
