"""What of a job a network may target, what only the text says, and what it never learns."""

from assets.publishing.policy.compiler import compile
from assets.publishing.policy.places import Place, Target
from assets.publishing.policy.rules import Rulebook, rulebook
from assets.publishing.policy.subject import Compiled, Keyword, Policy, Subject
from assets.publishing.policy.words import Words, lexicon, lint

__all__ = [
    "Compiled",
    "Keyword",
    "Place",
    "Policy",
    "Rulebook",
    "Subject",
    "Target",
    "Words",
    "compile",
    "lexicon",
    "lint",
    "rulebook",
]
