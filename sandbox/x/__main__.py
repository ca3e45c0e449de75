"""python -m sandbox.x --port 0 --state DIR --world FILE: prints its address when it answers."""

import argparse
from pathlib import Path

from sandbox.listening import listen, serve
from sandbox.x.app import create_app

DIALOGS = frozenset({"/oauth/authorize"})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.x", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--state", type=Path, required=True, help="folder that it remembers in")
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--limits",
        choices=["open", "blocking"],
        default="open",
        help="open counts requests and never blocks; blocking refuses as X does",
    )
    given = parser.parse_args()
    app = create_app(given.state, given.world, given.seed, blocking=given.limits == "blocking")
    listener, address = listen(given.port)
    print(address, flush=True)
    serve(app, listener, DIALOGS)


if __name__ == "__main__":
    main()
