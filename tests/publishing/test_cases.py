"""Labelled cases, generated sets and loosened rules: a small part of what the benchmark runs."""

import pytest

from benchmarks.policy import CASES, faults, killed, mutants, scored
from resources.policy import load_policy


@pytest.mark.parametrize("path", sorted(CASES.glob("cases*.jsonl")), ids=lambda p: p.stem)
def test_every_illegal_case_is_refused_and_the_legal_pass(path):
    """No illegal case gets through; at most one legal in fifty is blocked."""
    found = scored(path, load_policy())
    assert [s.id for s in found if not s.legal and not s.right] == []
    legal = [s for s in found if s.legal]
    assert sum(not s.right for s in legal) <= len(legal) / 50
    assert len(legal) >= 50 and len(found) - len(legal) >= 50


def test_the_checker_faults_no_generated_payload():
    """Half of the facts are hostile; what the compiler lets through the second checker lets too."""
    counts, shown = faults(3_000, seed=5)
    assert counts["payloads"] > 2_000
    assert shown == []


def test_a_loosened_rule_is_noticed():
    """A part of all mutations: at least 95 in 100 make a table, a case or the checker object."""
    some = list(mutants())[::7]
    unseen = [m.name for m in some if not killed(m, sample=50)]
    assert len(unseen) <= len(some) / 20, unseen
