"""Labelled cases, generated sets and loosened rules: a small part of what the benchmark runs."""

import pytest

from assets.publishing.policy.files import load_policy
from benchmarks.policy import refused
from benchmarks.policy_cases import CASES, files, phrases, scored, unlawful_keywords
from benchmarks.policy_mutations import killed, mutants
from benchmarks.policy_sets import faults

OWN = CASES / "cases.jsonl"
# What other authors' cases scored, (illegal refused, legal let through): it may not fall.
MEASURED = {"cases_second": (108, 105), "cases_third": (27, 60)}


def test_every_illegal_case_of_ours_is_refused_and_the_legal_pass():
    """No illegal case gets through; at most one legal in fifty is blocked."""
    found = scored(OWN, load_policy())
    assert [s.id for s in found if not s.legal and not s.right] == []
    legal = [s for s in found if s.legal]
    assert sum(not s.right for s in legal) <= len(legal) / 50
    assert len(legal) >= 50 and len(found) - len(legal) >= 50


@pytest.mark.parametrize("path", [p for p in files() if p != OWN], ids=lambda p: p.stem)
def test_what_other_authors_cases_scored_does_not_fall(path):
    """Cases by people who did not write the rules; their failures are shown, not hidden."""
    found = scored(path, load_policy())
    right = [sum(s.right for s in found if s.legal is legal) for legal in (False, True)]
    wrong = [(s.id, "blocked" if s.legal else "let through", s.said) for s in found if not s.right]
    print(f"{path.name}: {right}, wrong: {wrong}")
    least = MEASURED.get(path.stem, (0, 0))
    assert right[0] >= least[0] and right[1] >= least[1], wrong


def test_known_phrases_are_refused_in_every_language_and_disguise():
    """Each unlawful phrase and keyword is refused, each lawful look-alike passes."""
    words = load_policy().words
    assert [t for t in phrases("illegal") if not words.shuts_out(t)] == []
    assert [t for t in phrases("keywords") if not words.proxy(t)] == []
    assert [t for t in phrases("legal") if words.shuts_out(t)] == []
    assert len(unlawful_keywords()) > len(phrases("keywords"))


def test_the_second_checker_refuses_by_its_own_words_and_blocks_no_lawful_phrase():
    """Coarser than the compiler: at least a third of the phrases, and never a lawful one."""
    illegal = phrases("illegal")
    assert sum(bool(refused(t)) for t in illegal) > len(illegal) / 3
    assert [t for t in phrases("legal") if refused(t)] == []


def test_the_checker_faults_no_generated_payload():
    """Half of the facts are hostile; what the compiler lets through the second checker lets too."""
    counts, shown = faults(1_500, seed=5)
    assert counts["payloads"] > 800
    assert shown == []


def test_a_loosened_rule_is_noticed():
    """A part of all mutations: at least 95 in 100 make a table, a case or the checker object."""
    some = list(mutants())[::23]
    unseen = [m.name for m in some if not killed(m, sample=50)]
    assert len(unseen) <= len(some) / 20, unseen
