"""Words that no keyword and no text of a job ad may hold, as the second pair of eyes knows them.

Written apart from the compiler's table: shorter, and only what needs no context.
"""

from itertools import pairwise

from assets.publishing.checking.refusal import refuse

# Two words in a row that stand for people, whatever surrounds them.
PAIRS = frozenset(
    [
        "recent graduate", "recent graduates", "digital native", "digital natives",
        "young professional", "young professionals", "young team", "native speaker",
        "native speakers", "men only", "women only", "males only", "females only", "ivy league",
        "young dynamic", "stay-at-home moms", "able bodied", "white applicants", "no foreigners",
        "no immigrants", "junges team", "nur frauen", "nur männer", "jeune diplômé",
    ]
)  # fmt: skip
# One word that never names a field of work.
SINGLE = frozenset(
    [
        "millennials", "boomers", "retirees", "pensioners", "newlyweds", "unmarried", "childless",
        "able-bodied", "muttersprachler", "caucasian", "caucasians", "sorority", "sororities",
        "fraternity", "fraternities", "hispanics", "latinos", "latinas", "muslims", "christians",
        "jews", "hindus", "lgbtq", "homosexuals", "housewives", "youthful",
    ]
)  # fmt: skip


def read_words(path: str, text: str, *, keyword: bool = False) -> None:
    """PolicyRefusal when `text` names people by a trait; a keyword may be no postcode either."""
    words = [w.strip(".,;:!?()[]\"'“”").lower() for w in text.split()]
    for word in words:
        if word in SINGLE:
            refuse(path, f"{word!r} stands for people, not for work")
        if keyword and len(word) == 5 and word.isdigit() and len(words) < 3:
            refuse(path, f"{word!r} may be a postcode")
    for pair in pairwise(words):
        if " ".join(pair) in PAIRS:
            refuse(path, f"{' '.join(pair)!r} shuts people out")
