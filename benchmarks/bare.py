"""One posting's requests, recorded at the door of each SDK and sent again by the bare SDK.

A call is recorded where a user of the SDK would make it: a method of a facebook_business object, a
method of google-ads' service client with its finished request, a request of tweepy's session. Sent
again, it names another ad: keys are fresh, and ids are those that the network gave this time.
"""

import json
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

_KEY = re.compile(r"aa-[a-z2-7]{16}")
_IDS = frozenset({"id", "id_str", "card_uri", "media_key", "resource_name"})


@dataclass(frozen=True)
class Call:
    """`door` names the SDK's call, `sent` is JSON, `answer` the JSON of an answer with new ids."""

    door: str
    sent: Any
    answer: Any = None


class Door(Protocol):
    def doors(self) -> Sequence[tuple[type, str]]:
        """The SDK's methods that requests are made by."""
        ...

    def recorded(self, calls: list[Call]) -> Any: ...

    def prepared(self, call: Call) -> Any: ...

    def send(self, door: str, prepared: Any) -> Any: ...

    def read(self, answer: Any) -> Any: ...


def replay(calls: list[Call], door: Door, seed: int) -> float:
    """CPU seconds that the bare SDK needs for `calls` under fresh names. Renaming and building the
    requests is not the SDK's work and is taken out."""
    chance, fresh = random.Random(seed), dict[str, str]()
    for key in sorted(set(_KEY.findall(json.dumps([c.sent for c in calls])))):
        fresh[key] = "aa-" + "".join(chance.choices("abcdefghijklmnop234567", k=16))
    own, begun = 0.0, time.process_time()
    for call in calls:
        aside = time.thread_time()
        prepared = door.prepared(Call(call.door, _renamed(call.sent, fresh)))
        own += time.thread_time() - aside
        answer = door.send(call.door, prepared)
        aside = time.thread_time()
        if call.answer is not None:
            _learn(call.answer, door.read(answer), fresh)
        own += time.thread_time() - aside
    return time.process_time() - begun - own


def _renamed(value: Any, fresh: Mapping[str, str]) -> Any:
    pattern = "|".join(re.escape(old) for old in sorted(fresh, key=len, reverse=True))
    text = re.sub(rf"(?<![\w-])({pattern})(?!\w)", lambda m: fresh[m[1]], json.dumps(value))
    return json.loads(text)


def _learn(old: Any, new: Any, fresh: dict[str, str]) -> None:
    """Which id of the first posting is which of this one."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name, value in old.items():
            if name in _IDS and value != new.get(name):
                fresh[str(value)] = str(new[name])
            _learn(value, new.get(name), fresh)
    elif isinstance(old, list) and isinstance(new, list):
        for first, second in zip(old, new, strict=False):
            _learn(first, second, fresh)


@contextmanager
def instead(owner: type, name: str, around: Callable[..., Any]) -> Iterator[None]:
    """`around(inner, self, *args, **kwargs)` in place of a method."""
    inner = getattr(owner, name)
    setattr(owner, name, lambda self, *a, **k: around(inner, self, *a, **k))
    try:
        yield
    finally:
        setattr(owner, name, inner)


@dataclass
class Watch:
    """CPU seconds inside the SDK's methods."""

    spent: float = 0.0

    @contextmanager
    def over(self, door: Door) -> Iterator[None]:
        def around(inner: Any, *args: Any, **given: Any) -> Any:
            answer = self._timed(lambda: inner(*args, **given))
            return self._each(answer) if inner.__name__ == "search_stream" else answer

        with ExitStack() as stack:
            for owner, name in door.doors():
                stack.enter_context(instead(owner, name, around))
            yield

    def _timed(self, call: Callable[[], Any]) -> Any:
        begun = time.process_time()
        try:
            return call()
        finally:
            self.spent += time.process_time() - begun

    def _each(self, stream: Any) -> Iterator[Any]:
        over, rest = object(), iter(stream)
        while (batch := self._timed(lambda: next(rest, over))) is not over:
            yield batch
