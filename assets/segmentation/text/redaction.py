"""Personal data masked before a text is stored in the warehouse or embedded.

Rules, not a model: a mask is explainable and the same text always gets the same one. What the rules
cannot see is a name in running text with no label (docs/results/persons.md).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Literal

_MASK = re.compile(r"\[(?:EMAIL|PHONE|URL|ADDRESS|NAME|DATE_OF_BIRTH|PERSONAL)\]")
# A word is tried from its beginning alone, and gives no letter back (`++`): a text of one long word
# is read once, and not once for each of its letters.
_EMAIL = re.compile(
    r"(?<![\w.+'-])[\w.+'-]++\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\s?\.\s?[\w-]+)+", re.IGNORECASE
)
_URL = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|\b(?:linkedin|github|gitlab|twitter|x|facebook|instagram)\.com/\S+"
    r"|(?<![\w-])[\w-]++\.(?:github\.io|me|dev)/?\S*",
    re.IGNORECASE,
)
_BIRTH = re.compile(
    r"(?:date of birth|d\.?o\.?b\.?|born(?: on)?|birth ?date)\s*[:\-]?\s*"
    r"(?P<date>\d{1,4}[./ -]\w{1,9}[./ ,-]+\d{1,4}|\w{3,9} \d{1,2},? \d{4})",
    re.IGNORECASE,
)
_STREET = (
    r"street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|way|terrace"
    r"|square|sq|highway|hwy|parkway|pkwy|close|crescent|circle|cir|trail|row|walk|gardens|grove"
)
_ADDRESS = re.compile(
    rf"\b\d{{1,5}}[A-Za-z]?,?\s+(?:[A-Z][\w'.-]*\s+){{1,4}}(?:{_STREET})\b\.?"
    r"(?:,?\s*(?:apt|apartment|unit|suite|flat|#)\.?\s*\w+)?"
    r"(?:,\s*[A-Z][\w' .-]{1,30}){0,2}(?:,?\s*[A-Z]{2})?(?:\s+\d{5}(?:-\d{4})?)?"
    r"|(?<![\w-])[A-Z][\w-]+(?:straße|strasse|str\.|gatan|weg)\s+\d{1,4}[a-z]?(?:,\s*\d{4,5}\s+\w+)?"
    r"|\bP\.?\s?O\.?\s+Box\s+\d+",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"^[ \t]*(?:full |candidate |applicant |legal |contact )?name\s*[:\-]\s*"
    r"(?P<name>[^\n|,;]{2,60})",
    re.IGNORECASE | re.MULTILINE,
)
_LETTER = re.compile(r"\w")
_WORD = r"[^\W\d_][\w'’.-]*"
_CAPITAL = r"[^\W\d_a-z][\w'’-]*"
_INTRODUCED = re.compile(
    r"(?:\b[Mm]y name is|\bI am|\bM(?:r|rs|s)\.?|\b[Rr]eferences?(?: available)?(?: from|:)"
    r"|\b[Cc]ontact(?: person)?:?)\s+"
    rf"(?P<name>{_CAPITAL}(?:[ \t]+{_CAPITAL}){{0,2}})"
)
_HEADER = re.compile(rf"\A\s*(?P<name>{_WORD}(?:[ \t]+{_WORD}){{1,3}})[ \t]*(?=\n|\||,|\Z)")
# Words that open a résumé without being a person.
_NOT_NAMES = frozenset(
    re.findall(
        r"\S+",
        """resume résumé curriculum vitae cv summary profile objective experience skills education
        manager engineer developer analyst nurse teacher accountant consultant director specialist
        assistant officer designer chef advocate professional senior junior lead sales marketing
        business information technology human resources public relations healthcare executive
        highlights career overview qualifications administrator coordinator representative""",
    )
)


@dataclass(frozen=True, slots=True)
class Redacted:
    """The masked text and how many spans of each label were masked."""

    text: str
    counts: Mapping[str, int]


def redact(text: str, *, kind: Literal["resume", "ad"] = "resume") -> Redacted:
    """Replace personal data by `[LABEL]`; masks already in the text stay as they are.

    The first line of a résumé is taken for its owner's name; that of an ad is its subject.

    >>> redact("Call Jo at +1 202 555 0147", kind="ad").text
    'Call Jo at [PHONE]'
    """
    chosen = masked_spans(text, kind=kind)
    out, last = [], 0
    for start, end, label in chosen:
        out.append(text[last:start] + (f"[{label}]" if label else text[start:end]))
        last = end
    return Redacted("".join(out) + text[last:], Counter(label for *_, label in chosen if label))


def personal_words(text: str, *, kind: Literal["resume", "ad"] = "resume") -> list[str]:
    """The words that `redact` masks, in their order."""
    return [text[start:end] for start, end, label in masked_spans(text, kind=kind) if label]


def masked_spans(
    text: str, *, kind: Literal["resume", "ad"] = "resume"
) -> list[tuple[int, int, str]]:
    """(start, end, label) of what `redact` masks, in order and apart; masks that are already there
    have no label."""
    chosen: list[tuple[int, int, str]] = []
    taken = bytearray(len(text))
    masks = ((m.start(), m.end(), "") for m in _MASK.finditer(text))
    for start, end, label in chain(masks, _spans(text, kind == "resume")):
        if end > start and not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            chosen.append((start, end, label))
    return sorted(chosen)


def _spans(text: str, headed: bool) -> Iterator[tuple[int, int, str]]:
    """Candidate spans, the surest rule first: a later one never overlaps an earlier."""
    for pattern, label in ((_EMAIL, "EMAIL"), (_URL, "URL")):
        yield from ((m.start(), m.end(), label) for m in pattern.finditer(text))
    yield from ((*m.span("date"), "DATE_OF_BIRTH") for m in _BIRTH.finditer(text))
    yield from _phones(text)
    yield from ((m.start(), m.end(), "ADDRESS") for m in _ADDRESS.finditer(text))
    for name in sorted(_names(text, headed), key=len, reverse=True):
        yield from ((start, start + len(name), "NAME") for start in _occurrences(text, name))


def _occurrences(text: str, name: str) -> Iterator[int]:
    """Starts of a name where it occurs as whole words."""
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        if not _LETTER.match(text[at - 1 : at]) and not _LETTER.match(text[end : end + 1]):
            yield at
            at = text.find(name, end)
        else:
            at = text.find(name, at + 1)


def _names(text: str, headed: bool) -> set[str]:
    """Names that a label, a greeting or the header gives away; each is masked everywhere."""
    names = {m["name"].strip() for m in _LABELLED.finditer(text)}
    introduced = (m["name"].strip() for m in _INTRODUCED.finditer(text))
    header = _HEADER.match(text) if headed else None
    likely = [*introduced, *([header["name"].strip()] if header else [])]
    return names | {name for name in likely if " " in name and _looks_like_a_name(name)}


def _phones(text: str) -> Iterator[tuple[int, int, str]]:
    import phonenumbers

    # VALID would miss invented and extension-less numbers; POSSIBLE costs a few long digit runs.
    matches = phonenumbers.PhoneNumberMatcher(text, "US", phonenumbers.Leniency.POSSIBLE)
    for match in matches:
        digits = sum(c.isdigit() for c in match.raw_string)
        years = re.fullmatch(r"(?:19|20)\d\d\s*[-–]\s*(?:19|20)\d\d", match.raw_string.strip())
        if digits >= 7 and not years:
            yield match.start, match.end, "PHONE"


def _looks_like_a_name(words: str) -> bool:
    parts = words.split()
    if any(part.lower().strip(".,") in _NOT_NAMES for part in parts):
        return False
    return all(part[0].isupper() for part in parts)
