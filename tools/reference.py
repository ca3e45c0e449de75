"""Write the generated pages of docs/reference: commands, settings, tables, numbers.

python -m tools.reference

Every sentence of these pages stands in the code, beside what it describes. A test fails while a
page is older than the code.
"""

import ast
import enum
import inspect
import textwrap
import types
import typing
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import typer
import yaml
from pydantic.fields import FieldInfo

import jobads.cli
from assets.segmentation.config import SegmentationConfig
from resources.environment import VARIABLES
from resources.warehouse.columns import meaning
from resources.warehouse.tables import TABLES

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
PACKAGES = ("domain", "resources", "assets", "jobads")
WIDTH = 118
GENERATED = "Generated from the code by `python -m tools.reference`; edit the code, not this page."


def pages() -> dict[str, str]:
    """File name to the text of each generated page."""
    return {
        "commands.md": commands(),
        "settings.md": settings(),
        "tables.md": tables(),
        "numbers.md": numbers(),
    }


def commands() -> str:
    """Every command of `jobads` with its arguments, options and help."""
    if not jobads.cli.app.registered_groups:
        jobads.cli._register()
    root = typer.main.get_command(jobads.cli.app)
    lines = ["# Commands", "", GENERATED, "", *paragraphs(root.help), ""]
    for path, command in sorted(leaves(root, ("jobads",)), key=lambda leaf: leaf[0]):
        lines += [f"## {' '.join(path)}", "", *paragraphs(command.help), ""]
        rows = [parameter(p) for p in command.params if not p.hidden]
        if rows:
            lines += [*grid(("argument or option", "meaning", "default"), rows), ""]
    return "\n".join(lines).rstrip() + "\n"


def leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The commands below a group, each with the words that call it."""
    below = getattr(command, "commands", None)
    if below is None:
        yield path, command
        return
    for name, one in below.items():
        yield from leaves(one, (*path, name))


def parameter(one: Any) -> tuple[str, str, str]:
    """An argument or option as a row: how it is written, what it means, what holds without it."""
    is_option = one.opts[0].startswith("-")
    names = one.opts if is_option else [one.name.upper()]
    if getattr(one, "secondary_opts", None):
        names = [*names, *one.secondary_opts]
    written = ", ".join(f"`{name}`" for name in names)
    choices = choices_of(one.type_descriptor.annotation)
    means = " ".join(filter(None, (one.help, choices and f"One of {', '.join(choices)}.")))
    if one.multiple:
        means += " May be given several times."
    return written, means, default_of(one)


def choices_of(annotation: Any) -> list[str]:
    """The values of an enumeration, or of an optional one."""
    for kind in (annotation, *typing.get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            return [str(member.value) for member in kind]
    return []


def default_of(one: Any) -> str:
    if one.required:
        return "required"
    if one.default in (None, "", False, ()) or isinstance(one.default, types.FunctionType):
        return ""
    return "on" if one.default is True else f"`{one.default}`"


def settings() -> str:
    """Environment variables, and the fields of segmentation's YAML file."""
    rows = [(f"`{v.name}`", v.default, v.meaning) for v in VARIABLES]
    numbers = [
        (f"`{name}`", f"`{f.default}`" if f.default != "" else "", f.description or "")
        for name, f in fields().items()
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            GENERATED,
            "",
            "## Environment variables",
            "",
            *grid(("variable", "default", "meaning"), rows),
            "",
            "## Numbers of the segmentation",
            "",
            *paragraphs(
                "A YAML file replaces any of them: `jobads segment --config FILE`, or "
                "JOBADS_SEGMENTATION=FILE for the graph. An unknown name or a wrong type is "
                "refused. `docs/explanation/segmentation.md` says what they do."
            ),
            "",
            *grid(("field", "default", "meaning"), numbers),
            "",
        ]
    )


def fields() -> dict[str, FieldInfo]:
    """The fields of the segmentation's numbers, each with its default and description."""
    return vars(SegmentationConfig)["__pydantic_fields__"]  # type: ignore[no-any-return]


def text_of(statement: ast.stmt) -> str:
    """The text of a statement that is a bare string, as docstrings are; else nothing."""
    value = getattr(statement, "value", None)
    if isinstance(statement, ast.Expr) and isinstance(value, ast.Constant):
        return " ".join(str(value.value).split())
    return ""


def tables() -> str:
    """Every table of the warehouse with its columns, types, keys and meanings."""
    lines = ["# Tables of the warehouse", "", GENERATED, ""]
    lines += [
        *paragraphs(
            "The key makes a row unique. Rows derived from persons are in the catalogue "
            "`persons`, which keeps no history. Money is in minor units (cents) or in micros "
            "(millionths) of its currency; times are UTC."
        ),
        "",
    ]
    for table in sorted(TABLES.values(), key=lambda each: each.name):
        lines += [f"## {table.name}", ""]
        key = ", ".join(f"`{column}`" for column in table.key)
        lines += [*paragraphs(f"A row is {table.row}. Key: {key}. Catalogue: `{table.catalogue}`.")]
        rows = [(f"`{c}`", kind, meaning(table.name, c)) for c, kind in table.columns.items()]
        lines += ["", *grid(("column", "type", "meaning"), rows), ""]
    return "\n".join(lines).rstrip() + "\n"


class Number(NamedTuple):
    """A named number of the code: where it is, what it is called, its value and meaning."""

    place: str
    name: str
    value: str
    meaning: str


def numbers() -> str:
    """Named numbers that say in the code what they mean, and how long data is kept."""
    lines = ["# Numbers", "", GENERATED, ""]
    lines += paragraphs(
        "Named numbers that carry a description in the code, by module. Numbers of the "
        "segmentation that a file may replace are in `docs/reference/settings.md`."
    )
    for package in PACKAGES:
        rows = [
            (f"`{n.place}`", f"`{n.name}`", f"`{n.value}`", n.meaning) for n in numbers_of(package)
        ]
        lines += ["", f"## {package}", "", *grid(("module", "name", "value", "meaning"), rows)]
    return "\n".join([*lines, "", *retention()])


def numbers_of(package: str) -> Iterator[Number]:
    """The described numbers of every module of a package, in the modules' order."""
    for path in sorted((ROOT / package).rglob("*.py")):
        if "migrations" not in path.parts:
            source = path.read_text("utf-8")
            place = str(path.relative_to(ROOT / package))
            yield from described_numbers(source, place)


def described_numbers(source: str, place: str) -> Iterator[Number]:
    """Public constants of a module that are numbers, with the comment or docstring of each."""
    lines = source.splitlines()
    body = ast.parse(source).body
    for statement, after in zip(body, [*body[1:], ast.Pass()], strict=True):
        target = getattr(statement, "target", None) or next(
            iter(getattr(statement, "targets", [])), None
        )
        value = getattr(statement, "value", None)
        if not isinstance(target, ast.Name) or value is None:
            continue
        if not (target.id.isupper() and target.id[0] != "_" and is_number(value)):
            continue
        comment = comment_of(lines[(statement.end_lineno or 0) - 1]) or text_of(after)
        comment = comment or comment_above(lines, statement.lineno - 1)
        if comment:
            yield Number(place, target.id, " ".join(ast.unparse(value).split()), comment)


def is_number(value: ast.expr) -> bool:
    """A number, arithmetic of numbers, a span of time or fraction, or a row of such."""
    if isinstance(value, ast.Tuple | ast.List):
        return all(map(is_number, value.elts))
    if isinstance(value, ast.Starred):
        return is_number(value.value)
    if isinstance(value, ast.BinOp):
        return is_number(value.left) and is_number(value.right)
    if isinstance(value, ast.UnaryOp):
        return is_number(value.operand)
    if isinstance(value, ast.Call):
        called = value.func.id if isinstance(value.func, ast.Name) else ""
        given = [*value.args, *(keyword.value for keyword in value.keywords)]
        return called in {"timedelta", "Fraction", "range"} and all(map(is_number, given))
    return isinstance(value, ast.Constant) and type(value.value) in (int, float)


def comment_of(line: str) -> str:
    """What stands behind `#` on a line of code; a linter's mark is no description."""
    comment = line.partition("  # ")[2].strip()
    return "" if comment.startswith("noqa") else comment


def comment_above(lines: Sequence[str], at: int) -> str:
    """The comment of the lines directly above a line."""
    found: list[str] = []
    while at > 0 and lines[at - 1].startswith("# "):
        at -= 1
        found.insert(0, lines[at][2:].strip())
    return " ".join(found)


def retention() -> list[str]:
    """The classes of `taxonomy/retention.yaml`."""
    classes = yaml.safe_load((ROOT / "taxonomy" / "retention.yaml").read_text("utf-8"))
    rows = [
        (f"`{name}`", one["days"] or "for ever", one["counted_from"], one["reason"])
        for name, one in classes.items()
    ]
    return [
        "## How long data is kept",
        "",
        *paragraphs("`taxonomy/retention.yaml`; a `retention.yaml` in the home replaces classes."),
        "",
        *grid(("class", "days", "counted from", "reason"), rows),
        "",
    ]


def paragraphs(text: str | None) -> list[str]:
    """Text in lines of at most WIDTH letters; empty lines part paragraphs."""
    parts = [" ".join(part.split()) for part in inspect.cleandoc(text or "").split("\n\n")]
    wrapped = [textwrap.wrap(part, WIDTH, break_on_hyphens=False) for part in parts]
    return [line for part in wrapped for line in [*part, ""]][:-1]


def grid(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table; a bar within a cell would end it."""
    written = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    return [f"| {' | '.join(row)} |" for row in [list(head), ["---"] * len(head), *written]]


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
