"""The door to networks: in sandbox mode nothing leaves this machine and no real token is used."""

import ipaddress
import re
import socket
from typing import Any
from urllib.parse import urlsplit

from requests import ConnectTimeout, PreparedRequest, RequestException, Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidURL
from urllib3.exceptions import HTTPError, NewConnectionError

from domain.errors import PlatformError, SetupError, Unanswered, Unreachable
from domain.platform import Mode

SANDBOX_TOKEN = "EMU"  # noqa: S105 a prefix that no real token has
TIMEOUT_S = (5.0, 60.0)
"""Seconds to connect to a network, and to wait for its answer."""
# Nothing else: what parsers of addresses may read differently is on no machine of ours.
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_HERE = re.compile(
    rf"(https?://)?(127(\.{_OCTET}){{3}}|localhost|\[::1\])(:[0-9]{{1,5}})?/?", re.ASCII
)


def mode_of(url: str) -> Mode:
    """Sandbox if `url` answers on this machine, live anywhere else: the host decides."""
    return Mode.SANDBOX if _loopback(urlsplit(url).hostname or "") else Mode.LIVE


def loopback(address: str) -> bool:
    """Whether `address`, an http one or gRPC's host:port, is plainly on this machine.

    >>> loopback("http://127.0.0.1:8700"), loopback("https://graph.facebook.com")
    (True, False)
    """
    return _HERE.fullmatch(address) is not None


def check_token(mode: Mode, token: str) -> None:
    """SetupError when a real token would be used in the sandbox, or a sandbox one live.

    >>> check_token(Mode.SANDBOX, "EAAB-a-real-token")
    Traceback (most recent call last):
        ...
    domain.errors.SetupError: connection: a token that is no sandbox one was given in sandbox ...
    """
    fake = token.startswith(SANDBOX_TOKEN)
    if mode is Mode.SANDBOX and not fake:
        raise SetupError(
            "a token that is no sandbox one was given in sandbox mode",
            where="connection",
            mend=f"sandbox tokens start with {SANDBOX_TOKEN}",
        )
    if mode is Mode.LIVE and (fake or not token):
        raise SetupError("live mode needs a real token", where="connection", mend="connect again")


class GuardedAdapter(HTTPAdapter):
    """Refuses every host but the one that was configured, redirects included."""

    def __init__(self, url: str, mode: Mode) -> None:
        super().__init__(max_retries=0)
        parts = urlsplit(url)
        try:
            self._origin = (parts.scheme, parts.hostname, parts.port)
        except ValueError as error:
            raise SetupError(str(error), where="address", mend="give another address") from None
        if mode is not mode_of(url):
            raise SetupError(
                f"{parts.hostname} is a {mode_of(url)} host, the mode is {mode}",
                where="address",
                mend="the sandbox answers on 127.0.0.1 only",
            )
        if mode is Mode.LIVE and parts.scheme != "https":
            raise SetupError("live mode speaks https only", where="address")

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """The one door of every SDK that speaks HTTP: what urllib3 and idna let through as bare
        exceptions (a port of 99999, a label of 64 letters) is an InvalidURL, as requests has it."""
        try:
            return self._sent(request, *args, **kwargs)
        except RequestException:
            raise
        except (HTTPError, ValueError) as error:  # UnicodeError is a ValueError
            raise InvalidURL(type(error).__name__, request=request) from None

    def _sent(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        parts = urlsplit(request.url or "")
        if (parts.scheme, parts.hostname, parts.port) != self._origin:
            raise SetupError(
                f"a request to {parts.hostname} was stopped",
                where="guard",
                mend="only the configured address may be reached",
            )
        return super().send(request, *args, **kwargs)


def guard(session: Session, url: str, mode: Mode) -> None:
    """Let `session` reach `url`'s host and no other; proxies of the environment are not used in the
    sandbox, because they would carry loopback requests away."""
    session.adapters.clear()
    adapter = GuardedAdapter(url, mode)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.trust_env = mode is Mode.LIVE


def unopened(error: RequestException) -> bool:
    """Whether no connection existed yet, so that nothing can have been sent."""
    if isinstance(error, ConnectTimeout | InvalidURL):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), NewConnectionError)


def no_answer_error(error: RequestException, *, what: str, writes: bool) -> PlatformError:
    """The domain error for a request that got no answer: Unanswered if it may have changed
    something, else Unreachable. Of the error only the type is told: its text may hold a token."""
    kind = Unanswered if writes and not unopened(error) else Unreachable
    return kind(f"no answer ({type(error).__name__})", where=what, mend="try again later")


def _loopback(host: str) -> bool:
    """Whether a host, however it is spelled, is this machine: 127.1, localhost., 0 and the IPv4
    address inside an IPv6 one too."""
    host = host.rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        found: Any = ipaddress.ip_address(host)
    except ValueError:
        try:
            found = ipaddress.ip_address(socket.inet_aton(host))
        except (OSError, UnicodeError):
            return False
    found = getattr(found, "ipv4_mapped", None) or found
    return bool(found.is_loopback or found.is_unspecified)
