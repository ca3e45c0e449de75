"""X's Ads API through tweepy's own signing and session; tweepy itself has no Ads API."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests
from tweepy.auth import OAuth1UserHandler
from tweepy.client import BaseClient

from domain.errors import Retryable, SetupError
from domain.platform import Mode, Pace
from resources.security.network_guard import TIMEOUT_S, guard, no_answer_error
from resources.x import errors

VERSION = 12
PAGE, PAGES = 1000, 1000
"""Rows of a page, and pages of one list: a list must end."""
# Both write tokens and signatures into debug lines.
for name in ("oauthlib", "requests_oauthlib"):
    logging.getLogger(name).setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class Keys:
    """The four parts that sign a request (OAuth 1.0a)."""

    consumer: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    token: str = field(repr=False)
    token_secret: str = field(repr=False)

    def __post_init__(self) -> None:
        parts = (self.consumer, self.consumer_secret, self.token, self.token_secret)
        if not all(parts):
            raise SetupError(
                "a consumer key, its secret, an access token and its secret are needed",
                where="X",
                mend="connect the account again",
            )


class AdsClient(BaseClient):
    """Signed requests of one account to `ads` (the Ads API) and `media` (uploads), which must be
    the only hosts that are reached. Raises the PlatformError family, Throttled while `pace` wants
    silence."""

    def __init__(
        self,
        keys: Keys,
        *,
        ads: str,
        media: str,
        mode: Mode,
        pace: Pace,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(
            consumer_key=keys.consumer,
            consumer_secret=keys.consumer_secret,
            access_token=keys.token,
            access_token_secret=keys.token_secret,
            return_type=requests.Response,
        )
        self._ads, self._media, self._pace, self._now = ads, media, pace, now
        self._secrets = (keys.consumer_secret, keys.token_secret, keys.token)
        self._signer = OAuth1UserHandler(
            keys.consumer, keys.consumer_secret, keys.token, keys.token_secret
        )
        self._media_session = requests.Session()
        guard(self.session, ads, mode)
        guard(self._media_session, media, mode)

    def __repr__(self) -> str:
        return f"AdsClient({self._ads!r})"

    def request(
        self,
        method: str,
        route: str,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        user_auth: bool = True,
        files: Mapping[str, Any] | None = None,
    ) -> requests.Response:
        """One signed request. `route` is a path below the version; "media/upload" is v1.1's.
        `params` go into the address of a GET, into the form of the others, which is signed too."""
        uploads = route == "media/upload"
        session = self._media_session if uploads else self.session
        host = f"{self._media}/1.1/{route}.json" if uploads else f"{self._ads}/{VERSION}/{route}"
        sent = form(params or {})
        return session.request(
            method,
            host,
            auth=self._signer.apply_auth(),
            json=json,
            files=files,
            params=sent if method == "GET" else None,
            data=None if method == "GET" else sent,
            headers={"User-Agent": self.user_agent},
            timeout=TIMEOUT_S,
            allow_redirects=False,
        )

    def ask(
        self,
        method: str,
        route: str,
        what: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        files: Mapping[str, Any] | None = None,
        writes: bool | None = None,
        absent_is_done: bool = False,
        urgent: bool = False,
    ) -> Mapping[str, Any]:
        """The answer's JSON object, {} for an empty one, and for a 404 if `absent_is_done`.
        `what` names the request in errors; a lost answer is Ambiguous if it `writes`. What is
        `urgent` is sent through any silence that we keep."""
        writes = method != "GET" if writes is None else writes
        if not urgent:
            self._pace.check()
        try:
            answer = self.request(method, route, params, json, files=files)
        except requests.RequestException as error:
            problem = no_answer_error(error, what=f"X {what}", writes=writes)
        else:
            wait_s = errors.backoff_s(answer.status_code, answer.headers, self._now())
            # What is left of a limit on questions about no account says nothing about the account.
            if wait_s and (answer.status_code >= 400 or "accounts/" in route):
                self._pace.heed(wait_s)
            if answer.status_code == 404 and absent_is_done:
                return {}
            return self._read(answer, f"X {what}", writes, wait_s)
        raise problem from None

    def _read(
        self, answer: requests.Response, what: str, writes: bool, wait_s: float
    ) -> Mapping[str, Any]:
        body, status = _json(answer), answer.status_code
        failed = bool(errors.operation_errors(body))
        if 200 <= status < 300 and not failed:
            if isinstance(body, Mapping):
                return body
            raise errors.lost("unreadable answer", what, writes)
        raise errors.classified(
            max(status, 400) if failed else status,
            body,
            what=what,
            writes=writes,
            wait_s=wait_s,
            secrets=self._secrets,
        )

    def rows(
        self, route: str, what: str, *, count: int = PAGE, **params: Any
    ) -> Iterator[Mapping[str, Any]]:
        """Every row of a list, page by page; `route` names the account. Retryable when X names a
        page again that was asked for, or more than PAGES."""
        cursor: str | None = None
        asked_for: set[str] = set()
        for _ in range(PAGES):
            asked = {**params, "count": count, "cursor": cursor}
            page = self.ask("GET", route, what, params=asked)
            data = page.get("data")
            if not isinstance(data, list):
                raise errors.lost("a list without data", f"X {what}", False)
            yield from data
            following = page.get("next_cursor")
            if not following:
                return
            cursor = str(following)
            if cursor in asked_for:
                raise Retryable(f"{route} lists a page twice", where=f"X {what}")
            asked_for.add(cursor)
        raise Retryable(f"{route} lists more than {PAGES} pages", where=f"X {what}")

    def one(
        self, route: str, what: str, *, urgent: bool = False, **params: Any
    ) -> Mapping[str, Any]:
        """The object that a path names."""
        answer = self.ask("GET", route, what, params=params, urgent=urgent)
        return data(answer, f"X {what}", writes=False)


def data(answer: Mapping[str, Any], what: str, *, writes: bool) -> Mapping[str, Any]:
    """The one object of an answer; unreadable when it holds none."""
    held = answer.get("data")
    if isinstance(held, list) and len(held) == 1:
        held = held[0]
    if not isinstance(held, Mapping):
        raise errors.lost("an answer without data", what, writes)
    return held


def form(params: Mapping[str, Any]) -> dict[str, str]:
    """Values as X spells them in addresses and forms; None is left out."""
    return {name: _spelled(value) for name, value in params.items() if value is not None}


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)


def _json(answer: requests.Response) -> Any:
    """The body as JSON; {} for none, None for what is no JSON, such as a proxy's page."""
    if not answer.content:
        return {}
    try:
        return answer.json()
    except ValueError:
        return None
