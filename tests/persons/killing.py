"""A home whose stores die at a chosen call."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from assets.persons.erasure import forget
from tests.persons.conftest import KEY, Home


class Killed(BaseException):
    """As the operating system would."""


class Fuse:
    """Kills at the given call of a store's method, once it is done."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def around(self, store: Any) -> Any:
        fuse = self

        class Watched:
            def __getattr__(self, name: str) -> Any:
                found = getattr(store, name)
                return fuse.watch(found) if callable(found) else found

        return Watched()

    def watch(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            answer = call(*given, **named)
            self.left -= 1
            if self.left == 0:
                raise Killed
            return answer

        return watched


class Fragile:
    """A home whose stores die at one call."""

    def __init__(self, home: Home, fuse: Fuse) -> None:
        self.settings, self.now = home.settings, home.now
        parts = {name: fuse.around(part) for name, part in vars(home.store).items()}
        self.store, self.warehouse = SimpleNamespace(**parts), fuse.around(home.warehouse)
        self.vectors = fuse.around(home.vectors)


def killed_at(home: Home, call: int) -> bool:
    """Whether the erasure died at that call."""
    try:
        forget(Fragile(home, Fuse(call)), home.team, KEY, "ann")
    except Killed:
        return True
    return False
