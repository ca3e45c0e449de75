"""A web server on loopback: the socket listens before anybody is told its address."""

import socket

import uvicorn
from starlette.types import ASGIApp


def listen(port: int) -> socket.socket:
    """A socket that listens already, so that a client may connect at once; port 0 takes any free
    one. OSError where it is taken."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    return listener


def server(app: ASGIApp) -> uvicorn.Server:
    """It logs no address, trusts no X-Forwarded header, and passes a target on as it came (h11),
    so that the guard sees all of it."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http="h11",
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=3,
        )
    )
