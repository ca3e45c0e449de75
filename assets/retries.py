"""What a run tries again by itself, and when: the one place that knows Dagster's word for it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import dagster as dg

from domain.errors import JobadsError, Retryable, Throttled

TRIES = 3
"""Tries of a step that failed with something that may pass."""
WAIT_S = 30.0
"""Seconds between these tries, unless the network names its own wait."""
LONGEST_S = 600.0
"""A run does not sleep through a longer silence: the ledger lists the ad again after it."""
PATIENCE = "jobads/patience_s"
"""Tag of a run that somebody waits for in a terminal: how long one wait may be at most."""


@contextmanager
def retried(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Around an asset's work: what is Retryable or Throttled lets the step be tried again after the
    error's own wait; any other error, and a wait that is too long, fails it."""
    try:
        yield
    except (Retryable, Throttled) as error:
        request = _request(context, error)
        if request is None:
            raise
        raise request from error


def try_again(context: dg.AssetExecutionContext, errors: Iterable[JobadsError]) -> None:
    """After work whose failures were kept apart: RetryRequested while a try is left and one of them
    may pass. After the last try the step goes on with what there is."""
    if context.retry_number >= TRIES:
        return
    for error in errors:
        request = _request(context, error)
        if request is not None:
            raise request from error


def _request(context: dg.AssetExecutionContext, error: JobadsError) -> dg.RetryRequested | None:
    patience = float(context.run.tags.get(PATIENCE, LONGEST_S))
    if isinstance(error, Throttled):
        wait = error.wait_s if error.wait_s <= patience else None
    else:
        wait = min(WAIT_S, patience) if isinstance(error, Retryable) else None
    return None if wait is None else dg.RetryRequested(max_retries=TRIES, seconds_to_wait=wait)
