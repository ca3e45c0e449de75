"""A network's HTTP face on loopback, behind the same guard as every other page of this machine."""

import socket

from starlette.applications import Starlette

import loopback.server
from loopback.guard import Guard, Rules


def listen(port: int) -> tuple[socket.socket, str]:
    """A socket that listens already, and its address; port 0 takes any free one."""
    listener = loopback.server.listen(port)
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


def guarded(app: Starlette, port: int, dialogs: frozenset[str]) -> Guard:
    """The network's own paths take what its clients send; `/_twin/` takes JSON alone. `dialogs` are
    the pages of the login, to which other sites may lead a browser."""
    return Guard(app, Rules(port, json_below="/_twin/", dialogs=dialogs))


def serve(app: Starlette, listener: socket.socket, dialogs: frozenset[str]) -> None:
    """Until the process is killed."""
    web = loopback.server.server(guarded(app, listener.getsockname()[1], dialogs))
    web.run(sockets=[listener])
