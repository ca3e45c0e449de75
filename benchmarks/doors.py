"""The doors of the three SDKs as somebody without us would use them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.bare import Call, Door, instead
from domain.platform import Network


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
        account = (
            "create_campaign",
            "create_ad_set",
            "create_ad_creative",
            "create_ad",
            "create_ad_image",
            "get_campaigns",
            "get_ad_sets",
            "get_ad_creatives",
            "get_ads",
            "get_ad_images",
        )
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

        from resources.google.sdk_client import VERSION, SandboxClient

        client = SandboxClient(  # the SDK's own client over a channel without TLS
            request=None,
            credentials=Credentials(self.token),
            developer_token=None,
            login_customer_id=None,
            endpoint=self.address,
            version=VERSION,
        )
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
            door,
            auth=self.signer.apply_auth(),
            headers={"User-Agent": self.agent},
            timeout=(5.0, 60.0),
            allow_redirects=False,
            **prepared,
        )
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
