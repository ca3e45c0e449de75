"""What becomes of a request on its way: lost, late, refused, or done with the answer lost."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.faults import Fault


class Dropped(Response):
    """An answer that never arrives: more is promised than is sent, and the connection closes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"4096")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": False})


async def carry(
    fault: Fault | None, act: Callable[[], Awaitable[Response]], refuse: Callable[[Fault], Response]
) -> Response:
    """The answer to a request that suffers `fault`.

    `act` is the network at work, `refuse` its own wording for a `status` or a `throttle`.
    """
    if fault is None:
        return await act()
    stalls = fault.kind == "stall"
    if fault.where == "before" and not stalls:
        return _failed(fault, refuse)
    if fault.where == "before":
        await asyncio.sleep(fault.seconds)
    answer = await act()
    if fault.where == "before":
        return answer
    if stalls:
        await asyncio.sleep(fault.seconds)
        return answer
    return _failed(fault, refuse)


def _failed(fault: Fault, refuse: Callable[[Fault], Response]) -> Response:
    return Dropped() if fault.kind == "drop" else refuse(fault)
