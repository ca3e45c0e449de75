"""How every command prints. What people and networks wrote is data: it never becomes markup, and no
control character of it reaches the terminal."""

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from domain.plain_text import is_unprinted, printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


_RARE = re.compile(r"[^\n\x20-\x7e]")


def say(*lines: object, err: bool = False) -> None:
    """Print each as one line, to standard error with `err`. It is not wrapped: the terminal does
    that, and a pipe gets whole lines."""
    for line in lines:
        print(printable(line), file=sys.stderr if err else sys.stdout, flush=True)


def say_json(
    value: object, *, indent: int | None = None, default: Callable[..., Any] | None = None
) -> None:
    """Print a value as JSON that reads back as exactly that value."""
    print(as_json(value, indent=indent, default=default), flush=True)


def as_json(
    value: object, *, indent: int | None = None, default: Callable[..., Any] | None = None
) -> str:
    """JSON with letters of every script as they are; what no line shows is written as \\uXXXX.

    >>> print(as_json({"title": "Pfleger\\u202e (m/w/d)"}))
    {"title": "Pfleger\\u202e (m/w/d)"}
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=default)
    return _RARE.sub(lambda found: _escaped(found[0]), text)


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1] if is_unprinted(character) else character


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    whole: Iterable[str] = (),
    right: Iterable[str] = (),
    title: str = "",
) -> None:
    """Print rows. Columns named in `whole`, such as ids that other commands take, are never cut or
    wrapped; on a pipe nothing is, and each row is one line."""
    print_table(make_table(columns, rows, whole=whole, right=right, title=title))


def make_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    whole: Iterable[str] = (),
    right: Iterable[str] = (),
    title: str = "",
) -> "Table":
    """The table that `table` prints.

    >>> made = make_table(("ad", "title"), [("1a2b", "Nurse [/b]\\x1b[31m")], whole=("ad",))
    >>> [next(iter(column.cells)).plain for column in made.columns]
    ['1a2b', 'Nurse [/b][31m']
    """
    from rich.box import SIMPLE_HEAD
    from rich.cells import cell_len
    from rich.table import Column, Table
    from rich.text import Text

    cells = [[printable(cell) for cell in row] for row in rows]
    whole, right = set(whole), set(right)
    made = Table(
        *(
            Column(
                name,
                no_wrap=name in whole,
                justify="right" if name in right else "left",
                overflow="fold",
                min_width=max(map(cell_len, (name, *(row[i] for row in cells))))
                if name in whole
                else None,
            )
            for i, name in enumerate(columns)
        ),
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        title=Text(printable(title)) if title else None,
        title_justify="left",
    )
    for row in cells:
        made.add_row(*map(Text, row))
    return made


def print_table(made: "Table", console: "Console | None" = None) -> None:
    from rich.console import Console
    from rich.measure import Measurement

    console = console or Console()
    if console.is_terminal:  # one too narrow for what stays whole wraps lines by itself
        needed = sum((column.min_width or FOLDED) + 1 for column in made.columns)
    else:
        needed = Measurement.get(console, console.options.update(width=MOST), made).maximum
    console.width = max(console.width, needed)
    console.print(made)


MOST, FOLDED = 100_000, 10
"""Cells of the widest line that is printed, and of the narrowest column that wraps."""


def heading(text: object) -> None:
    """A rule across the terminal with a title."""
    from rich.console import Console
    from rich.text import Text

    Console().rule(Text(printable(text)), align="left")


def confirm(question: str) -> None:
    """Ask; a no ends the command."""
    import typer

    typer.confirm(printable(question), abort=True)


def replace_unknown_letters() -> None:
    """Let a letter that the terminal's encoding lacks be told by its number instead of ending the
    command."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def say_traceback(error: BaseException) -> None:
    """Tracebacks quote data too."""
    import traceback

    for part in traceback.format_exception(error):
        say(*part.rstrip("\n").split("\n"), err=True)
