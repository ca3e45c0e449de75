"""A network's HTTP face on loopback: the socket listens before anybody is told its address."""

import socket

import uvicorn
from starlette.applications import Starlette


def listen(port: int) -> tuple[socket.socket, str]:
    """A socket that listens already, so that a client may connect at once, and its address; port 0
    takes any free one."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


def serve(app: Starlette, listener: socket.socket) -> None:
    """Until the process is killed."""
    config = uvicorn.Config(app, log_level="error", access_log=False, timeout_keep_alive=30)
    uvicorn.Server(config).run(sockets=[listener])
