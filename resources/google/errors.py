"""Google's failures, sorted once: by the codes of a GoogleAdsFailure, else by gRPC's status.

INTERNAL and RESOURCE_EXHAUSTED come as raw exceptions even when a failure is attached, so that it
is read from their trailing metadata. Texts are redacted and nothing is chained to the original.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from domain.errors import (
    Ambiguous,
    JobadsError,
    NeedsReauth,
    PlatformError,
    Refused,
    Retryable,
    Throttled,
    Unanswered,
    Unreachable,
)
from domain.platform import Pace
from resources.google.codes import (
    CONNECT,
    DEFAULT_WAIT_S,
    DUPLICATE,
    FAILURE_KEY,
    LOST,
    MENDS,
    PLUGIN,
    RETRY,
    SILENT,
    UNSENT,
    WAITS,
    WRONG_ACCOUNT,
)
from resources.shared_rate_limits import bounded

T = TypeVar("T")

_SECRET = re.compile(r"(Bearer\s+|ya29\.|1//|EMU-)[\w.~+/=-]+", re.IGNORECASE)


def called(
    call: Callable[[], T],
    *,
    what: str,
    writes: bool,
    creates: bool,
    secrets: Callable[[], Sequence[str]],
    pace: Pace,
    urgent: bool = False,
) -> T:
    """Run one SDK call; raise only the PlatformError family, with no secret in any text.

    A lost answer to a write is Ambiguous, to a read Retryable; a call that never left is Retryable
    for both. Only one that `creates` can meet its own name again. A wish for silence is told to
    `pace`, which is asked before a call that is not `urgent`."""
    from google.ads.googleads.errors import GoogleAdsException
    from google.api_core.exceptions import GoogleAPICallError, from_grpc_error
    from google.auth.exceptions import GoogleAuthError
    from grpc import RpcError

    if not urgent:
        pace.check()
    try:
        return call()
    except GoogleAdsException as error:
        problem: JobadsError = failed(
            error.failure._pb.errors, what=what, writes=writes, creates=creates
        )
    except GoogleAPICallError as error:
        problem = _raw(error, what, writes, creates)
    except RpcError as error:
        problem = _raw(from_grpc_error(error), what, writes, creates)
    except GoogleAuthError as error:
        problem = _unauthorized(error, what)
    except JobadsError as error:
        problem = error
    if isinstance(problem, Throttled):
        pace.heed(problem.wait_s)
    raise redacted(problem, secrets()) from None


def failed(errors: Sequence[Any], *, what: str, writes: bool, creates: bool) -> PlatformError:
    """The domain error for the errors of one GoogleAdsFailure: the first that asks for something
    else than a change of the request decides."""
    known = [(*code(error), error) for error in errors]
    text = "; ".join(dict.fromkeys(error_text(error) for error in errors[:3])) or "no explanation"
    for family, name, error in known:
        if family == "quota_error" and name in WAITS:
            return Throttled(text, wait_s=_delay(error) or WAITS[name], where=what)
        if family == "authentication_error" and name not in WRONG_ACCOUNT:
            return NeedsReauth(text, where=what, mend=CONNECT)
        if creates and name in DUPLICATE:
            return Ambiguous(text, where=what, mend="look for it")
        if name in RETRY:
            return Retryable(text, where=what)
        if family == "internal_error":
            return _lost(text, what, writes)
    return Refused(text, where=what, mend=_mend(known))


def _mend(known: Sequence[tuple[str, str, Any]]) -> str:
    ways = [MENDS[name] for _, name, _ in known if name in MENDS]
    fields = sorted({path(error) for _, _, error in known} - {""})
    return "; ".join(dict.fromkeys(ways)) or (f"change {', '.join(fields)}" if fields else "")


def code(error: Any) -> tuple[str, str]:
    """("campaign_error", "DUPLICATE_CAMPAIGN_NAME") of a GoogleAdsError of protobuf."""
    held = error.error_code
    family = held.WhichOneof("error_code") or ""
    if not family:
        return "", "UNKNOWN"
    value = held.DESCRIPTOR.fields_by_name[family].enum_type.values_by_number.get(
        getattr(held, family)
    )
    return family, value.name if value else "UNKNOWN"


def path(error: Any) -> str:
    """mutate_operations[2].campaign_operation.create.name, or ""."""
    steps = [
        f"{e.field_name}[{e.index}]" if e.HasField("index") else e.field_name
        for e in error.location.field_path_elements
    ]
    return ".".join(steps)


def error_text(error: Any) -> str:
    """Google's words, with its code, the field, and the policies that it names."""
    findings = error.details.policy_finding_details.policy_topic_entries
    topics = [entry.topic for entry in findings]
    topics += filter(None, [error.details.policy_violation_details.external_policy_name])
    words = " ".join(str(error.message or "no explanation").split())[:200]
    about = f" ({', '.join(topics)})" if topics else ""
    where = f" at {path(error)}" if path(error) else ""
    return f"{words}{about} [{code(error)[1]}]{where}"


def redacted(problem: JobadsError, secrets: Sequence[str]) -> JobadsError:
    """The same error without secrets in its texts."""
    texts = [_clean(text, secrets) for text in (problem.what, problem.where, problem.mend)]
    if texts == [problem.what, problem.where, problem.mend]:
        return problem
    more = {"wait_s": problem.wait_s} if isinstance(problem, Throttled) else {}
    return type(problem)(texts[0], where=texts[1], mend=texts[2], **more)


def _raw(error: Any, what: str, writes: bool, creates: bool) -> PlatformError:
    """An exception of gRPC: with a failure attached that decides, else its status."""
    attached = [e for failure in _failures(error) for e in failure.errors]
    if attached:
        return failed(attached, what=what, writes=writes, creates=creates)
    status = getattr(error.grpc_status_code, "name", "UNKNOWN")
    words = " ".join(str(error.message or "").split())
    text = f"{words[:200]} [{status}]"
    if PLUGIN in words:
        dead = "RefreshError" in words or "invalid_grant" in words
        return NeedsReauth(text, where=what, mend=CONNECT) if dead else Retryable(text, where=what)
    if status == "UNAUTHENTICATED":
        return NeedsReauth(text, where=what, mend=CONNECT)
    if status == "RESOURCE_EXHAUSTED":
        return Throttled(text, wait_s=DEFAULT_WAIT_S, where=what)
    if status == "ABORTED":
        return Retryable(text, where=what)
    if status in SILENT:
        sent = not any(w in words for w in UNSENT)
        return (Unanswered if writes and sent else Unreachable)(text, where=what)
    if status in LOST:
        return _lost(text, what, writes)
    return Refused(text, where=what)


def _failures(error: Any) -> Iterator[Any]:
    from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure
    from google.protobuf.message import DecodeError

    trailing: Any = getattr(error.response, "trailing_metadata", tuple)() or ()
    for key, value in trailing:
        if key == FAILURE_KEY:
            try:
                yield GoogleAdsFailure.pb().FromString(value)
            except DecodeError:
                return


def _unauthorized(error: Any, what: str) -> PlatformError:
    """A token that could not be renewed: for good, or because nobody answered."""
    from google.auth.exceptions import RefreshError

    text = f"the token could not be renewed ({type(error).__name__})"
    if isinstance(error, RefreshError) and not error.retryable:
        return NeedsReauth(text, where=what, mend=CONNECT)
    return Unreachable(text, where=what)


def _delay(error: Any) -> float:
    delay = error.details.quota_error_details.retry_delay
    return bounded(delay.seconds + delay.nanos / 1e9)


def _lost(text: str, what: str, writes: bool) -> PlatformError:
    return Ambiguous(text, where=what) if writes else Retryable(text, where=what)


def _clean(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "...")
    return _SECRET.sub(r"\1...", text)
