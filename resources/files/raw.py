"""A row as a file gives it, and the text of the file itself."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from domain.errors import InputError

BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Raw:
    """`values` by column name, names stripped and casefolded."""

    line: int
    values: dict[str, str]


def header(names: Iterable[str], path: Path) -> list[str]:
    """Column names as we compare them; InputError when one is there twice."""
    found = [name.strip().casefold() for name in names]
    twice = sorted(name for name, count in Counter(found).items() if name and count > 1)
    if twice:
        raise InputError(
            f"column {', '.join(twice)} appears twice", where=path.name, mend="rename one"
        )
    return found


def text_of(path: Path) -> str:
    """The file's text: UTF-8, or UTF-16 and UTF-32 by their mark; anything else is refused,
    because a guessed encoding stores wrong letters silently."""
    data = path.read_bytes()
    encoding = next((name for mark, name in BOMS if data.startswith(mark)), None)
    encoding = encoding or _unmarked(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            f"is not {encoding.upper()}: byte 0x{data[error.start]:02x} on line {line}",
            where=path.name,
            mend="save it as UTF-8",
        ) from None


def _unmarked(data: bytes) -> str:
    """UTF-16 without a mark shows as every other byte being zero."""
    head = data[:2000]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(head) >= 4 and odd * 2 > len(head) * 0.4 and odd > 10 * even:
        return "utf-16-le"
    if len(head) >= 4 and even * 2 > len(head) * 0.4 and even > 10 * odd:
        return "utf-16-be"
    return "utf-8"
