"""Texts made comparable: plain, normalised, and named by their content."""

import hashlib
import re
import unicodedata

from resources.files import markup

_SPACE = re.compile(r"[ \t\f\v\u00a0]+")
_BREAKS = re.compile(r"\s*\n\s*")
# Bidirectional overrides and control characters reorder or hide text; words survive without them.
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def plain(text: str) -> str:
    """Text without markup or hidden characters, NFC, one blank between words.

    What is plain stays as it is, also where markup was escaped twice: the same words are the same
    text however often they were read before.

    >>> plain("<p>Cook &amp;amp; baker</p>")
    'Cook & baker'
    """
    while True:
        shown = _HIDDEN.sub("", unicodedata.normalize("NFC", markup.plain(text)))
        shown = _BREAKS.sub("\n", _SPACE.sub(" ", shown)).strip()
        if shown == text:
            return shown
        text = shown


def ad_text(title: str, description: str) -> str:
    """What is embedded for an ad: the title leads, since it is what the ad is about."""
    title, description = plain(title), plain(description)
    return f"{title}\n{description}" if title else description


def content_hash(text: str) -> str:
    """SHA-256 of the text, 64 hexadecimal digits: the key of its embedding everywhere."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
