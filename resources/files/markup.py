"""HTML to text. Texts without known tags are left alone: "C++ <string>" is no markup."""

import html
import re
from html.parser import HTMLParser

_TAG = re.compile(
    r"</?(?:a|abbr|b|body|br|div|em|font|h[1-6]|head|hr|html|i|img|li|ol|p|pre|script|section|small|"
    r"span|strong|style|sub|sup|table|tbody|td|th|tr|u|ul)\b[^<>]*>|<!--|<!doctype",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\f\v\xa0]+")
_BLOCKS = frozenset(
    ["br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "p", "section", "tr"]
)
_UNSEEN = frozenset(["script", "style", "head", "template"])


def plain(text: str) -> str:
    """The words a reader would see, a line for each block; scripts and styles are dropped.

    >>> plain("<p>Nurse <b>(m/w/d)</b></p><script>x()</script><li>Nights</li>")
    'Nurse (m/w/d)\\nNights'
    >>> plain("C++ <string>, Ruby &amp; Go")
    'C++ <string>, Ruby & Go'
    """
    if not _TAG.search(text):
        return html.unescape(text).strip() if _ENTITY.search(text) else text.strip()
    page = _Page()
    page.feed(_without_comments(text))
    page.close()
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(page.seen).split("\n"))
    return "\n".join(line for line in lines if line)


class _Page(HTMLParser):
    """What of a page is seen, in one pass and without a tree: no depth of tags costs more."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, _: object) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "body":  # ends a head that nothing closed
            self._unseen = 0
        elif tag in _BLOCKS:
            self.seen.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        elif tag in _BLOCKS:
            self.seen.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.seen.append(data)

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """`<![…` ends at the next `>`; the parser would raise for what it does not know."""
        return self.parse_bogus_comment(i, report)


def _without_comments(text: str) -> str:
    """Of a comment that nothing ends only the sign goes. The parser would look for the end of each
    of many such signs through the whole text."""
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            break
        kept.append(text[at:start])
        at = end + 3
    return "".join(kept) + text[at:].replace("<!--", " ")
