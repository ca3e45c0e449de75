"""Does it matter to a segment whether a man or a woman wrote the résumé?"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from assets.progress import Bar, silent
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.embedding import EmbeddingStore, Vectors, embed
from assets.segmentation.model.segment_model import Fitted

# (he, she): each word stands for the other; "her" is read as his, which résumés say more often.
PAIRS = (
    ("he", "she"),
    ("his", "her"),
    ("him", "her"),
    ("himself", "herself"),
    ("mr", "ms"),
    ("man", "woman"),
    ("men", "women"),
    ("male", "female"),
    ("boy", "girl"),
    ("boys", "girls"),
    ("father", "mother"),
    ("husband", "wife"),
    ("son", "daughter"),
    ("brother", "sister"),
    ("fraternity", "sorority"),
    ("chairman", "chairwoman"),
    ("salesman", "saleswoman"),
    ("businessman", "businesswoman"),
    ("spokesman", "spokeswoman"),
    ("foreman", "forewoman"),
    ("waiter", "waitress"),
    ("actor", "actress"),
    ("host", "hostess"),
    ("steward", "stewardess"),
    ("king", "queen"),
    ("gentleman", "lady"),
    ("guy", "gal"),
    ("masculine", "feminine"),
)
_TO_HER = {he: she for he, she in reversed(PAIRS)}
_TO_HIM = {she: he for he, she in reversed(PAIRS)}
_WORD = re.compile(r"[A-Za-z]+")


def _gendered(text: str, words: dict[str, str]) -> str:
    """Every word of `words` replaced, in the case that it has."""

    def turn(match: re.Match[str]) -> str:
        word = match[0]
        other = words.get(word.lower())
        if other is None:
            return word
        if word.isupper() and len(word) > 1:
            return other.upper()
        return other.capitalize() if word[0].isupper() else other

    return _WORD.sub(turn, text)


def as_man(text: str) -> str:
    """The text with his words where it has hers."""
    return _gendered(text, _TO_HIM)


def as_woman(text: str) -> str:
    """The text with her words where it has his."""
    return _gendered(text, _TO_HER)


def swapped(
    fitted: Fitted,
    texts: Sequence[str],
    encode: Callable[[Sequence[str]], Vectors],
    store: EmbeddingStore,
    config: SegmentationConfig,
    bar: Bar = silent,
) -> Fitted:
    """The fit with every shown segment doubted that a swap of gender moves résumés out of. (Of a
    hidden one the share would tell how many it has.)

    `texts` are the redacted résumés, the last rows of the fit: no name is left to swap. At most
    `swap_texts` of them are read as a man's and as a woman's; those that speak of neither are the
    same text. Both readings are kept under the résumé's own hash and go when it goes. A move
    within a segment, from one that it holds to another, is none out of it.
    """
    model = fitted.model
    labels = fitted.labels[len(fitted.labels) - len(texts) :]
    counted = range(min(len(texts), config.swap_texts))
    differ = [i for i in counted if as_man(texts[i]) != as_woman(texts[i])]
    if not differ:
        return fitted
    centres = model.centroids[: model.finest].T
    some = [texts[i] for i in differ]
    done = bar("swapping gender in résumés", 2 * len(some))
    his, hers = (
        (embed(some, encode, store.reading(name), progress=done, turn=turn)[0] @ centres).argmax(
            axis=1
        )
        for name, turn in (("as a man's", as_man), ("as a woman's", as_woman))
    )
    own = model.holding[labels[differ]]  # (résumés, segments)
    both = model.holding[his] * model.holding[hers]
    moved = (own * (his != hers)[:, None] * (1 - both)).sum(axis=0)
    among = model.holding[labels[: len(counted)]].sum(axis=0)
    share = np.divide(moved, among, out=np.zeros(len(among)), where=among > 0)
    segments = tuple(
        s if s.hidden or s.doubt else replace(s, doubt=_doubt(share[s.cluster_id], config))
        for s in model.segments
    )
    return replace(fitted, model=replace(model, segments=segments))


def _doubt(share: float, config: SegmentationConfig) -> str:
    allowed = 1.0 - config.swap_unchanged
    if share <= allowed + 1e-9:
        return ""
    return f"a swap of gender moves {share:.1%} of its résumés, more than {allowed:.1%}"
