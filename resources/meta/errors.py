"""Meta answers nearly everything with HTTP 400: its code says what happened and what may follow.

Texts are ours or redacted: the SDK puts tokens into the query string of every request, so the text
of a transport error or a traceback may hold one. Nothing is chained to the original.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import requests

from domain.errors import (
    Ambiguous,
    JobadsError,
    NeedsReauth,
    PlatformError,
    Refused,
    Retryable,
    Throttled,
)
from domain.platform import Pace
from resources.security.network_guard import no_answer_error
from resources.shared_rate_limits import bounded

T = TypeVar("T")

THROTTLE = frozenset({4, 17, 32, 341, 613, 80000, 80001, 80002, 80003, 80004, 80005, 80008, 80014})
# Limits on changes, not on calls: an hour or a day passes before the next is allowed.
SLOW = {(613, 1487632): 3600.0, (613, 1487225): 3600.0, (17, 1885172): 86400.0}
# Those on the changes of one object: its account may be called as before.
OF_ONE_OBJECT = frozenset({(613, 1487632), (17, 1885172)})
TRANSIENT = frozenset({1, 2})
TOKEN = frozenset({102, 190, 463, 467})
DEFAULT_WAIT_S = 60.0
USAGE = "x-business-use-case-usage"
_SECRET = re.compile(r"(access_token|appsecret_proof|client_secret|input_token)=[^&\s\"']+")


def called(call: Callable[[], T], *, what: str, writes: bool, token: str, pace: Pace) -> T:
    """Run one SDK call; raise only the PlatformError family, with no secret in any text.

    A lost answer to a write is Ambiguous, to a read Retryable; a connection that never opened is
    Retryable for both. `pace` hears of a limit unless it is one on the changes of one object.
    """
    from facebook_business.exceptions import FacebookError, FacebookRequestError

    try:
        return call()
    except FacebookRequestError as error:
        problem: JobadsError = classified(error, what=what, writes=writes, token=token)
        if isinstance(problem, Throttled) and _code(error) not in OF_ONE_OBJECT:
            pace.heed(problem.wait_s)
    except requests.RequestException as error:
        problem = no_answer_error(error, what=what, writes=writes)
    except FacebookError as error:
        problem = Refused(type(error).__name__, where=what)
    except JobadsError as error:
        problem = error
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        # The SDK trips over answers that are no JSON of Meta's, such as a proxy's error page.
        problem = _lost(f"unreadable answer ({type(error).__name__})", what, writes)
    raise problem from None


def classified(error: Any, *, what: str, writes: bool, token: str) -> PlatformError:
    """The domain error for a FacebookRequestError `error`."""
    code, subcode = _code(error)
    status = error.http_status() or 0
    text = redacted(
        f"{_text(error)} [{code}/{subcode}]" if subcode else f"{_text(error)} [{code}]", token
    )
    if (code, subcode) in SLOW:
        return Throttled(text, wait_s=SLOW[code, subcode], where=what)
    if code in THROTTLE:
        return Throttled(text, wait_s=wait(error.http_headers() or {}), where=what)
    if code in TOKEN:
        return NeedsReauth(text, where=what, mend="a person must connect the account again")
    if code in TRANSIENT or error.api_transient_error() or status >= 500 or code is None:
        return _lost(text, what, writes)
    return Refused(text, where=what, mend=_blamed(error))


def wait(headers: Mapping[str, str]) -> float:
    """Seconds until Meta says that calls are allowed again; a minute when it does not say."""
    return backoff_s(headers) or DEFAULT_WAIT_S


def backoff_s(headers: Mapping[str, str]) -> float:
    """Seconds of silence that an answer's usage header asks for; 0 for none.

    >>> usage = '{"7": [{"type": "ads_management", "estimated_time_to_regain_access": 5}]}'
    >>> backoff_s({"X-Business-Use-Case-Usage": usage}), backoff_s({})
    (300.0, 0.0)
    """
    usage = next((v for k, v in headers.items() if k.lower() == USAGE), "{}")
    try:
        entries = [entry for entries in json.loads(usage).values() for entry in entries]
    except (ValueError, TypeError, AttributeError, RecursionError):
        return 0.0
    return max((bounded(_minutes(entry) * 60) for entry in entries), default=0.0)


def redacted(text: str, token: str) -> str:
    text = _SECRET.sub(r"\1=...", text)
    return text.replace(token, "...") if token else text


def _minutes(entry: Any) -> float:
    try:
        return float(entry.get("estimated_time_to_regain_access", 0))
    except (ValueError, TypeError, AttributeError, OverflowError):
        return 0.0


def _code(error: Any) -> tuple[Any, Any]:
    return error.api_error_code(), error.api_error_subcode()


def _lost(text: str, what: str, ambiguous: bool) -> PlatformError:
    kind = Ambiguous if ambiguous else Retryable
    return kind(text, where=what)


def _text(error: Any) -> str:
    body = error.body()
    inner = body.get("error", {}) if isinstance(body, dict) else {}
    parts = (inner.get("error_user_title"), inner.get("error_user_msg"), inner.get("message"))
    said = next((p for p in (parts[1], parts[2], parts[0]) if p), "no explanation")
    return " ".join(str(said).split())[:300]


def _blamed(error: Any) -> str:
    blamed = error.api_blame_field_specs()
    if isinstance(blamed, str):
        blamed = [[blamed]]
    fields = sorted(
        {".".join(map(str, b)) if isinstance(b, list) else str(b) for b in blamed or ()}
    )
    return f"change {', '.join(fields)}" if fields else ""
