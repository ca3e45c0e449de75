"""python -m sandbox.google --port 0 --http-port 0 --state DIR --world FILE [--seed N]

Prints `127.0.0.1:GRPC http://127.0.0.1:HTTP` once both answer, and serves until it is killed.
"""

import argparse
from pathlib import Path

from starlette.applications import Starlette

from sandbox import admin
from sandbox.google.consent import Consent
from sandbox.google.server import serve as serve_grpc
from sandbox.google.twin import Twin
from sandbox.google.world import World
from sandbox.listening import listen, serve

DIALOGS = frozenset({"/o/oauth2/v2/auth"})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.google", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="gRPC; 0 takes any free one")
    parser.add_argument("--http-port", type=int, default=0, help="OAuth and /_twin/")
    parser.add_argument("--state", type=Path, required=True, help="folder that it remembers in")
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    twin = Twin(given.state, World(given.world), given.seed)
    server, port = serve_grpc(twin, given.port)
    listener, address = listen(given.http_port)
    print(f"127.0.0.1:{port} {address}", flush=True)
    try:
        serve(create_app(twin), listener, DIALOGS)
    finally:
        server.stop(grace=None)


def create_app(twin: Twin) -> Starlette:
    """The HTTP face: OAuth for people and applications, `/_twin/` for the demo and the tests."""
    return Starlette(
        routes=[
            *admin.routes(
                twin.clock,
                twin.faults,
                expected=twin.expected,
                health=twin.health,
                revoke=twin.revoke,
                review=twin.plan_review,
            ),
            *Consent(twin.authority).routes(),
        ]
    )


if __name__ == "__main__":
    main()
