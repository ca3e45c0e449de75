"""The HTTP face: Graph's paths for the SDK and for browsers, and `/_twin/`."""

from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import admin
from sandbox.clock import Clock
from sandbox.faults import Fault, Faults
from sandbox.meta.delivery import Delivery
from sandbox.meta.errors import GraphError
from sandbox.meta.graph import Graph
from sandbox.meta.media import Media
from sandbox.meta.oauth import OAuth
from sandbox.meta.objects import Objects
from sandbox.meta.requests import parameters_of
from sandbox.meta.review import Review
from sandbox.meta.running import Running
from sandbox.meta.showings import Showings
from sandbox.meta.state import State
from sandbox.meta.tokens import Grant, Tokens, check_proof
from sandbox.meta.usage import READ, TIERS, WRITE, Usage, usage_headers
from sandbox.meta.world import World
from sandbox.wire import carry

VERSION = "v26.0"
# What a token must have been granted for a path; any one of them is enough.
_READS = frozenset(["ads_read", "ads_management"])
_WRITES = frozenset(["ads_management"])
_PAGES = frozenset(["pages_show_list"])


class Twin:
    """One running network."""

    def __init__(self, folder: Path, world: World, seed: int, tier: str) -> None:
        self.time, self.state, self.world = Clock(folder), State(folder), world
        media, showings = Media(self.state), Showings(self.state)
        self.review, self.tokens = Review(self.state), Tokens(self.state)
        objects = Objects(self.state, world, media, self.review, showings)
        running = Running(self.state, self.review, showings)
        self.delivery = Delivery(self.state, world, seed, showings, running)
        self.graph = Graph(self.state, world, objects, media, self.delivery)
        self.oauth, self.faults = OAuth(self.tokens), Faults()
        self.usage = Usage(TIERS[tier], self.time.now)

    async def serve(self, request: Request) -> Response:
        """Every path of the network."""
        path = request.path_params["path"].strip("/")
        params = await parameters_of(request)
        act = partial(run_in_threadpool, self._answer, request, path, params)
        return await carry(
            self.faults.due(request.method, path),
            act,
            lambda fault: _refused(fault, self.graph.account_of(path.split("/")[0])),
        )

    def _answer(self, request: Request, path: str, params: dict[str, Any]) -> Response:
        if path == "dialog/oauth":
            asked = request.method == "GET"
            return self.oauth.dialog(params) if asked else self.oauth.answered(params)
        account = self.graph.account_of(path.split("/")[0])
        try:
            self.usage.spend(account, READ if request.method == "GET" else WRITE)
            body, status = self._body(request, path, params), 200
        except GraphError as error:
            body, status = {"error": error.error}, error.status
        headers = {"facebook-api-version": VERSION, **self.usage.headers(account)}
        return JSONResponse(body, status_code=status, headers=headers)

    def _body(self, request: Request, path: str, params: dict[str, Any]) -> dict[str, Any]:
        if path == "oauth/access_token":
            return self.oauth.exchange(params)
        header = request.headers.get("authorization", "").removeprefix("Bearer ")
        token = str(params.pop("access_token", "") or header)
        if not token:
            raise GraphError("An access token is required to request this resource.", 104)
        proof = params.pop("appsecret_proof", None)
        if proof is not None:
            check_proof(token, str(proof))
        if path == "debug_token":
            return self.oauth.debug(token, params)
        _allow(self.tokens.good(token), request.method, path)
        base = str(request.base_url).rstrip("/")
        return self.graph.answer(request.method, path, params, f"{base}/{VERSION}/{path}")

    def expected(self, ad_id: str) -> dict[str, Any]:
        """What the world expects of one ad on a full day; for tests of honesty only."""
        ad = self.state.get(ad_id)
        if ad is None or ad.kind != "ad":
            raise LookupError(f"no ad {ad_id}")
        return self.delivery.expected(ad)

    def health(self) -> dict[str, Any]:
        zones = {a.id: str(ZoneInfo(a.timezone)) for a in self.world.accounts.values()}
        return {"accounts": zones}


def create_app(folder: Path, world: Path, seed: int, tier: str = "open") -> Starlette:
    """The twin over a folder of state and a world file; `tier` is one of usage.TIERS."""
    twin = Twin(folder, World(world), seed, tier)
    verbs = ["GET", "POST", "DELETE"]
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
            Route("/v{version}/{path:path}", twin.serve, methods=verbs),
            Route("/{path:path}", twin.serve, methods=verbs),
        ]
    )


def _allow(grant: Grant, method: str, path: str) -> None:
    """GraphError 200 for a token without the right scope; `me` itself needs none."""
    if path == "me":
        return
    wanted = _PAGES if path == "me/accounts" else _READS if method == "GET" else _WRITES
    if not grant.scopes & wanted:
        raise GraphError(f"(#200) Requires {' or '.join(sorted(wanted))} permission", 200)


def _refused(fault: Fault, account: str) -> Response:
    """A planted refusal; `detail` overrides parts of Graph's error, `minutes` says how long."""
    detail = dict(fault.detail)
    minutes = int(detail.pop("minutes", 1))
    if fault.kind == "throttle":
        error = GraphError("(#80004) Too many calls to this ad-account.", 80004, 2446079).error
        number = account.removeprefix("act_") or "1"
        headers = usage_headers(number, 100, 100, minutes, "standard_access")
        return JSONResponse({"error": error | detail}, status_code=400, headers=headers)
    broken = GraphError("An unexpected error has occurred.", 2, transient=True).error
    return JSONResponse({"error": broken | detail}, status_code=fault.status)
