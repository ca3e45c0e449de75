"""Text of people as one safe line: what a terminal, a log or a page shows of a title or a name."""

import unicodedata

# Cc: control characters, among them those that start a terminal's escape sequences. Cf: invisible
# format characters, among them those that reverse the direction of what follows. Zl, Zp: line ends.
_UNPRINTED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"  # Persian and Indic words need them


def plain(value: object) -> str:
    """`value` as text without control and direction characters; runs of white space become one
    blank. Markup stays what it is: whoever prints into a markup language escapes for it.

    >>> plain("Nurse [/b]\\x1b[31m (m/w/d)\\n")
    'Nurse [/b][31m (m/w/d)'
    """
    return " ".join(printable(value).split())


def printable(value: object) -> str:
    """Like `plain`, but every white space becomes a blank of its own: columns and indents stay.

    >>> printable("  a\\n b\\x1b[2J")
    '  a  b[2J'
    """
    text = str(value)
    if text.isprintable():
        return text
    text = "".join(" " if c.isspace() else c for c in text)
    return "".join(c for c in text if c in _JOINERS or unicodedata.category(c) not in _UNPRINTED)


def is_unprinted(character: str) -> bool:
    """Whether a character is none that a line shows: a control, a line end, a reversal."""
    return character not in _JOINERS and unicodedata.category(character) in _UNPRINTED
