"""python -m jobads.supervisor NAME COMMAND...: a command that is started again when it ends.

`jobads up` runs each twin under it, because its family of processes ends when one of them does.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from threading import Event

LONGEST_S, TRIES = 30.0, 8
STEADY_S = 60.0
"""A command that ran so long before it ended counts as sound again."""


def keep(
    name: str,
    command: Sequence[str],
    say: Callable[[str], None],
    *,
    run: Callable[[Sequence[str]], int] = subprocess.call,
    sleep: Callable[[float], object] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> None:
    """Run `command` until it has ended TRIES times in a row, each time after a longer wait."""
    ends = 0
    while True:
        began = now()
        status = run(command)
        ends = 1 if now() - began >= STEADY_S else ends + 1
        if ends == TRIES:
            say(
                f"{name} ended {TRIES} times in a row (status {status}) and stays off, "
                "all else goes on; end jobads up and start it again to have it back"
            )
            return
        wait_s = min(2.0 ** (ends - 1), LONGEST_S)
        say(f"{name} ended (status {status}); it is started again in {wait_s:g} s")
        sleep(wait_s)


def main() -> None:
    name, *command = sys.argv[1:]
    keep(name, command, lambda text: print(text, flush=True))
    Event().wait()  # the family ends when one of its processes does


if __name__ == "__main__":
    main()
