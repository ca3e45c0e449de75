"""Which language a text is in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

OTHER, ALL = "other", "all"
UNTOLD = frozenset({"und", "zxx"})
"""What py3langid calls a text that it is not sure of, and one that is in no language."""
LEAST_CONFIDENCE = 0.3
"""From here on a language is told; a list of names has less (docs/adr/0012)."""
READ = 1_000  # characters


@dataclass(frozen=True, slots=True)
class Languages:
    """Ids (ISO 639) and labels of the languages that are told apart."""

    labels: Mapping[str, str]

    def detect(self, text: str) -> str:
        """A language's id, "other", or "" where too little is said to tell."""
        found, _ = _identifier().classify(text[:READ].lower())
        if found in UNTOLD:
            return ""
        return found if found in self.labels else OTHER


@cache
def _identifier() -> Any:
    """Naive Bayes over 140 languages; it is read once, when the first text is."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(
        MODEL_FILE, norm_probs=True, min_confidence=LEAST_CONFIDENCE
    )


def unread(language: str, reads: Sequence[str], labels: Mapping[str, str]) -> str:
    """Why a text in `language` may not be placed by an encoder that reads the languages `reads`
    ("all" for any), or "" where it may. Too short a text to tell passes."""
    if not language or language in reads or ALL in reads:
        return ""
    return f"language {language}: the encoder reads {', '.join(labels.get(r, r) for r in reads)}"


def reader(languages: Languages, reads: Sequence[str]) -> Callable[[str], bool]:
    """Whether an encoder that reads the languages `reads` may place a text in a language."""
    return lambda language: not unread(language, reads, languages.labels)
