"""Every order of two workers, one death, one edit and one lease that ends."""

import pytest

from tests.reliability import scenarios
from tests.reliability.explore import explore
from tests.reliability.scenarios import GOOGLE, META

HELD = [*scenarios.basic(META), *scenarios.basic(GOOGLE)]
# What a worker may leave that stopped between the check of its lease and the sending: a double that
# rests, one object left on below or above one that is off, an ad that is off although it is wanted.
ADMITTED = (" living ", "stays on", "0 of 1 arms deliver")


@pytest.mark.parametrize("scenario", HELD, ids=lambda s: s.name)
def test_nothing_is_doubled_lost_or_run_without_approval(scenario):
    """No state of any interleaving breaks a rule, nor does what an undisturbed worker leaves."""
    result = explore(scenario)
    assert [(f.fault, *f.trace) for f in result.found] == []
    assert result.interleavings > 10**9 and result.checks > 1000


@pytest.mark.parametrize("scenario", scenarios.controls(), ids=lambda s: s.name)
def test_the_model_finds_what_is_broken_on_purpose(scenario):
    """Without the look, without fencing, or switched on before it was verified."""
    assert explore(scenario).found


def test_without_fencing_two_workers_double_a_campaign():
    """The fault that fencing is for, in a trace of some twenty steps."""
    control = next(s for s in scenarios.controls() if s.name == "control unfenced, meta")
    found = {f.fault.split(" of ")[0]: f.trace for f in explore(control, most_faults=2).found}
    assert len(found["2 living campaign"]) < 30


@pytest.mark.parametrize("scenario", scenarios.late(), ids=lambda s: s.name)
def test_a_worker_that_stops_after_its_check_leaves_nothing_that_spends(scenario):
    """For longer than its lease: what it may leave is a double at rest, or an ad that is off."""
    faults = {f.fault for f in explore(scenario, most_faults=99).found}
    assert faults and all(any(said in fault for said in ADMITTED) for fault in faults)
    assert not any("campaign-1', 'a" in fault or "2 of 1" in fault for fault in faults)
