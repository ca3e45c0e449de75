"""YAML whose entries have a shape, told by file and line where they have not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from domain.errors import SetupError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
STRINGS = list[str]
"""A list of texts; bare words and numbers of YAML are read as the texts that they look like."""
INTEGERS = list[int]


@dataclass(frozen=True, slots=True)
class Field:
    """`kind` is str, int, STRINGS or INTEGERS; a field that is not `needed` may be left out."""

    kind: Any
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One checked entry: its fields, and where it stands for whoever finds more to say of it."""

    fields: Mapping[str, Any]
    where: str

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def get(self, name: str, default: Any) -> Any:
        return self.fields.get(name, default)


def entries(path: Path, key: str, schema: Mapping[str, Field]) -> list[Entry]:
    """The entries under `key`, each with the fields of `schema` and no others; an `id` stands once.

    SetupError names file, line and fault."""
    found: list[Entry] = []
    seen: dict[str, str] = {}
    for node in _sequence(path, key):
        entry = Entry(_mapping(node, schema, path), _where(path, node))
        id_ = entry.get("id", "")
        if id_ and id_ in seen:
            raise SetupError(f"id {id_!r} stands already at {seen[id_]}", where=entry.where)
        seen[id_] = entry.where
        found.append(entry)
    return found


def texts(path: Path, key: str) -> list[str]:
    """The texts of the list under `key`."""
    return [_text(node, path, key) for node in _sequence(path, key)]


def lists(path: Path, key: str) -> list[list[str]]:
    """The lists of texts under `key`."""
    return [_list(node, path, key) for node in _sequence(path, key)]


def _sequence(path: Path, key: str) -> Iterator[yaml.Node]:
    root = _root(path)
    for name, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if name.value == key:
            if not isinstance(value, yaml.SequenceNode):
                raise SetupError(f"{key!r} is not a list", where=_where(path, value))
            yield from value.value
            return
    raise SetupError(f"has no list under {key!r}", where=_name(path))


def _root(path: Path) -> yaml.Node | None:
    try:
        return yaml.compose(path.read_text("utf-8"), Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{_name(path)}:{mark.line + 1}" if mark else _name(path)
        raise SetupError(f"is no YAML: {error.problem}", where=where) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SetupError(f"cannot be read: {error}", where=str(path)) from None


def _mapping(node: yaml.Node, schema: Mapping[str, Field], path: Path) -> dict[str, Any]:
    if not isinstance(node, yaml.MappingNode):
        raise SetupError("an entry is not a mapping", where=_where(path, node))
    found: dict[str, Any] = {}
    for name_node, value in node.value:
        name = str(name_node.value)
        if name not in schema or name in found:
            fault = "stands twice" if name in found else "is not a field"
            mend = f"fields are {', '.join(schema)}"
            raise SetupError(f"{name!r} {fault}", where=_where(path, name_node), mend=mend)
        found[name] = _value(value, schema[name].kind, path, name)
    missing = [name for name, field in schema.items() if field.needed and name not in found]
    if missing:
        raise SetupError(f"{', '.join(missing)} missing", where=_where(path, node))
    return found


def _value(node: yaml.Node, kind: Any, path: Path, name: str) -> Any:
    if kind is str:
        return _text(node, path, name)
    if kind is int:
        return _integer(node, path, name)
    if kind == STRINGS:
        return tuple(_list(node, path, name))
    return tuple(_integer(n, path, name) for n in _items(node, path, name))


def _items(node: yaml.Node, path: Path, name: str) -> list[yaml.Node]:
    if not isinstance(node, yaml.SequenceNode):
        raise SetupError(f"{name} is not a list", where=_where(path, node))
    items: list[yaml.Node] = node.value
    return items


def _list(node: yaml.Node, path: Path, name: str) -> list[str]:
    return [_text(item, path, name) for item in _items(node, path, name)]


def _text(node: yaml.Node, path: Path, name: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
        raise SetupError(f"{name} is not a text", where=_where(path, node))
    return str(node.value)


def _integer(node: yaml.Node, path: Path, name: str) -> int:
    if not isinstance(node, yaml.ScalarNode) or not str(node.value).isdecimal():
        raise SetupError(f"{name} is not a whole number", where=_where(path, node))
    return int(node.value)


def _where(path: Path, node: yaml.Node) -> str:
    return f"{_name(path)}:{node.start_mark.line + 1}"


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
