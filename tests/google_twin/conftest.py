"""A real twin process, spoken to by the unmodified google-ads client over its own protos."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import grpc
import pytest
import requests
from google.ads.googleads import util
from google.ads.googleads.client import GoogleAdsClient
from google.ads.googleads.errors import GoogleAdsException
from google.ads.googleads.interceptors import ExceptionInterceptor, MetadataInterceptor
from google.ads.googleads.v26.services.types.google_ads_service import MutateGoogleAdsRequest
from google.auth.transport.grpc import AuthMetadataPlugin
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from google.protobuf.json_format import ParseDict

ROOT = Path(__file__).resolve().parents[2]
CUSTOMER = "7000000001"
BASE = f"customers/{CUSTOMER}"


class LocalClient(GoogleAdsClient):
    """The real client with a channel to loopback that carries its bearer token."""

    def get_service(self, name: str, *_: Any, **__: Any) -> Any:
        snake = util.convert_upper_case_to_snake_case(name)
        module = import_module(f"google.ads.googleads.v26.services.services.{snake}")
        service = getattr(module, f"{name}Client")
        call = grpc.metadata_call_credentials(AuthMetadataPlugin(self.credentials, Request()))
        both = grpc.composite_channel_credentials(grpc.local_channel_credentials(), call)
        channel = grpc.intercept_channel(
            grpc.secure_channel(self.endpoint, both),
            MetadataInterceptor(None, None),
            ExceptionInterceptor("v26", use_proto_plus=True),
        )
        return service(transport=service.get_transport_class()(channel=channel))


def bundle(
    name: str,
    *,
    status: str = "ENABLED",
    budget: int = 20_000_000,
    keywords: tuple[str, ...] = ("nurse jobs nashville", "registered nurse jobs"),
    headlines: tuple[str, ...] = ("Registered nurse", "Hospital nursing jobs", "Care for patients"),
    group: str = "arm",
    campaign: dict[str, Any] | None = None,
    url: str = "https://jobs.example/1",
) -> list[dict[str, Any]]:
    """Budget, campaign, places, ad group, keywords, ad: as JSON of MutateOperations."""
    made = {
        "resource_name": f"{BASE}/campaigns/-2",
        "name": name,
        "status": status,
        "campaign_budget": f"{BASE}/campaignBudgets/-1",
        "advertising_channel_type": "SEARCH",
        "contains_eu_political_advertising": "DOES_NOT_CONTAIN_EU_POLITICAL_ADVERTISING",
        "target_spend": {},
        "network_settings": {
            "target_google_search": True,
            "target_search_network": False,
            "target_content_network": False,
        },
        "geo_target_type_setting": {"positive_geo_target_type": "PRESENCE"},
        "final_url_suffix": f"utm_campaign={name}",
        **(campaign or {}),
    }
    ad = {
        "final_urls": [url],
        "responsive_search_ad": {
            "headlines": [{"text": t} for t in headlines],
            "descriptions": [{"text": "Clinical care in a hospital."}, {"text": "Apply today"}],
        },
    }
    group_name = f"{BASE}/adGroups/-3"
    return [
        {
            "campaign_budget_operation": {
                "create": {
                    "resource_name": f"{BASE}/campaignBudgets/-1",
                    "amount_micros": budget,
                    "delivery_method": "STANDARD",
                    "explicitly_shared": False,
                }
            }
        },
        {"campaign_operation": {"create": made}},
        {
            "campaign_criterion_operation": {
                "create": {
                    "campaign": f"{BASE}/campaigns/-2",
                    "location": {"geo_target_constant": "geoTargetConstants/2840"},
                }
            }
        },
        {
            "campaign_criterion_operation": {
                "create": {
                    "campaign": f"{BASE}/campaigns/-2",
                    "language": {"language_constant": "languageConstants/1000"},
                }
            }
        },
        {
            "ad_group_operation": {
                "create": {
                    "resource_name": group_name,
                    "name": group,
                    "campaign": f"{BASE}/campaigns/-2",
                    "type_": "SEARCH_STANDARD",
                }
            }
        },
        *(
            {
                "ad_group_criterion_operation": {
                    "create": {
                        "ad_group": group_name,
                        "keyword": {"text": k, "match_type": "PHRASE"},
                    }
                }
            }
            for k in keywords
        ),
        {"ad_group_ad_operation": {"create": {"ad_group": group_name, "ad": ad}}},
    ]


@dataclass
class Twin:
    address: str
    url: str
    bundle = staticmethod(bundle)
    services: dict[tuple[str, str], Any] = field(default_factory=dict)

    def service(self, name: str, token: str = "EMU-google-user") -> Any:
        if (name, token) not in self.services:
            credentials = Credentials(token=token)
            client = LocalClient(credentials=credentials, endpoint=self.address, version="v26")
            self.services[name, token] = client.get_service(name)
        return self.services[name, token]

    def request(self, *operations: dict[str, Any], customer: str = CUSTOMER, **more: Any) -> Any:
        """Each operation as JSON of a MutateOperation."""
        body = {"customer_id": customer, "mutate_operations": list(operations), **more}
        return ParseDict(body, MutateGoogleAdsRequest.pb()())

    def mutate(self, *operations: dict[str, Any], **more: Any) -> Any:
        return self.service("GoogleAdsService").mutate(
            self.request(*operations, **more), timeout=20
        )

    def refused(self, *operations: dict[str, Any], **more: Any) -> list[tuple[str, str, str]]:
        """(family, code, path) of each error of a request that must fail."""
        with pytest.raises(GoogleAdsException) as caught:
            self.mutate(*operations, **more)
        return errors(caught.value)

    def search(self, query: str, customer: str = CUSTOMER) -> list[Any]:
        batches = self.service("GoogleAdsService").search_stream(customer_id=customer, query=query)
        return [row for batch in batches for row in batch.results]

    def admin(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        call = requests.get if body is None else requests.post
        answer = call(f"{self.url}/_twin/{path}", json=body, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def make(self, name: str, **changes: Any) -> dict[str, str]:
        """A whole campaign from one Mutate; answers the last resource name of each kind."""
        found = {}
        for result in self.mutate(*self.bundle(name, **changes)).mutate_operation_responses:
            kind = type(result).pb(result).WhichOneof("response")
            found[kind.removesuffix("_result")] = getattr(result, kind).resource_name
        return found


def errors(exception: GoogleAdsException) -> list[tuple[str, str, str]]:
    found = []
    for error in exception.failure.errors:
        code = type(error.error_code).pb(error.error_code)
        family = code.WhichOneof("error_code")
        number = getattr(code, family)
        name = code.DESCRIPTOR.fields_by_name[family].enum_type.values_by_number[number].name
        path = ".".join(e.field_name for e in error.location.field_path_elements)
        found.append((family, name, path))
    return found


def start(state: Path) -> tuple[subprocess.Popen[str], Twin]:
    world = ROOT / "data" / "worlds" / "google.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.google", "--state", str(state), "--world", str(world)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    address, url = process.stdout.readline().split()
    return process, Twin(address, url)


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    process, twin = start(tmp_path_factory.mktemp("google"))
    twin.admin("clock", {"now": "2027-03-01T15:00:00+00:00"})  # draws depend on the date
    yield twin
    process.kill()
    process.wait()


@pytest.fixture
def start_twin() -> Iterator[Callable[[Path], tuple[subprocess.Popen[str], Twin]]]:
    """Start twins by hand; all of them end with the test."""
    running = []

    def begin(state: Path) -> tuple[subprocess.Popen[str], Twin]:
        running.append(start(state))
        return running[-1]

    yield begin
    for process, _ in running:
        process.kill()
        process.wait()
