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
    text = " ".join(str(value).split())
    return "".join(c for c in text if c in _JOINERS or unicodedata.category(c) not in _UNPRINTED)
