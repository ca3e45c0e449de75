"""`/_twin/`: the demo's and the tests' door to a twin. No network has these paths."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.faults import Faults

Body = dict[str, Any]


def routes(
    clock: Clock,
    faults: Faults,
    *,
    expected: Callable[[str], Body],
    health: Callable[[], Body],
    revoke: Callable[[Body], Body],
    review: Callable[[Body], Body],
) -> list[Route]:
    """The paths that every twin has; the callables are its own.

    `expected(id)`: what the world expects of one ad on a full day. `health()`: added to
    {"ok", "now"}. `revoke({"token": …})`: takes a grant back. `review({"id": …, …})`: plants a
    decision. A callable raises LookupError (404: nothing of that id) or ValueError (400).
    """

    def move(body: Body) -> Body:
        """{"advance_hours": n} or {"now": ISO 8601 with a zone}."""
        if "now" in body:
            clock.set_now(datetime.fromisoformat(body["now"]))
        elif "advance_hours" in body:
            clock.advance(timedelta(hours=float(body["advance_hours"])))
        else:
            raise ValueError("the clock needs now or advance_hours")
        return told()

    def told() -> Body:
        return {"now": clock.now().isoformat()}

    def plan(body: Body) -> Body:
        faults.plan(body)
        return {"ok": True, "faults": faults.waiting()}

    def clear(_: Body) -> Body:
        faults.clear()
        return {"ok": True}

    return [
        _route("clock", GET=lambda _: told(), POST=move),
        _route("faults", GET=lambda _: {"faults": faults.waiting()}, POST=plan, DELETE=clear),
        _route("expected/{id:path}", GET=lambda body: expected(body["id"])),
        _route("health", GET=lambda _: {"ok": True} | told() | health()),
        _route("revoke", POST=revoke),
        _route("review", POST=review),
    ]


def _route(path: str, **verbs: Callable[[Body], Body]) -> Route:
    """A path that answers each verb by its function of the JSON body and the path's parts."""

    async def answer(request: Request) -> Response:
        try:
            body = await _body(request)
            return JSONResponse(await run_in_threadpool(verbs[request.method], body))
        except LookupError as error:
            return JSONResponse({"error": f"nothing here: {error}"}, status_code=404)
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return Route(f"/_twin/{path}", answer, methods=list(verbs))


async def _body(request: Request) -> Body:
    if request.method != "POST" or not await request.body():
        return dict(request.path_params)
    body = await request.json()
    if not isinstance(body, Mapping):
        raise ValueError("the body is one JSON object")
    return {**body, **request.path_params}
