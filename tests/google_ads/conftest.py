"""A loopback gRPC server that answers what a test says, and the adapter over the real SDK."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from resources.google import platform

TOKEN = "EMU-secret-token"
V = "google.ads.googleads.v26"
SERVICE = f"{V}.services.GoogleAdsService"
GEO = f"{V}.services.GeoTargetConstantService"


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
        yield script.answer(request, context)

    ads, geo = types.ads, types.geo
    handlers = {
        "Mutate": unary(ads.MutateGoogleAdsRequest, ads.MutateGoogleAdsResponse),
        "SearchStream": grpc.unary_stream_rpc_method_handler(
            stream, ads.SearchGoogleAdsStreamRequest.pb().FromString,
            ads.SearchGoogleAdsStreamResponse.pb().SerializeToString,
        ),
    }  # fmt: skip
    suggest = unary(geo.SuggestGeoTargetConstantsRequest, geo.SuggestGeoTargetConstantsResponse)
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((
        grpc.method_handlers_generic_handler(SERVICE, handlers),
        grpc.method_handlers_generic_handler(GEO, {"SuggestGeoTargetConstants": suggest}),
    ))  # fmt: skip
    port = server.add_secure_port("127.0.0.1:0", grpc.local_server_credentials())
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None)


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
