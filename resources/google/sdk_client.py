"""The google-ads SDK behind three calls: search, mutate, suggest. Importing it takes a second, so
that this module is imported when the first platform is made, and a channel opens with its first
call: a process may fork before that.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.ads.googleads.client import _CLIENT_INFO, _GRPC_CHANNEL_OPTIONS, GoogleAdsClient
from google.ads.googleads.interceptors import (
    ExceptionInterceptor,
    LoggingInterceptor,
    MetadataInterceptor,
)
from google.ads.googleads.v26.services.services.customer_service import CustomerServiceClient
from google.ads.googleads.v26.services.services.geo_target_constant_service import (
    GeoTargetConstantServiceClient,
)
from google.ads.googleads.v26.services.services.google_ads_service import GoogleAdsServiceClient
from google.ads.googleads.v26.services.types.geo_target_constant_service import (
    SuggestGeoTargetConstantsRequest,
)
from google.ads.googleads.v26.services.types.google_ads_service import (
    MutateGoogleAdsRequest,
    SearchGoogleAdsStreamRequest,
)
from google.auth.transport.grpc import AuthMetadataPlugin
from google.protobuf.json_format import ParseDict, ParseError

from domain.errors import Refused, Retryable

VERSION = "v26"
# A change of an ad group is a renewed token, three reads and a write: together less than the 90 s
# for which a lease must still hold when an adapter is asked.
READ_S, WRITE_S, REPORT_S = 10.0, 40.0, 60.0
PAGES = 1000
"""Parts of one answer, of up to 10,000 rows each: an answer must end, however fast it comes."""
# The SDK warns of each failure with the server's words, and at INFO writes whole requests. It is
# kept silent by a filter: whoever configures logging later (Dagster does) enables what is disabled.
_LOGGER = logging.getLogger("google.ads.googleads.client")
_LOGGER.addFilter(lambda record: False)
# A server that starts again on this machine is met again at once; no proxy stands in between.
_LOOPBACK = [
    ("grpc.enable_http_proxy", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
]
_SERVICES: dict[str, Any] = {
    "CustomerService": CustomerServiceClient,
    "GoogleAdsService": GoogleAdsServiceClient,
    "GeoTargetConstantService": GeoTargetConstantServiceClient,
}


class SandboxClient(GoogleAdsClient):
    """The SDK's client over a plaintext channel that only loopback accepts: tokens arrive, its
    interceptors stay, and no proxy of the environment carries calls away."""

    def __init__(self, *, request: Any, **given: Any) -> None:
        super().__init__(**given)
        self._request = request

    def get_service(self, name: str, *_: Any, **__: Any) -> Any:
        client = _SERVICES[name]
        plugin = AuthMetadataPlugin(self.credentials, self._request)
        credentials = grpc.composite_channel_credentials(
            grpc.local_channel_credentials(), grpc.metadata_call_credentials(plugin)
        )
        options = [*_GRPC_CHANNEL_OPTIONS, *_LOOPBACK]
        channel = grpc.intercept_channel(
            grpc.secure_channel(self.endpoint, credentials, options=options),
            MetadataInterceptor(self.developer_token, self.login_customer_id),
            LoggingInterceptor(_LOGGER, VERSION, self.endpoint),
            ExceptionInterceptor(VERSION, use_proto_plus=self.use_proto_plus),
        )
        transport = client.get_transport_class()(channel=channel, client_info=_CLIENT_INFO)
        return client(transport=transport)


@dataclass(frozen=True, slots=True)
class SdkClient:
    """Calls of one connection; `request` is google-auth's transport for refreshing its token."""

    client: GoogleAdsClient = field(repr=False)
    request: Any = field(repr=False)
    _services: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no text may show, longest first."""
        held = self.client.credentials
        found = (held.token, held.refresh_token, held.client_secret, self.client.developer_token)
        return tuple(sorted(filter(None, found), key=len, reverse=True))

    def search(self, customer_id: str, query: str, *, slow: bool = False) -> list[Any]:
        """The rows of a query, as GoogleAdsRow messages of protobuf; reports are `slow`. Retryable
        when Google sends more than PAGES parts."""
        request = SearchGoogleAdsStreamRequest(customer_id=customer_id, query=query)
        batches: Any = self._service("GoogleAdsService").search_stream(
            request=request, timeout=REPORT_S if slow else READ_S
        )
        found: list[Any] = []
        for number, batch in enumerate(batches):
            if number == PAGES:
                batches.cancel()
                source = query.partition(" FROM ")[2].partition(" ")[0]
                text = f"{customer_id} answers {source} in more than {PAGES} parts"
                raise Retryable(text, where="Google search")
            found += batch.results
        return found

    def mutate(self, customer_id: str, operations: Sequence[Mapping[str, Any]]) -> Any:
        """All `operations` or none; Refused when one has a field or word that Google lacks."""
        body = {"customer_id": customer_id, "mutate_operations": list(operations)}
        try:
            request = ParseDict(body, MutateGoogleAdsRequest.pb()())
        except ParseError as error:
            text = " ".join(str(error).split("\n")[0].split())
            raise Refused(text[:300], where="Google mutate") from None
        return self._service("GoogleAdsService").mutate(
            request=MutateGoogleAdsRequest.wrap(request), timeout=WRITE_S
        )

    def suggest(self, country_code: str, names: Sequence[str]) -> list[Any]:
        request = SuggestGeoTargetConstantsRequest(
            locale="en", country_code=country_code, location_names={"names": list(names)}
        )
        answer = self._service("GeoTargetConstantService").suggest_geo_target_constants(
            request=request, timeout=READ_S
        )
        return [s.geo_target_constant for s in answer.geo_target_constant_suggestions]

    def customers(self) -> list[str]:
        """Ids of the customers that the token reaches by itself, not through a manager."""
        answer = self._service("CustomerService").list_accessible_customers(timeout=READ_S)
        return [name.removeprefix("customers/") for name in answer.resource_names]

    def _service(self, name: str) -> Any:
        """The service's client, with a token that is still valid: a refusal to renew it is seen
        here, where it is not yet wrapped into gRPC's words."""
        credentials = self.client.credentials
        if not credentials.valid:
            credentials.refresh(self.request)
        if name not in self._services:
            self._services[name] = self.client.get_service(name, version=VERSION)
        return self._services[name]
