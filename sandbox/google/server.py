"""The gRPC face: the services that the real client calls, its token, and faults on the way."""

import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.ads.googleads.v26.services.types import (
    customer_service,
    geo_target_constant_service,
    google_ads_service,
)

from sandbox.faults import Fault
from sandbox.google.errors import FAILURE_KEY, Refusal, problem
from sandbox.google.places import suggest
from sandbox.google.tokens import Authority
from sandbox.google.twin import Twin
from sandbox.google.world import Customer

_PACKAGE = "google.ads.googleads.v26.services"
_SEARCH, _STREAM, _STREAMED = (
    google_ads_service.SearchGoogleAdsRequest.pb(),
    google_ads_service.SearchGoogleAdsStreamRequest.pb(),
    google_ads_service.SearchGoogleAdsStreamResponse.pb(),
)
_FOUND: Any = google_ads_service.SearchGoogleAdsResponse.pb()
_ACCESSIBLE: Any = customer_service.ListAccessibleCustomersResponse.pb()
PAGE, BATCH = 10_000, 1_000
THREADS = 8
_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_TOKEN_TROUBLE = {
    "unknown": "OAUTH_TOKEN_INVALID",
    "expired": "OAUTH_TOKEN_EXPIRED",
    "revoked": "OAUTH_TOKEN_REVOKED",
}


def serve(twin: Twin, port: int) -> tuple[grpc.Server, int]:
    """A started server on loopback and its port; 0 takes any free one."""
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="google")
    server = grpc.server(
        pool,
        options=[
            ("grpc.so_reuseport", 0),
            ("grpc.max_receive_message_length", 64 * 1024 * 1024),
            ("grpc.max_send_message_length", 64 * 1024 * 1024),
        ],
    )
    server.add_generic_rpc_handlers(Service(twin).handlers())
    bound = server.add_secure_port(f"127.0.0.1:{port}", grpc.local_server_credentials())
    server.start()
    return server, bound


class Service:
    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    def handlers(self) -> tuple[grpc.GenericRpcHandler, ...]:
        mutate = self._unary(
            "GoogleAdsService", "Mutate", self._mutate, google_ads_service.MutateGoogleAdsRequest
        )
        search = self._unary("GoogleAdsService", "Search", self._search, _SEARCH)
        suggested = self._unary(
            "GeoTargetConstantService",
            "SuggestGeoTargetConstants",
            self._suggest,
            geo_target_constant_service.SuggestGeoTargetConstantsRequest,
        )
        listed = self._unary(
            "CustomerService",
            "ListAccessibleCustomers",
            self._customers,
            customer_service.ListAccessibleCustomersRequest,
        )
        stream = grpc.unary_stream_rpc_method_handler(
            self._stream, _STREAM.FromString, _STREAMED.SerializeToString
        )
        services = {
            "GoogleAdsService": {"Mutate": mutate, "Search": search, "SearchStream": stream},
            "GeoTargetConstantService": {"SuggestGeoTargetConstants": suggested},
            "CustomerService": {"ListAccessibleCustomers": listed},
        }
        return tuple(
            grpc.method_handlers_generic_handler(f"{_PACKAGE}.{name}", methods)
            for name, methods in services.items()
        )

    def _unary(
        self, service: str, method: str, act: Callable[[Any], Any], request: Any
    ) -> grpc.RpcMethodHandler:
        def answer(given: Any, context: grpc.ServicerContext) -> Any:
            return self._carry(service, method, lambda: act(given), context)

        raw = request if hasattr(request, "FromString") else request.pb()
        return grpc.unary_unary_rpc_method_handler(
            answer, raw.FromString, lambda message: message.SerializeToString()
        )

    def _stream(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        def act() -> tuple[list[Any], list[str]]:
            customer = self._customer(request.customer_id)
            return self._twin.search.rows(customer, request.query)

        rows, paths = self._carry("GoogleAdsService", "SearchStream", act, context)
        for start in range(0, max(len(rows), 1), BATCH):
            answer = _STREAMED(results=rows[start : start + BATCH])
            answer.field_mask.paths.extend(paths)
            yield answer

    def _mutate(self, request: Any) -> Any:
        customer = self._customer(request.customer_id)
        return self._twin.mutate(customer, request)

    def _search(self, request: Any) -> Any:
        if request.page_size:
            raise Refusal(
                problem(
                    "request_error",
                    "PAGE_SIZE_NOT_SUPPORTED",
                    f"A page has {PAGE} rows.",
                    "page_size",
                )
            )
        token = request.page_token
        if token and not token.isdigit():
            raise Refusal(problem("request_error", "INVALID_PAGE_TOKEN", "No page.", "page_token"))
        customer = self._customer(request.customer_id)
        rows, paths = self._twin.search.rows(customer, request.query)
        start = int(token or 0)
        answer = _FOUND(total_results_count=len(rows))
        if request.validate_only:
            return _FOUND()
        answer.results.extend(rows[start : start + PAGE])
        answer.field_mask.paths.extend(paths)
        if start + PAGE < len(rows):
            answer.next_page_token = str(start + PAGE)
        return answer

    def _suggest(self, request: Any) -> Any:
        return suggest(self._twin.world, request)

    def _customers(self, _: Any) -> Any:
        names = [f"customers/{number}" for number in self._twin.world.customers]
        return _ACCESSIBLE(resource_names=names)

    def _customer(self, number: str) -> Customer:
        if not number.isdigit():
            raise Refusal(
                problem(
                    "request_error", "INVALID_CUSTOMER_ID", "Digits only, no dashes.", "customer_id"
                )
            )
        customer = self._twin.world.customers.get(number)
        if customer is None:
            error = problem(
                "authorization_error",
                "USER_PERMISSION_DENIED",
                "User doesn't have permission to access customer.",
            )
            raise Refusal(error, status=grpc.StatusCode.PERMISSION_DENIED)
        return customer

    def _carry(
        self, service: str, method: str, act: Callable[[], Any], context: grpc.ServicerContext
    ) -> Any:
        """The answer of `act`, unless the token or a planned fault forbids it."""
        request_id = secrets.token_urlsafe(16)
        fault = self._twin.faults.due(method, f"/{_PACKAGE}.{service}/{method}")
        try:
            if fault and fault.where == "before":
                _suffer(fault, context, request_id)
            _signed_in(self._twin.authority, context)
            answer = act()
        except Refusal as refusal:
            _abort(context, refusal, request_id)
        if fault and fault.where == "after":
            _suffer(fault, context, request_id)
        context.set_trailing_metadata((("request-id", request_id),))
        return answer


def _signed_in(authority: Authority, context: grpc.ServicerContext) -> None:
    metadata = {item.key: item.value for item in context.invocation_metadata()}
    header = str(metadata.get("authorization", ""))
    scheme, _, token = header.partition(" ")
    if scheme != "Bearer" or not token:
        raise _unauthenticated("OAUTH_TOKEN_HEADER_INVALID" if header else "AUTHENTICATION_ERROR")
    word = authority.word(token)
    if word != "valid":
        raise _unauthenticated(_TOKEN_TROUBLE[word])


def _unauthenticated(name: str) -> Refusal:
    error = problem("authentication_error", name, f"Authentication failed: {name}.")
    return Refusal(error, status=grpc.StatusCode.UNAUTHENTICATED)


def _suffer(fault: Fault, context: grpc.ServicerContext, request_id: str) -> None:
    """Wait, or end the call as the fault says."""
    if fault.kind == "stall":
        time.sleep(fault.seconds)
        return
    if fault.kind == "drop":
        context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
    if fault.kind == "throttle":
        _throttle(fault, context, request_id)
    name = str(fault.detail.get("grpc", _STATUS.get(fault.status, "UNKNOWN")))
    status = grpc.StatusCode[name]
    if "error" in fault.detail:
        family, _, code = str(fault.detail["error"]).partition(".")
        _abort(context, Refusal(problem(family, code, "Planned."), status=status), request_id)
    context.set_trailing_metadata((("request-id", request_id),))
    context.abort(status, f"{name.capitalize()} error encountered.")


def _throttle(fault: Fault, context: grpc.ServicerContext, request_id: str) -> None:
    """RESOURCE_EXHAUSTED, bare, or with a QuotaError and the delay that `detail` asks for, as
    {"quota": "RESOURCE_TEMPORARILY_EXHAUSTED", "retry_delay_s": 30}."""
    status = grpc.StatusCode.RESOURCE_EXHAUSTED
    if "quota" not in fault.detail:
        context.abort(status, "Resource has been exhausted (e.g. check quota).")
    error = problem("quota_error", str(fault.detail["quota"]), "Too many requests.")
    details = error.details.quota_error_details
    details.rate_scope, details.rate_name = 2, "Requests per day"
    details.retry_delay.seconds = int(fault.detail.get("retry_delay_s", 30))
    _abort(context, Refusal(error, status=status), request_id)


def _abort(context: grpc.ServicerContext, refusal: Refusal, request_id: str) -> None:
    failure = refusal.failure(request_id).SerializeToString()
    context.set_trailing_metadata(((FAILURE_KEY, failure), ("request-id", request_id)))
    usual = refusal.status is grpc.StatusCode.INVALID_ARGUMENT
    context.abort(
        refusal.status, "Request contains an invalid argument." if usual else str(refusal)
    )
