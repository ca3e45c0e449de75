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
GENDERED_PAIRS = (
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
_TO_HER = {he: she for he, she in reversed(GENDERED_PAIRS)}
_TO_HIM = {she: he for he, she in reversed(GENDERED_PAIRS)}
_WORD = re.compile(r"[A-Za-z]+")


def _gendered(text: str, words: dict[str, str]) -> str:
    """Every word of `words` replaced, in the case that it has."""

    def rewrite(match: re.Match[str]) -> str:
        word = match[0]
        other = words.get(word.lower())
        if other is None:
            return word
        if word.isupper() and len(word) > 1:
            return other.upper()
        return other.capitalize() if word[0].isupper() else other

    return _WORD.sub(rewrite, text)


def masculine(text: str) -> str:
    """The text with masculine words for feminine ones.

    >>> masculine("She and her daughter")
    'He and his son'
    """
    return _gendered(text, _TO_HIM)


def feminine(text: str) -> str:
    """The text with feminine words for masculine ones."""
    return _gendered(text, _TO_HER)


def reject_gendered_segments(
    fitted: Fitted,
    texts: Sequence[str],
    encode: Callable[[Sequence[str]], Vectors],
    store: EmbeddingStore,
    config: SegmentationConfig,
    bar: Bar = silent,
) -> Fitted:
    """Reject every shown segment whose résumés leave it when the gender in their words is swapped.

    A hidden segment is not judged: the share would tell how many résumés it has. A move from one
    segment to another inside a coarser one leaves that coarser one as it is.

    Args:
        fitted: a fit whose last rows are the résumés.
        texts: the redacted résumés: no name is left to swap. At most `swap_texts` of them are
            tested.
        store: keeps both wordings under the résumé's own hash; they are forgotten with it.

    Returns:
        The fit, with a `rejection_reason` in each such segment that had none.
    """
    model = fitted.model
    labels = fitted.labels[len(fitted.labels) - len(texts) :]
    counted = range(min(len(texts), config.swap_texts))
    differ = [i for i in counted if masculine(texts[i]) != feminine(texts[i])]
    if not differ:
        return fitted
    centres = model.centroids[: model.n_finest].T
    some = [texts[i] for i in differ]
    done = bar("swapping gender in résumés", 2 * len(some))
    his, hers = (
        (
            embed(some, encode, store.variant(name), progress=done, rewrite=rewrite)[0] @ centres
        ).argmax(axis=1)
        for name, rewrite in (("as a man's", masculine), ("as a woman's", feminine))
    )
    own = model.containment[labels[differ]]  # (résumés, segments)
    both = model.containment[his] * model.containment[hers]
    moved = (own * (his != hers)[:, None] * (1 - both)).sum(axis=0)
    among = model.containment[labels[: len(counted)]].sum(axis=0)
    share = np.divide(moved, among, out=np.zeros(len(among)), where=among > 0)
    segments = tuple(
        s
        if s.hidden or s.rejection_reason
        else replace(s, rejection_reason=_swap_rejection(share[s.cluster_id], config))
        for s in model.segments
    )
    return replace(fitted, model=replace(model, segments=segments))


def _swap_rejection(share: float, config: SegmentationConfig) -> str:
    allowed = 1.0 - config.swap_unchanged
    if share <= allowed + 1e-9:
        return ""
    return f"a swap of gender moves {share:.1%} of its résumés, more than {allowed:.1%}"
