"""Texts of posts: the weighted count, links, and how the network gives them back."""

import hashlib
import html
import re
import unicodedata
from typing import Any

LINK = re.compile(r"https?://[^\s<>\"]+")
LINK_LENGTH, MOST = 23, 280
# Twitter-text: these ranges weigh one, everything else two.
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
# An emoji weighs two however many code points it is made of: what is joined to it, skin tones and
# selectors weigh nothing; two letters make one flag.
_JOINED = re.compile("\u200d.|[\ufe0f\U0001f3fb-\U0001f3ff]")
_FLAG = re.compile("([\U0001f1e6-\U0001f1ff])[\U0001f1e6-\U0001f1ff]")


def weighted_length(text: str) -> int:
    """The length that the limit of 280 is about; a link is 23 whatever it is.

    >>> weighted_length("Nurse: https://acme.example/a-long-address/1"), weighted_length("看護師")
    (30, 6)
    """
    text = unicodedata.normalize("NFC", text)
    rest = _FLAG.sub(r"\1", _JOINED.sub("", LINK.sub("", text)))
    return LINK_LENGTH * len(LINK.findall(text)) + sum(_weight(ord(c)) for c in rest)


def without_links(text: str) -> str:
    return " ".join(LINK.sub(" ", text).split())


def with_short_links(text: str) -> tuple[str, list[dict[str, Any]]]:
    """The text with t.co links and HTML entities, as v1.1 objects have it, and its `urls`."""
    urls: list[dict[str, Any]] = []

    def shorten(found: re.Match[str]) -> str:
        link = found.group()
        short = f"https://t.co/{hashlib.sha256(link.encode()).hexdigest()[:10]}"
        shown = re.sub("^https?://", "", link)
        urls.append(
            {
                "url": short,
                "expanded_url": link,
                "display_url": shown if len(shown) < 30 else shown[:29] + "…",
            }
        )
        return short

    short = LINK.sub(shorten, text)
    for url in urls:
        start = short.find(url["url"])
        url["indices"] = [start, start + LINK_LENGTH]
    return html.escape(short, quote=False), urls


def _weight(point: int) -> int:
    return 1 if any(low <= point <= high for low, high in _LIGHT) else 2
