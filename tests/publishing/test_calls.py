"""What a lost answer may still do, and when it is over."""

from dataclasses import dataclass, field

import pytest

from assets.publishing.posting import retries
from domain.errors import Ambiguous, LeaseLost, Retryable


@dataclass
class Late:
    """One switch on a network. The first write is answered by a timeout and arrives late."""

    delay: float
    state: str = "on"
    at: float = 0.0
    pending: list[tuple[float, str]] = field(default_factory=list)
    sent: int = 0

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        for due in [p for p in self.pending if p[0] <= self.at]:
            self.state = due[1]
            self.pending.remove(due)

    def write(self, state: str) -> None:
        self.sent += 1
        if self.sent == 1:
            self.pending.append((self.at + self.delay, state))
            raise Ambiguous("timed out")
        self.state = state


@pytest.mark.parametrize("delay", [0.5, 3.0, 20.0, 31.0])
def test_a_late_pause_never_undoes_what_was_sent_after_it(delay):
    """It has arrived before anything else is sent."""
    network = Late(delay)
    retries.with_retries(lambda: network.write("off"), network.sleep)
    retries.with_retries(lambda: network.write("on"), network.sleep)
    network.sleep(1000)
    assert network.state == "on" and network.sent == 3


def failing(error, sent):
    def call():
        sent.append(error)
        raise error

    return call


@pytest.mark.parametrize(("error", "waited"), [(Ambiguous("x"), 93.0), (Retryable("x"), 5.0)])
def test_three_lost_tries_are_told_and_a_write_is_waited_out_first(error, waited):
    """Whoever comes next meets no request that is still under way; a read leaves none."""
    slept: list[float] = []
    sent: list[Exception] = []
    with pytest.raises(type(error)):
        retries.with_retries(failing(error, sent), slept.append)
    assert len(sent) == 3 and sum(slept) == waited


def test_a_lost_lease_is_not_tried_again():
    """Another holds the place: nothing more is sent, at once."""
    sent: list[Exception] = []
    with pytest.raises(LeaseLost):
        retries.with_retries(failing(LeaseLost("x"), sent), lambda _: pytest.fail("waited"))
    assert len(sent) == 1
