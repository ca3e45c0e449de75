"""A loopback gRPC server that answers what a test says, and the adapter over the real SDK."""

import copy
import importlib.util
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import grpc
import pytest

from assets.publishing.planning import plan_compiler
from assets.publishing.planning.plan_compiler import AccountContext
from assets.publishing.policy import Policy, lexicon, rulebook
from assets.publishing.policy.files import read_table
from assets.publishing.posting import object_names
from domain.platform import Account, Candidate, Mode, Network
from resources.google import platform

TOKEN = "EMU-secret-token"
CUSTOMER = "7000000002"
BUDGET = f"customers/{CUSTOMER}/campaignBudgets/4"
CAMPAIGN = f"customers/{CUSTOMER}/campaigns/5"
AD_GROUP = f"customers/{CUSTOMER}/adGroups/6"
NAMES = {"campaign_budget": BUDGET, "campaign": CAMPAIGN, "ad_group": AD_GROUP}
V = "google.ads.googleads.v26"
SERVICE = f"{V}.services.GoogleAdsService"
GEO = f"{V}.services.GeoTargetConstantService"


@dataclass(frozen=True)
class Part:
    """A message of a stream that goes on with the next answer."""

    message: Any


class Script:
    """Answers in order, the last one for ever: a message, or (status, details, failure bytes)."""

    def __init__(self):
        self.answers, self.requests, self.metadata = deque(), [], []

    def say(self, *answers):
        self.answers.extend(answers)

    def fail(self, status="INVALID_ARGUMENT", details="bad", failure=None):
        self.answers.append((grpc.StatusCode[status], details, failure))

    def answer(self, request, context):
        self.requests.append(request)
        self.metadata.append(dict(context.invocation_metadata()))
        answer = self.answers.popleft() if len(self.answers) > 1 else self.answers[0]
        if not isinstance(answer, tuple):
            return answer
        status, details, failure = answer
        if failure is not None:
            context.set_trailing_metadata(((f"{V}.errors.googleadsfailure-bin", failure),))
        context.abort(status, details)

    @property
    def mutates(self):
        return [r for r in self.requests if type(r).__name__ == "MutateGoogleAdsRequest"]

    @property
    def queries(self):
        return [r.query for r in self.requests if hasattr(r, "query")]


@pytest.fixture(scope="session")
def types():
    from google.ads.googleads.v26.errors.types import errors
    from google.ads.googleads.v26.services.types import geo_target_constant_service as geo
    from google.ads.googleads.v26.services.types import google_ads_service as ads

    return type("Types", (), {"ads": ads, "geo": geo, "errors": errors})


@pytest.fixture
def script():
    return Script()


@pytest.fixture
def address(script, types):
    def unary(request, answer):
        return grpc.unary_unary_rpc_method_handler(
            script.answer, request.pb().FromString, answer.pb().SerializeToString
        )

    def stream(request, context):
        while True:
            answer = script.answer(request, context)
            if not isinstance(answer, Part):
                yield answer
                return
            yield answer.message

    ads, geo = types.ads, types.geo
    handlers = {
        "Mutate": unary(ads.MutateGoogleAdsRequest, ads.MutateGoogleAdsResponse),
        "SearchStream": grpc.unary_stream_rpc_method_handler(
            stream,
            ads.SearchGoogleAdsStreamRequest.pb().FromString,
            ads.SearchGoogleAdsStreamResponse.pb().SerializeToString,
        ),
    }
    suggest = unary(geo.SuggestGeoTargetConstantsRequest, geo.SuggestGeoTargetConstantsResponse)
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers(
        (
            grpc.method_handlers_generic_handler(SERVICE, handlers),
            grpc.method_handlers_generic_handler(GEO, {"SuggestGeoTargetConstants": suggest}),
        )
    )
    port = server.add_secure_port("127.0.0.1:0", grpc.local_server_credentials())
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None)


@pytest.fixture
def part():
    return Part


@pytest.fixture
def google(address):
    return platform(token=TOKEN, address=address)


@pytest.fixture
def rows(types):
    """An answer of SearchStream from dicts of GoogleAdsRow."""
    from google.protobuf.json_format import ParseDict

    def make(*found):
        return ParseDict({"results": found}, types.ads.SearchGoogleAdsStreamResponse.pb()())

    return make


@pytest.fixture
def failure(types):
    """Bytes of a GoogleAdsFailure from dicts of GoogleAdsError."""
    from google.protobuf.json_format import ParseDict

    def make(*errors):
        return ParseDict(
            {"errors": errors}, types.errors.GoogleAdsFailure.pb()()
        ).SerializeToString()

    return make


@pytest.fixture
def made(types):
    """An answer of Mutate from dicts of its responses."""
    from google.protobuf.json_format import ParseDict

    def make(*results):
        body = {"mutate_operation_responses": results}
        return ParseDict(body, types.ads.MutateGoogleAdsResponse.pb()())

    return make


def publishing(file):
    """A module of the publishing room's tests."""
    path = Path(__file__).resolve().parents[1] / "publishing" / file
    spec = importlib.util.spec_from_file_location(f"google_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _constants(kind, query):
    number = {"Texas": 21176, "US": 2840, "DE": 2276}.get(query["q"])
    kinds = {"Texas": "region", "US": "country", "DE": "country"}
    fields = {"country_code": query["country_code"], "kind": kinds.get(query["q"], "")}
    name = f"geoTargetConstants/{number}"
    return [Candidate(name, query["q"], fields["kind"], fields)] if number else []


@pytest.fixture(scope="session")
def make_plan():
    """A plan as the translator makes it for customer 7000000002: two segments and broad."""
    room = publishing("conftest.py")
    policy = Policy(
        rulebook(read_table(room.ROOT, "rules")),
        lambda: lexicon(read_table(room.ROOT, "words")),
        room.PLACES,
        {("US", "TX"): "Texas"},
    )
    account = Account(CUSTOMER, "EUR", "Europe/Berlin", 100, Mode.SANDBOX)

    def make(**changes):
        ad = room.job_ad(platforms=frozenset({Network.GOOGLE}), **changes)
        arms = [room.segment("c-a", 1, "Airflow"), room.segment("c-b", 2, "Spark"), room.broad()]
        venue = AccountContext(
            network=Network.GOOGLE,
            account=account,
            policy=policy,
            on=date(2026, 11, 24),
            lookup=_constants,
        )
        return plan_compiler.plan(ad, arms, team=room.Team(), venue=venue)

    return make


@pytest.fixture
def ledger():
    return publishing("fakes.py").MemoryLedger()


@pytest.fixture
def campaign_body(make_plan):
    return object_names.exact(make_plan(), "campaign", "campaign", {})


@pytest.fixture
def group_body(make_plan):
    return object_names.exact(make_plan(), "c-a", "ad_group", {"campaign": CAMPAIGN})


@pytest.fixture
def holds(rows):
    """Answers to the queries of a read, as Google gives them for what `body` created; each
    operation's content may be changed by `edit(resource, content)`."""

    def answers(body, edit=lambda resource, made: None):
        found = {}
        for i, operation in enumerate(copy.deepcopy(body["mutate_operations"]), start=50):
            ((name, action),) = operation.items()
            resource, made = name.removesuffix("_operation"), action["create"]
            made["resource_name"] = NAMES.get(resource, f"customers/{CUSTOMER}/{resource}/5~{i}")
            for kind in ("location", "proximity", "keyword"):
                if kind in made:
                    made["type_"] = kind.upper()
            if resource == "campaign":
                made |= {"campaign_budget": BUDGET, "bidding_strategy_type": "TARGET_SPEND"}
            if resource == "ad_group_ad":
                made["ad"]["type_"] = "RESPONSIVE_SEARCH_AD"
            edit(resource, made)
            found.setdefault(resource, []).append({resource: made})
        if "campaign" in found:
            found["campaign"][0] |= found.pop("campaign_budget")[0]
            return [rows(*found["campaign"]), rows(*found.get("campaign_criterion", ()))]
        kinds = ("ad_group", "ad_group_criterion", "ad_group_ad")
        return [rows(*found.get(kind, ())) for kind in kinds]

    return answers
