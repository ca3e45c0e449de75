"""How a text reads to a person: letters of other scripts, invisible, spaced or numbered ones, and
accents left out or put in, all come out as the same plain words."""

import html
import re
import unicodedata
from functools import partial

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe0f]"
)
_SPACES = re.compile(r"\s+")
# Letters of other scripts that look Latin, capitals first: Μ and Н look Latin, μ and н do not.
_LOOKALIKE = str.maketrans(
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТУХІЈЅԌԚԜаеорсухіјѕԁһԛԝοαɑɡıɩνυκιԍѵᴀʙᴄᴅᴇғɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ’‘`´ʼ‐‑‒―",
    "ABEZHIKMNOPTYXABEKMHOPCTYXIJSGQWaeopcyxijsdhqwoaagiivukigvabcdefghijklmnoprstuvwyz'''''----",
)
_NO_ACCENT = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})
# Signs that say a sex without a word.
_SIGNS = {
    "♂": " masculus ",
    "👨": " masculus ",
    "🚹": " masculus ",
    "♀": " femina ",
    "👩": " femina ",
    "🚺": " femina ",
}
_NUMBERED = str.maketrans("013457@$", "oieastas")
_TOKEN_NUMBERED = re.compile(r"[^\W\d_]*[013457@$]+[^\W\d_][\w@$]*|[^\W\d_]+[013457@$][\w@$]*")
_SPELLED = re.compile(r"(?<!\w)[^\W\d_]([\s._*|·•/-])[^\W\d_](?:\1[^\W\d_](?!\w))+")
_SPACED_OUT = re.compile(r"(?<![\w.])(?:[^\W\d_] ){6,}[^\W\d_](?!\w)")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SENTENCE = re.compile(r"(?<=[.;:!?,])\s")
_JOINTS = re.compile(r"[_#*|·•~+=\"“”„«»]+|(?<=[^\W\d])[-/\\](?=[^\W\d])")


def folded(text: str) -> str:
    """Lower case, no accents, no invisible or look-alike letters, single spaces.

    >>> folded("M&uuml;nchen: PFLEGE\\u200bkraft gesucht")
    'munchen: pflegekraft gesucht'
    """
    text = unicodedata.normalize("NFKC", html.unescape(text))
    text = _INVISIBLE.sub("", _enclosed(text)).translate(_LOOKALIKE)
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    return _SPACES.sub(" ", bare(text.casefold())).strip()


def bare(text: str) -> str:
    """Without accents: é as e, ł as l."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text.translate(_NO_ACCENT))
    return "".join(c for c in apart if not unicodedata.combining(c))


def readings(text: str) -> tuple[str, ...]:
    """The text as it stands, and where they differ as it is meant: words joined by a hump, a
    hyphen or a sign set apart, spelled letters joined, digits inside words read as letters.

    >>> readings("n.u.r.s.e for C/D ward, nightShift")
    ('n.u.r.s.e for c/d ward, nightshift', 'nurse for c d ward, night shift')
    """
    plain = folded(text)
    meant = _HUMPS.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)))
    # Two spaces keep the words of a text apart whose letters are spaced.
    meant = re.sub(r"\s{2,}", " \u241f ", meant.translate(_LOOKALIKE))
    meant = _SPELLED.sub(lambda m: re.sub(r"[\W_]", "", m.group()), meant)
    meant = folded(_JOINTS.sub(" ", meant.replace("\u241f", " ")))
    found = [plain, meant]
    for one in ("i", "l"):
        found.append(_TOKEN_NUMBERED.sub(partial(_read, one), meant))
    # Of the other readings only the sentences that read otherwise are read again.
    kept = set(_SENTENCE.split(plain))
    anew = [" ".join(s for s in _SENTENCE.split(r) if s not in kept) for r in found[1:]]
    return (plain, *dict.fromkeys(filter(None, anew)))


def spaced_out(text: str) -> str:
    """Letters set apart so that no word can be read, or ""."""
    found = _SPACED_OUT.search(folded(text))
    return found.group() if found else ""


def _read(one: str, token: re.Match[str]) -> str:
    return token.group().replace("1", one).translate(_NUMBERED)


def _enclosed(text: str) -> str:
    """Letters in boxes and of flags, which Unicode does not call letters."""
    if text.isascii():
        return text
    starts = ((0x1F130, 26), (0x1F150, 26), (0x1F170, 26), (0x1F1E6, 26))
    return "".join(
        next((chr(65 + ord(c) - s) for s, n in starts if s <= ord(c) < s + n), c) for c in text
    )
