"""CSV with comma, semicolon or tab."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from domain.errors import InputError
from resources.files.faults import Fault
from resources.files.raw import Raw, header, text_of

FIELD_MAX = 64 * 1024 * 1024


def read(path: Path) -> Iterator[Raw | Fault]:
    """Rows after the header; blank lines are passed over, a broken row is a Fault."""
    csv.field_size_limit(FIELD_MAX)
    text = text_of(path)
    lines = io.StringIO(text, newline="")
    rows = csv.reader(lines, delimiter=_delimiter(text), strict=True)
    try:
        names = header(next(rows, []), path)
    except csv.Error as error:
        raise InputError(f"line 1 is no header: {error}", where=path.name) from None
    if not any(names):
        raise InputError("has no header", where=path.name, mend="name the columns on line 1")
    start = rows.line_num + 1
    while True:
        try:
            fields = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Fault(start, "", _broken(str(error), start, rows.line_num))
        else:
            if any(field.strip() for field in fields):
                yield _row(start, names, fields)
        start = rows.line_num + 1


def _row(line: int, names: list[str], fields: list[str]) -> Raw | Fault:
    if len(fields) != len(names):
        return Fault(line, "", f"has {len(fields)} fields, the header has {len(names)}")
    return Raw(line, dict(zip(names, fields, strict=True)))


def _broken(error: str, line: int, last: int) -> str:
    unread = f"; lines up to {last} are unread" if last > line else ""
    if "unexpected end" in error:
        return f"a quote opened here is never closed{unread}"
    return f"is not CSV: {error}{unread}"


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)
