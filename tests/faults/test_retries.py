"""What a Dagster run tries again by itself, with the error's own wait."""

import time

import dagster as dg
import pytest

from assets.retries import LONGEST_S, PATIENCE, TRIES, retried, try_again
from domain.errors import Ambiguous, NeedsReauth, Refused, Retryable, Throttled


def run(error: Exception, *, patience: float = 0.01, after: bool = False) -> tuple[bool, int]:
    """Whether the step succeeded, and how often it was tried."""
    tries: list[int] = []

    @dg.asset
    def work(context: dg.AssetExecutionContext) -> None:
        tries.append(context.retry_number)
        if after:
            try_again(context, [error])
            return
        with retried(context):
            raise error

    done = dg.materialize([work], raise_on_error=False, tags={PATIENCE: str(patience)})
    return done.success, len(tries)


@pytest.mark.parametrize("error", [Retryable("503"), Throttled("calls", wait_s=0.01)])
def test_what_may_pass_is_tried_again(error):
    assert run(error) == (False, TRIES + 1)


@pytest.mark.parametrize(
    "error", [Refused("no"), NeedsReauth("dead"), Ambiguous("lost"), ValueError("a bug")]
)
def test_nothing_else_is_tried_again(error):
    assert run(error) == (False, 1)


def test_a_throttle_is_waited_for_as_long_as_it_asks():
    started = time.monotonic()
    assert run(Throttled("calls", wait_s=0.2), patience=1) == (False, TRIES + 1)
    assert time.monotonic() - started >= 0.2 * TRIES


@pytest.mark.parametrize("patience", [2.0, LONGEST_S])
def test_a_silence_longer_than_the_runs_patience_fails_it_at_once(patience):
    """A demo does not stand still for minutes; a run does not hold its place for hours."""
    assert run(Throttled("calls", wait_s=LONGEST_S + 1), patience=patience) == (False, 1)


def test_failures_that_were_kept_apart_are_tried_again_and_then_left():
    """The others' work is done by then: after the last try the step succeeds with what it has."""
    assert run(Retryable("503"), after=True) == (True, TRIES + 1)
    assert run(Refused("no"), after=True) == (True, 1)
