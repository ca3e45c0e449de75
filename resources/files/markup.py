"""HTML to text. Texts without known tags are left alone: "C++ <string>" is no markup."""

import html
import re

_TAG = re.compile(
    r"</?(?:a|abbr|b|body|br|div|em|font|h[1-6]|head|hr|html|i|img|li|ol|p|pre|script|section|small|"
    r"span|strong|style|sub|sup|table|tbody|td|th|tr|u|ul)\b[^<>]*>|<!--|<!doctype",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\f\v\xa0]+")
_BLOCKS = ("br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "p", "section", "tr")


def plain(text: str) -> str:
    """The words a reader would see, a line for each block; scripts and styles are dropped."""
    if not _TAG.search(text):
        return html.unescape(text).strip() if _ENTITY.search(text) else text.strip()
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(text, "html.parser")
    for unseen in soup(["script", "style", "head", "template"]):
        unseen.decompose()
    for block in soup(list(_BLOCKS)):
        block.insert_before("\n")
        block.insert_after("\n")
    lines = (_SPACES.sub(" ", line).strip() for line in soup.get_text().split("\n"))
    return "\n".join(line for line in lines if line)
