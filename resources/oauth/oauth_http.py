"""One request of an OAuth dialog. Tokens stand in addresses and bodies here, so that errors carry
the network's words at most, redacted, and nothing is chained to the original."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus

import requests

from domain.errors import NeedsReauth, PlatformError, Refused, Retryable
from domain.platform import Mode
from resources.security.network_guard import TIMEOUT_S, guard, no_answer_error

AGAIN = "a person must connect the account again"
LATER = "try again"


def session(url: str, mode: Mode) -> requests.Session:
    """Reaches `url`'s host and no other; https only when live."""
    made = requests.Session()
    guard(made, url, mode)
    return made


def asked(
    session: requests.Session,
    method: str,
    url: str,
    what: str,
    *,
    secrets: tuple[str, ...] = (),
    **request: Any,
) -> Mapping[str, Any]:
    """The JSON object of the answer. Retryable when the network is not well, NeedsReauth when it
    does not know the token or grant (any more), Refused for other refusals."""
    try:
        answer = session.request(method, url, timeout=TIMEOUT_S, allow_redirects=False, **request)
        body = answer.json() if answer.content else {}
    except requests.JSONDecodeError as error:
        problem: PlatformError = Retryable(
            f"no readable answer ({type(error).__name__})", where=what, mend=LATER
        )
    except requests.RequestException as error:
        problem = no_answer_error(error, what=what, writes=False)
    else:
        if 200 <= answer.status_code < 300 and isinstance(body, Mapping):
            return body
        raise refusal(answer.status_code, body, what, secrets) from None
    raise problem from None


def refusal(
    status: int, body: Any, what: str, secrets: tuple[str, ...]
) -> NeedsReauth | Refused | Retryable:
    said = redacted(words(body), secrets)
    if status >= 500 or status == 429:
        return Retryable(f"{status} {said}".strip(), where=what, mend="try again")
    if status == 401 or "invalid_grant" in said or "[190" in said:
        return NeedsReauth(said or str(status), where=what, mend=AGAIN)
    return Refused(f"{status} {said}".strip(), where=what)


def words(body: Any) -> str:
    """The network's own: OAuth 2's `error: error_description`, Graph's message [code], X's list."""
    if not isinstance(body, Mapping):
        return ""
    error = body.get("error") or body.get("errors") or ""
    if isinstance(error, Mapping):
        return f"{error.get('message', '')} [{error.get('code', '')}]"
    if isinstance(error, list):
        return "; ".join(str(e.get("message", "")) for e in error if isinstance(e, Mapping))
    return ": ".join(filter(None, (str(error), str(body.get("error_description", "")))))


def redacted(text: str, secrets: tuple[str, ...]) -> str:
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for spelled in (secret, quote(secret, safe=""), quote_plus(secret)):
            text = text.replace(spelled, "...")
    return text[:300]
