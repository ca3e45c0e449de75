"""A real twin process, spoken to over HTTP as any client would."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "act_1000000002"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@dataclass(frozen=True)
class Twin:
    url: str

    def get(self, path: str, **params: Any) -> requests.Response:
        return self._send("get", path, params)

    def post(self, path: str, **params: Any) -> requests.Response:
        return self._send("post", path, params)

    def admin(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        call = requests.get if body is None else requests.post
        return call(f"{self.url}/_twin/{path}", json=body, timeout=20).json()

    def upload(self, edge: str, field: str, name: str, data: bytes, **params: Any):
        """The raw answer to a multipart upload of one file."""
        return requests.post(
            f"{self.url}/v26.0/{ACCOUNT}/{edge}",
            files={field: (name, data)},
            data={"access_token": "EMU-meta", **params},
            timeout=20,
        )

    def make(self, edge: str, **fields: Any) -> str:
        answer = self.post(f"{ACCOUNT}/{edge}", **fields)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def campaign(self, **fields: Any) -> str:
        given = {
            "name": "c",
            "objective": "OUTCOME_TRAFFIC",
            "special_ad_categories": ["EMPLOYMENT"],
            "special_ad_category_country": ["US"],
            "status": "PAUSED",
            "is_adset_budget_sharing_enabled": False,
        }
        return self.make("campaigns", **{**given, **fields})

    def adset(self, campaign: str, targeting: dict[str, Any] | None = None, **fields: Any):
        """The raw answer to an ad set whose targeting is lawful but for `targeting`."""
        lawful = {
            "geo_locations": {"countries": ["US"]},
            "targeting_automation": {"advantage_audience": 0},
        }
        given = {
            "name": "s",
            "campaign_id": campaign,
            "daily_budget": 2000,
            "status": "PAUSED",
            "billing_event": "IMPRESSIONS",
            "optimization_goal": "LINK_CLICKS",
            "targeting": {**lawful, **(targeting or {})},
        }
        return self.post(f"{ACCOUNT}/adsets", **{**given, **fields})

    def ad(
        self,
        name: str = "a",
        message: str = "Nurse for patients",
        status: str = "ACTIVE",
        adset: str = "",
    ) -> str:
        """A whole tree with equal content but for the names; or one more ad of `adset`."""
        if not adset:
            campaign = self.campaign(name=name, status=status)
            adset = self.adset(campaign, name=name, status=status).json()["id"]
        link = {"link": "https://jobs.example/1", "message": message, "name": "Nurse"}
        creative = self.make(
            "adcreatives",
            name=name,
            url_tags=f"utm_content={name}",
            object_story_spec={"page_id": "2000000001", "link_data": link},
        )
        return self.make(
            "ads", name=name, adset_id=adset, creative={"creative_id": creative}, status=status
        )

    def days(self, ad: str) -> list[dict[str, Any]]:
        fields = "ad_id,impressions,inline_link_clicks,spend,conversions"
        span = {"since": "2026-01-01", "until": "2027-01-01"}
        rows = self.get(
            f"{ad}/insights", fields=fields, time_range=span, time_increment=1, limit=500
        )
        return rows.json()["data"]

    def _send(self, verb: str, path: str, params: dict[str, Any]) -> requests.Response:
        sent = {
            k: v if isinstance(v, str | int) and not isinstance(v, bool) else json.dumps(v)
            for k, v in {"access_token": "EMU-meta", **params}.items()
        }
        body = {"params": sent} if verb == "get" else {"data": sent}
        return requests.request(verb, f"{self.url}/v26.0/{path}", timeout=20, **body)


def start(state: Path, *more: str) -> tuple[subprocess.Popen[str], Twin]:
    world = ROOT / "data" / "worlds" / "default.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.meta", "--state", str(state), "--world", str(world), *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, Twin(process.stdout.readline().strip())


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    process, twin = start(tmp_path_factory.mktemp("twin"))
    yield twin
    process.kill()
    process.wait()


@pytest.fixture
def start_twin() -> Iterator[Callable[..., tuple[subprocess.Popen[str], Twin]]]:
    """Start twins by hand; all of them end with the test."""
    running = []

    def begin(state: Path, *more: str) -> tuple[subprocess.Popen[str], Twin]:
        running.append(start(state, *more))
        return running[-1]

    yield begin
    for process, _ in running:
        process.kill()
        process.wait()
