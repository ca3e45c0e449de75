"""X's answers as domain errors: its CAPS codes say what happened, the status where there is none.

Nothing is chained to the original, and texts are X's own messages without any of our secrets. X
does not promise that a lock that timed out (423) or a server error left everything as it was, so
after a write both are Ambiguous.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from domain.errors import Ambiguous, NeedsReauth, PlatformError, Refused, Retryable, Throttled
from resources.shared_rate_limits import bounded

# Numbers are the codes of the v1.1 media endpoints.
TOKEN = frozenset({"UNAUTHORIZED_ACCESS", "32", "89", "215"})
CLOCK = frozenset({"135"})  # the signature's time lies too far from X's
THROTTLE = frozenset({"TOO_MANY_REQUESTS", "TWEET_RATE_LIMIT_EXCEEDED", "88", "185"})
PASSING = frozenset(
    {
        "INTERNAL_ERROR",
        "SERVICE_UNAVAILABLE",
        "OVER_CAPACITY",
        "LOCK_ACQUISITION_TIMEOUT",
        "CANCELLED_REQUEST",
        "130",
        "131",
    }
)
# The text stands there already: a create whose answer was lost left it, and the look finds it.
DUPLICATE = frozenset({"DUPLICATE_TWEET", "187"})
FULL = frozenset({"TOO_MANY_CAMPAIGNS", "TOO_MANY_LINE_ITEMS"})  # active ones of an account
THROTTLED, CANCELLED, LOCKED, UNAVAILABLE = (420, 429), 408, 423, 503
DEFAULT_WAIT_S = 60.0
_LIMITS = ("x-account-rate-limit", "x-rate-limit")  # the account's own limit takes precedence


def classified(
    status: int, body: Any, *, what: str, writes: bool, wait_s: float, secrets: Sequence[str]
) -> PlatformError:
    """The domain error for an answer that is no success; `wait_s` is what `silence` says of it."""
    errors = _errors(body)
    codes = {str(error.get("code", "")) for error in errors}
    text = redacted(_text(status, errors), secrets)
    if codes & CLOCK:
        return Retryable(text, where=what, mend="set this machine's clock")
    if codes & TOKEN or status == 401:
        return NeedsReauth(text, where=what, mend="a person must connect the account again")
    if codes & THROTTLE or status in THROTTLED:
        return Throttled(text, wait_s=wait_s or DEFAULT_WAIT_S, where=what)
    if codes & DUPLICATE and writes:
        return Ambiguous(text, where=what)
    if codes & PASSING or status >= 500 or status < 400 or status in (CANCELLED, LOCKED):
        if wait_s and not writes:
            return Throttled(text, wait_s=wait_s, where=what)
        return lost(text, what, writes)
    if codes & FULL:
        return Refused(text, where=what, mend="end other ads of the account first")
    blamed = sorted({str(e["parameter"]) for e in errors if e.get("parameter")})
    return Refused(text, where=what, mend=f"change {', '.join(blamed)}" if blamed else "")


def lost(text: str, what: str, ambiguous: bool) -> PlatformError:
    kind = Ambiguous if ambiguous else Retryable
    return kind(text, where=what)


def backoff_s(status: int, headers: Mapping[str, str], now: datetime) -> float:
    """Seconds for which X wants no call of this account: because it refused one, or because none
    is left in this window. `headers` ignore case; X's own clock counts where it tells the time."""
    now = _moment(headers.get("date", "")) or now
    told = [limit for limit in _LIMITS if f"{limit}-remaining" in headers]
    spent = [limit for limit in told if headers[f"{limit}-remaining"] == "0"]
    if status in THROTTLED:
        waits = [_until(headers, limit, now) for limit in (*spent, *_LIMITS)]
        waits += [_after(headers, now), DEFAULT_WAIT_S]
    elif status == UNAVAILABLE:
        waits = [_after(headers, now)]
    else:
        waits = [_until(headers, limit, now) for limit in told[:1] if limit in spent]
    return bounded(next((wait for wait in waits if wait), 0.0))


def operation_errors(body: Any) -> list[Mapping[str, Any]]:
    """Errors of a batch's items, one list for each item; a batch fails as a whole."""
    found = body.get("operation_errors") if isinstance(body, Mapping) else None
    items = [e if isinstance(e, list) else [e] for e in found or ()]
    return [error for item in items for error in item if isinstance(error, Mapping)]


def redacted(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "...") if secret else text
    return text


def _errors(body: Any) -> list[Mapping[str, Any]]:
    found = body.get("errors") if isinstance(body, Mapping) else None
    whole = [e for e in found if isinstance(e, Mapping)] if isinstance(found, list) else []
    return [*whole, *operation_errors(body)]


def _text(status: int, errors: Sequence[Mapping[str, Any]]) -> str:
    said = dict.fromkeys(f"{e.get('message') or 'refused'} [{e.get('code')}]" for e in errors)
    return " ".join("; ".join(said).split())[:300] or f"no explanation [{status}]"


def _until(headers: Mapping[str, str], limit: str, now: datetime) -> float:
    """Seconds until the window of `limit` ends, at least one; 0 when it is not told."""
    reset = headers.get(f"{limit}-reset", "")
    return max(float(reset) - now.timestamp(), 1.0) if reset.isdecimal() else 0.0


def _after(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds of `retry-after`, which is a number or a moment; 0 when it is not told."""
    told = headers.get("retry-after", "")
    if told.isdecimal():
        return float(told)
    moment = _moment(told)
    return max((moment - now).total_seconds(), 1.0) if moment else 0.0


def _moment(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
