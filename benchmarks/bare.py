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
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.platform import Network

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


@dataclass
class Meta:
    """Methods of facebook_business objects."""

    url: str
    token: str
    api: Any = field(init=False)
    classes: dict[str, type] = field(init=False)

    def __post_init__(self) -> None:
        from facebook_business.adobjects import ad, adaccount, adcreative, adset, campaign
        from facebook_business.api import FacebookAdsApi
        from facebook_business.session import FacebookSession

        session = FacebookSession(access_token=self.token, timeout=(5.0, 60.0))
        session.GRAPH = self.url
        session.requests.trust_env = False
        self.api = FacebookAdsApi(session)
        found = (adaccount.AdAccount, campaign.Campaign, adset.AdSet, adcreative.AdCreative, ad.Ad)
        self.classes = {c.__name__: c for c in found}

    @contextmanager
    def recorded(self, calls: list[Call]) -> Iterator[None]:
        def around(inner: Any, self_: Any, *args: Any, **given: Any) -> Any:
            answer = inner(self_, *args, **given)
            sent = {"node": self_.get_id(), "given": given}
            made = {"id": str(answer.get("id"))} if inner.__name__.startswith("create") else None
            calls.append(Call(f"{type(self_).__name__}.{inner.__name__}", sent, made))
            return answer

        with ExitStack() as stack:
            for owner, name in self.doors():
                stack.enter_context(instead(owner, name, around))
            yield

    def doors(self) -> Sequence[tuple[type, str]]:
        account = ("create_campaign", "create_ad_set", "create_ad_creative", "create_ad",
                   "create_ad_image", "get_campaigns", "get_ad_sets", "get_ad_creatives",
                   "get_ads", "get_ad_images")  # fmt: skip
        others = ("Campaign", "AdSet", "AdCreative", "Ad")
        return [
            *((self.classes["AdAccount"], name) for name in account),
            *((self.classes[k], name) for k in others for name in ("api_get", "api_update")),
        ]

    def prepared(self, call: Call) -> Any:
        return call.sent

    def send(self, door: str, prepared: Any) -> Any:
        kind, _, method = door.partition(".")
        node = self.classes[kind](prepared["node"], api=self.api)
        answer = getattr(node, method)(**prepared["given"])
        return list(answer) if method.startswith("get_") else answer

    def read(self, answer: Any) -> Any:
        return {"id": str(answer["id"])}


@dataclass
class Google:
    """Methods of the service client that google-ads hands out, with finished requests."""

    address: str
    token: str
    service: Any = field(init=False)

    def __post_init__(self) -> None:
        from google.oauth2.credentials import Credentials

        from resources.google.wire import VERSION, SandboxClient

        client = SandboxClient(  # the SDK's own client over a channel without TLS
            request=None, credentials=Credentials(self.token), developer_token=None,
            login_customer_id=None, endpoint=self.address, version=VERSION,
        )  # fmt: skip
        self.service = client.get_service("GoogleAdsService")

    @contextmanager
    def recorded(self, calls: list[Call]) -> Iterator[None]:
        from google.protobuf.json_format import MessageToDict

        def around(inner: Any, self_: Any, *, request: Any, **given: Any) -> Any:
            answer = inner(self_, request=request, **given)
            sent = MessageToDict(type(request).pb(request), preserving_proto_field_name=True)
            made = self.read(answer) if inner.__name__ == "mutate" else None
            calls.append(Call(inner.__name__, sent, made))
            return answer

        with ExitStack() as stack:
            for owner, name in self.doors():
                stack.enter_context(instead(owner, name, around))
            yield

    def doors(self) -> Sequence[tuple[type, str]]:
        return [(type(self.service), name) for name in ("mutate", "search_stream")]

    def prepared(self, call: Call) -> Any:
        from google.ads.googleads.v26.services.types import google_ads_service as types
        from google.protobuf.json_format import ParseDict

        kind = (
            types.MutateGoogleAdsRequest
            if call.door == "mutate"
            else types.SearchGoogleAdsStreamRequest
        )
        return kind.wrap(ParseDict(call.sent, kind.pb()()))

    def send(self, door: str, prepared: Any) -> Any:
        if door == "mutate":
            return self.service.mutate(request=prepared, timeout=40.0)
        batches = self.service.search_stream(request=prepared, timeout=10.0)
        return [row for batch in batches for row in batch.results]

    def read(self, answer: Any) -> Any:
        from google.protobuf.json_format import MessageToDict

        message = getattr(answer, "_pb", answer)
        return MessageToDict(message, preserving_proto_field_name=True)


@dataclass
class X:
    """Requests of tweepy's session, signed by tweepy; tweepy has no Ads API of its own."""

    url: str
    consumer: tuple[str, str]
    token: str
    session: Any = field(init=False)
    signer: Any = field(init=False)

    def __post_init__(self) -> None:
        from tweepy.auth import OAuth1UserHandler
        from tweepy.client import BaseClient

        access, _, secret = self.token.partition(":")
        client = BaseClient()
        self.session, self.agent = client.session, client.user_agent
        self.session.trust_env = False
        self.signer = OAuth1UserHandler(*self.consumer, access, secret)

    @contextmanager
    def recorded(self, calls: list[Call]) -> Iterator[None]:
        from requests import Session

        def around(inner: Any, self_: Any, method: str, url: str, **given: Any) -> Any:
            answer = inner(self_, method, url, **given)
            sent = {"url": url, **{k: given.get(k) for k in ("params", "data", "json")}}
            made = None if method == "GET" else answer.json()
            calls.append(Call(method, sent, made))
            return answer

        with instead(Session, "request", around):
            yield

    def doors(self) -> Sequence[tuple[type, str]]:
        from requests import Session
        from tweepy.auth import OAuth1UserHandler

        return [(Session, "request"), (OAuth1UserHandler, "apply_auth")]

    def prepared(self, call: Call) -> Any:
        return call.sent

    def send(self, door: str, prepared: Any) -> Any:
        answer = self.session.request(
            door, auth=self.signer.apply_auth(), headers={"User-Agent": self.agent},
            timeout=(5.0, 60.0), allow_redirects=False, **prepared,
        )  # fmt: skip
        answer.raise_for_status()
        return answer.json()

    def read(self, answer: Any) -> Any:
        return answer


def door(network: Network, env: Mapping[str, str], token: str, app: tuple[str, str]) -> Door:
    if network is Network.META:
        return Meta(env["JOBADS_META_URL"], token)
    if network is Network.GOOGLE:
        return Google(env["JOBADS_GOOGLE_ADDR"], token)
    return X(env["JOBADS_X_URL"], app, token)
