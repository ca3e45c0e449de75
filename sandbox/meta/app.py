"""The HTTP face: Graph's paths for the SDK, and `/_twin/` for the demo and the tests."""

import base64
import json
import threading
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import admin
from sandbox.clock import Clock
from sandbox.faults import Fault, Faults
from sandbox.meta.delivery import Delivery
from sandbox.meta.errors import GraphError
from sandbox.meta.graph import Graph
from sandbox.meta.objects import Objects
from sandbox.meta.state import State
from sandbox.meta.world import World
from sandbox.wire import carry

TOKEN = "EMU"  # noqa: S105 the start of every token that is accepted here


class Twin:
    """One running network."""

    def __init__(self, folder: Path, world: World, seed: int) -> None:
        self.time, self.state, self.world = Clock(folder), State(folder), world
        self.objects = Objects(self.state, world)
        self.delivery = Delivery(self.state, world, seed)
        self.graph = Graph(self.state, world, self.objects, self.delivery)
        self.faults = Faults()
        self._calls = 0
        self._lock = threading.Lock()

    async def serve(self, request: Request) -> Response:
        """Every Graph path."""
        params = await _params(request)
        path = request.path_params["path"].strip("/")
        act = partial(run_in_threadpool, self._answer, request, path, params)
        return await carry(self.faults.due(request.method, path), act, _refused)

    def _answer(self, request: Request, path: str, params: dict[str, Any]) -> Response:
        try:
            header = request.headers.get("authorization", "").removeprefix("Bearer ")
            token = str(params.pop("access_token", "") or header)
            params.pop("appsecret_proof", None)
            if not token.startswith(TOKEN):
                raise GraphError("Invalid OAuth access token.", 190, 463, status=401)
            base = str(request.base_url).rstrip("/")
            version = request.path_params["version"]
            body = self.graph.answer(request.method, path, params, f"{base}/{version}/{path}")
            return JSONResponse(body, headers=self._usage(path))
        except GraphError as error:
            return JSONResponse(
                {"error": error.error}, status_code=error.status, headers=self._usage(path)
            )

    def _usage(self, path: str) -> dict[str, str]:
        """Percent of an hour's quota of the Full tier: 100,000 points."""
        with self._lock:
            self._calls += 1
            share = min(self._calls // 1000, 99)
        account = path.split("/")[0].removeprefix("act_")
        use = {
            "type": "ads_management", "call_count": share, "total_cputime": share,
            "total_time": share, "estimated_time_to_regain_access": 0,
            "ads_api_access_tier": "standard_access",
        }  # fmt: skip
        return {
            "x-business-use-case-usage": json.dumps({account: [use]}),
            "x-app-usage": json.dumps({"call_count": share, "total_time": share}),
            "facebook-api-version": "v26.0",
        }

    def expected(self, ad_id: str) -> dict[str, Any]:
        """What the world expects of one ad on a full day; for tests of honesty only."""
        ad = self.state.get(ad_id)
        if ad is None or ad.kind != "ad":
            raise LookupError(f"no ad {ad_id}")
        return self.delivery.expected(ad)

    def health(self) -> dict[str, Any]:
        zones = {a.id: str(ZoneInfo(a.timezone)) for a in self.world.accounts.values()}
        return {"accounts": zones}

    def revoke(self, body: dict[str, Any]) -> dict[str, Any]:
        raise ValueError("no token was issued here")

    def review(self, body: dict[str, Any]) -> dict[str, Any]:
        raise ValueError("nothing is reviewed here")


def create_app(folder: Path, world: Path, seed: int) -> Starlette:
    """The twin over a folder of state and a world file."""
    twin = Twin(folder, World(world), seed)
    return Starlette(
        routes=[
            *admin.routes(
                twin.time,
                twin.faults,
                expected=twin.expected,
                health=twin.health,
                revoke=twin.revoke,
                review=twin.review,
            ),
            Route("/{version}/{path:path}", twin.serve, methods=["GET", "POST", "DELETE"]),
        ]
    )


def _refused(fault: Fault) -> Response:
    if fault.kind == "throttle":
        error = GraphError("(#80004) Too many calls to this ad-account.", 80004, 2446079)
        usage = {"1": [{"type": "ads_management", "estimated_time_to_regain_access": 1}]}
        headers = {"x-business-use-case-usage": json.dumps(usage)}
        return JSONResponse({"error": error.error}, status_code=400, headers=headers)
    broken = {"message": "An unexpected error has occurred.", "code": 2, "is_transient": True}
    body = {"type": "OAuthException", **broken, **fault.detail}
    return JSONResponse({"error": body}, status_code=fault.status)


async def _params(request: Request) -> dict[str, Any]:
    """Query and form as one: what looks like JSON is read as JSON; files become base64."""
    found: dict[str, Any] = {k: _parsed(v) for k, v in request.query_params.items()}
    if request.method == "POST":
        async with request.form(max_part_size=40 * 1024 * 1024) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    data = base64.b64encode(await value.read()).decode()
                    found[name] = {"filename": value.filename or name, "bytes": data}
                else:
                    found[name] = _parsed(value)
    return found


def _parsed(value: str) -> Any:
    if value[:1] in "[{" and value:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return {"true": True, "false": False}.get(value, value)
