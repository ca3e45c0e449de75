"""python -m sandbox.toy --port 0 --state DIR --world FILE: prints its address when it answers."""

import argparse
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.listening import listen, serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.toy", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--state", type=Path, required=True, help="folder that it remembers in")
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    health = JSONResponse({"network": "toy", "world": given.world.name})
    app = Starlette(routes=[Route("/_twin/health", lambda _: health)])
    listener, address = listen(given.port)
    print(address, flush=True)
    serve(app, listener, frozenset())


if __name__ == "__main__":
    main()
