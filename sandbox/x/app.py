"""The HTTP face: the Ads API, media uploads, OAuth pages, and `/_twin/`."""

import time
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import admin
from sandbox.clock import Clock
from sandbox.faults import Fault, Faults
from sandbox.wire import carry
from sandbox.x.api import Api
from sandbox.x.consent import Consent, Refused
from sandbox.x.delivery import Delivery
from sandbox.x.errors import BatchError, XError
from sandbox.x.limits import QUOTAS, Limits, category, headers
from sandbox.x.media import Media
from sandbox.x.promoted import Promoted
from sandbox.x.requests import ApiRequest, parse_request
from sandbox.x.review import Review
from sandbox.x.showings import Showings
from sandbox.x.signing import BadSignature
from sandbox.x.state import State
from sandbox.x.stats import Stats
from sandbox.x.tokens import APPS, HANDLE, USER, USER_NAME, WAITING, Tokens
from sandbox.x.world import World

VERSION = "12"
# What a planted status is called; `detail` may name another code and message.
_CODES = {
    400: "INVALID_PARAMETER",
    401: "UNAUTHORIZED_ACCESS",
    403: "UNAUTHORIZED_CLIENT_APPLICATION",
    404: "NOT_FOUND",
    423: "LOCK_ACQUISITION_TIMEOUT",
    429: "TOO_MANY_REQUESTS",
    503: "OVER_CAPACITY",
}
RETRY_AFTER = 5


class Twin:
    """One running network."""

    def __init__(self, folder: Path, world: World, seed: int, *, blocking: bool) -> None:
        self.time, self.state, self.world = Clock(folder), State(folder), world
        self.tokens, self.review = Tokens(self.state), Review(self.state, world)
        showings = Showings(self.state, world)
        self.media = Media(self.state)
        promoted = Promoted(self.state, self.review, showings)
        self.delivery = Delivery(self.state, world, seed, showings, self.review)
        stats = Stats(self.state, world, self.delivery)
        self.api = Api(self.state, world, showings, self.media, promoted, stats)
        self.consent, self.faults = Consent(self.tokens), Faults()
        self.limits = Limits(blocking=blocking)

    async def serve(self, request: Request) -> Response:
        """Every path of the network."""
        asked = await parse_request(request)
        act = partial(run_in_threadpool, self._answer, asked)
        return await carry(self.faults.due(asked.method, asked.path), act, _refused)

    def _answer(self, asked: ApiRequest) -> Response:
        version, _, path = asked.path.partition("/")
        if version == VERSION:
            return self._ads(asked, path)
        try:
            return self._login(asked)
        except Refused as error:
            told = {"errors": [{"code": error.code, "message": error.message}]}
            return JSONResponse(told, status_code=error.status)

    def _ads(self, asked: ApiRequest, path: str) -> Response:
        echoed: Any = {"params": dict(asked.params)}
        parts = path.split("/")
        account = parts[parts.index("accounts") + 1] if "accounts" in parts[:-1] else ""
        if account:
            echoed["params"]["account_id"] = account
        told: dict[str, str] = {}
        try:
            self._trusted(asked)
            told = self.limits.spend(account, category(asked.method, path))
            body = self.api.answer(asked.method, path, asked.params, asked.body)
            return JSONResponse({"request": echoed} | body, headers=told)
        except BatchError as error:
            failed = {"operation_errors": error.items, "request": asked.body}
            return JSONResponse(failed, status_code=400, headers=told)
        except XError as error:
            if error.code == "TOO_MANY_REQUESTS":
                told = self.limits.blocked(category(asked.method, path))
            failed = {"errors": [error.error], "request": echoed}
            return JSONResponse(failed, status_code=error.status, headers=told)

    def _trusted(self, asked: ApiRequest) -> None:
        """XError (401, 403) unless an approved app and a user have signed."""
        try:
            self._verify(asked)
        except Refused as error:
            raise XError("UNAUTHORIZED_ACCESS", error.message) from None
        if asked.signed and asked.signed.oauth.get("oauth_consumer_key") in WAITING:
            raise XError(
                "UNAUTHORIZED_CLIENT_APPLICATION", "the app is not approved for the Ads API"
            )

    def _verify(self, asked: ApiRequest) -> None:
        """Refused (32, 89, 135, 215) unless the app and a user have signed."""
        secret = self.tokens.secret(asked.signed.token) if asked.signed else None
        if asked.signed is not None and secret is None:
            raise Refused(89, "Invalid or expired token.")
        _check(asked, secret or "")

    def _login(self, asked: ApiRequest) -> Response:
        route = (asked.method, asked.path)
        if asked.path == "oauth/authorize" and asked.method in ("GET", "POST"):
            page = self.consent.page if asked.method == "GET" else self.consent.answered
            return page(asked.params)
        if route == ("POST", "oauth/request_token"):
            _check(asked, "")
            given = asked.signed.oauth if asked.signed else {}
            callback = given.get("oauth_callback") or asked.params.get("oauth_callback") or "oob"
            return self.consent.request_token(callback)
        if route == ("POST", "oauth/access_token"):
            token = asked.signed.token if asked.signed else ""
            found = self.tokens.asked(token)
            if found is None:
                raise Refused(89, "Invalid or expired token.")
            _check(asked, found.secret)
            given = asked.signed.oauth if asked.signed else {}
            verifier = given.get("oauth_verifier") or asked.params.get("oauth_verifier") or ""
            return self.consent.access_token(found, verifier)
        return self._version_one(asked)

    def _version_one(self, asked: ApiRequest) -> Response:
        if asked.path == "1.1/account/verify_credentials.json" and asked.method == "GET":
            self._verify(asked)
            user = {"id": int(USER), "id_str": USER, "screen_name": HANDLE, "name": USER_NAME}
            return JSONResponse(user)
        if asked.path == "1.1/media/upload.json":
            self._verify(asked)
            told = self.limits.spend("", "upload")
            body = self.media.upload(asked.method, asked.params, asked.file)
            if body is None:
                return Response(status_code=204, headers=told)
            return JSONResponse(body, headers=told)
        raise Refused(34, "Sorry, that page does not exist.", 404)

    def expected(self, ad_id: str) -> dict[str, Any]:
        """What the world expects of a promoted tweet on a full day; for tests of honesty only."""
        ad = self.state.get("promoted_tweet", ad_id)
        if ad is None:
            raise LookupError(f"no promoted tweet {ad_id}")
        return self.delivery.expected(ad)

    def health(self) -> dict[str, Any]:
        return {"accounts": {a.id: a.timezone for a in self.world.accounts.values()}}


def create_app(folder: Path, world: Path, seed: int, *, blocking: bool = False) -> Starlette:
    """The twin over a folder of state and a world file; `blocking`: limits refuse."""
    twin = Twin(folder, World(world), seed, blocking=blocking)
    verbs = ["GET", "POST", "PUT", "DELETE"]
    return Starlette(
        routes=[
            *admin.routes(
                twin.time,
                twin.faults,
                expected=twin.expected,
                health=twin.health,
                revoke=twin.tokens.revoke,
                review=twin.review.plant,
            ),
            Route("/{path:path}", twin.serve, methods=verbs),
        ]
    )


def _check(asked: ApiRequest, token_secret: str) -> None:
    """Refused unless a sandbox app signed with this token's secret."""
    if asked.signed is None:
        raise Refused(215, asked.unsigned, 400)
    app_secret = APPS.get(asked.signed.oauth.get("oauth_consumer_key", ""))
    if app_secret is None:
        raise Refused(32, "Could not authenticate you.")
    try:
        asked.signed.check(app_secret, token_secret, time.time())
    except BadSignature as error:
        late = str(error).startswith("Timestamp")
        raise Refused(135 if late else 32, str(error)) from None


def _refused(fault: Fault) -> Response:
    """A planted refusal; `detail` may hold code, message, parameter, and seconds to wait."""
    detail = dict(fault.detail)
    seconds = int(detail.pop("seconds", RETRY_AFTER))
    status = 429 if fault.kind == "throttle" else fault.status
    error = {"code": _CODES.get(status, "INTERNAL_ERROR"), "message": "planted by a test"}
    told: dict[str, str] = {}
    if status == 429:
        told = headers(QUOTAS["write"].calls, 0, int(time.time()) + seconds)
    elif status == 503:
        told = {"retry-after": str(seconds)}
    return JSONResponse({"errors": [error | detail]}, status_code=status, headers=told)
