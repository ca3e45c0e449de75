"""A real twin process, spoken to with tweepy's own signing, as any client would."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from tweepy import OAuth1UserHandler

ROOT = Path(__file__).resolve().parents[2]
APP = ("EMU-x-app", "EMU-x-app-secret")
USER = ("EMU-x-user", "EMU-x-user-secret")
ACCOUNT, USER_ID = "x1usd", "3000000001"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
TEXT = "Nurse for patients in a hospital, clinical care and treatment"


def auth(token: tuple[str, str] = USER) -> Any:
    return OAuth1UserHandler(*APP, *token).apply_auth()


@dataclass(frozen=True)
class Twin:
    url: str

    def ask(self, verb: str, route: str, *, token: tuple[str, str] = USER, **params: Any):
        """A signed request to the Ads API; parameters as a form, or in the query of a GET."""
        where = {"params": params} if verb in ("GET", "DELETE") else {"data": params}
        url = f"{self.url}/12/{route}"
        return requests.request(verb, url, auth=auth(token), timeout=20, **where)

    def get(self, edge: str, account: str = ACCOUNT, **params: Any) -> requests.Response:
        return self.ask("GET", f"accounts/{account}/{edge}", **params)

    def post(self, edge: str, account: str = ACCOUNT, **params: Any) -> requests.Response:
        return self.ask("POST", f"accounts/{account}/{edge}", **params)

    def put(self, edge: str, **params: Any) -> requests.Response:
        return self.ask("PUT", f"accounts/{ACCOUNT}/{edge}", **params)

    def delete(self, edge: str) -> requests.Response:
        return self.ask("DELETE", f"accounts/{ACCOUNT}/{edge}")

    def json(self, route: str, body: Any) -> requests.Response:
        return requests.post(f"{self.url}/12/{route}", json=body, auth=auth(), timeout=20)

    def batch(self, edge: str, *operations: tuple[str, dict[str, Any]]) -> requests.Response:
        body = [{"operation_type": kind, "params": params} for kind, params in operations]
        return self.json(f"batch/accounts/{ACCOUNT}/{edge}", body)

    def made(self, edge: str, **params: Any) -> Any:
        """What a POST made; it must succeed."""
        answer = self.post(edge, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def admin(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        call = requests.get if body is None else requests.post
        return call(f"{self.url}/_twin/{path}", json=body, timeout=20).json()

    def now(self) -> datetime:
        return datetime.fromisoformat(self.admin("clock")["now"])

    def campaign(self, **fields: Any) -> dict[str, Any]:
        given = {
            "funding_instrument_id": f"fi{ACCOUNT}", "name": "c", "entity_status": "PAUSED",
            "daily_budget_amount_local_micro": 20_000_000,
        }  # fmt: skip
        return self.made("campaigns", **{**given, **fields})

    def item(self, campaign: str, **fields: Any) -> requests.Response:
        """The answer to a line item that runs a month from now on."""
        now = self.now().replace(microsecond=0)
        given = {
            "campaign_id": campaign, "name": "l", "objective": "WEBSITE_CLICKS",
            "product_type": "PROMOTED_TWEETS", "placements": "ALL_ON_TWITTER",
            "entity_status": "PAUSED", "start_time": now.isoformat(),
            "end_time": (now + timedelta(days=30)).isoformat(),
        }  # fmt: skip
        return self.post("line_items", **{**given, **fields})

    def tweet(self, text: str, **fields: Any) -> requests.Response:
        return self.post("tweet", as_user_id=USER_ID, text=text, **fields)

    def place(self, query: str, kind: str = "COUNTRIES") -> str:
        found = self.ask("GET", "targeting_criteria/locations", q=query, location_type=kind)
        return str(found.json()["data"][0]["targeting_value"])

    def ad(
        self, name: str = "a", status: str = "ACTIVE", budget: int = 20_000_000, text: str = TEXT,
        targeting: tuple[tuple[str, str], ...] | None = None,
    ) -> dict[str, str]:  # fmt: skip
        """A whole chain with equal content but for the name; the ids of its parts."""
        campaign = self.campaign(
            name=name, entity_status=status, daily_budget_amount_local_micro=budget
        )["id"]
        item = self.item(campaign, name=name, entity_status=status).json()["data"]["id"]
        chosen = (("LOCATION", self.place("United States")),) if targeting is None else targeting
        if chosen:
            operations = [
                ("Create", {"line_item_id": item, "targeting_type": kind, "operator_type": "EQ",
                            "targeting_value": value}) for kind, value in chosen
            ]  # fmt: skip
            assert self.batch("targeting_criteria", *operations).status_code == 200
        link = f"https://jobs.example/1?utm_content={name}"
        tweet = self.tweet(f"{text} {link}", name=name).json()["data"]["id_str"]
        ad = self.made("promoted_tweets", line_item_id=item, tweet_ids=tweet)[0]["id"]
        return {"campaign": campaign, "item": item, "tweet": tweet, "ad": ad}

    def stats(self, account: str = ACCOUNT, **params: Any) -> requests.Response:
        given = {
            "entity": "PROMOTED_TWEET", "granularity": "DAY", "placement": "ALL_ON_TWITTER",
            "metric_groups": "ENGAGEMENT,BILLING,WEB_CONVERSION",
        }  # fmt: skip
        return self.ask("GET", f"stats/accounts/{account}", **{**given, **params})

    def week(self, ad: str, start: str, end: str, **params: Any) -> dict[str, Any]:
        answer = self.stats(entity_ids=ad, start_time=start, end_time=end, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"][0]["id_data"][0]["metrics"]

    def code(self, answer: requests.Response) -> tuple[int, str, str]:
        error = answer.json()["errors"][0]
        return answer.status_code, error["code"], error.get("parameter", "")


def start(state: Path, *more: str) -> tuple[subprocess.Popen[str], Twin]:
    world = ROOT / "data" / "worlds" / "x.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.x", "--state", str(state), "--world", str(world), *more],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    return process, Twin(process.stdout.readline().strip())


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    process, twin = start(tmp_path_factory.mktemp("twin"))
    yield twin
    process.kill()
    process.wait()


@pytest.fixture
def start_twin() -> Iterator[Callable[..., Twin]]:
    """Start twins by hand; all of them end with the test."""
    running = []

    def begin(state: Path, *more: str) -> Twin:
        process, twin = start(state, *more)
        running.append(process)
        return twin

    yield begin
    for process in running:
        process.kill()
        process.wait()
