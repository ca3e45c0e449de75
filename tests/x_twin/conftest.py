"""X's contract as its documentation has it, asked of a real twin process over HTTP."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from requests_oauthlib import OAuth1

ROOT = Path(__file__).resolve().parents[2]
USER = "3000000001"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR\0\0\x04\xb0\0\0\x02t" + b"0" * 40
DAILY, TOTAL = "daily_budget_amount_local_micro", "total_budget_amount_local_micro"


@dataclass
class X:
    """A client of one account that signs as the standing user of the sandbox does."""

    url: str
    account: str = "x1usd"
    auth: OAuth1 = field(
        default_factory=lambda: OAuth1(
            "EMU-x-app", "EMU-x-app-secret", "EMU-x-user", "EMU-x-user-secret"
        )
    )
    made: int = 0

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """The raw answer; `path` below /12/."""
        return requests.request(method, f"{self.url}/12/{path}", auth=self.auth, timeout=20, **more)

    def get(self, edge: str, **params: Any) -> requests.Response:
        return self.ask("GET", f"accounts/{self.account}/{edge}", params=params)

    def post(self, edge: str, **params: Any) -> requests.Response:
        return self.ask("POST", f"accounts/{self.account}/{edge}", data=params)

    def put(self, edge: str, **params: Any) -> requests.Response:
        return self.ask("PUT", f"accounts/{self.account}/{edge}", data=params)

    def delete(self, edge: str) -> requests.Response:
        return self.ask("DELETE", f"accounts/{self.account}/{edge}")

    def batch(self, edge: str, *operations: tuple[str, dict[str, Any]]) -> requests.Response:
        body = [{"operation_type": kind, "params": params} for kind, params in operations]
        return self.ask("POST", f"batch/accounts/{self.account}/{edge}", json=body)

    def admin(self, path: str, body: dict[str, Any] | None = None) -> Any:
        call = requests.get if body is None else requests.post
        return call(f"{self.url}/_twin/{path}", json=body, timeout=20).json()

    def upload(self) -> str:
        """The media key of a picture that is not in the library yet."""
        answer = requests.post(
            f"{self.url}/1.1/media/upload.json",
            files={"media": ("a.png", PNG)},
            auth=self.auth,
            data={"media_category": "TWEET_IMAGE"},
            timeout=20,
        )
        return str(answer.json()["media_key"])

    def campaign(self, **params: Any) -> str:
        given = {
            "name": "c",
            "funding_instrument_id": f"fi{self.account}",
            DAILY: 20_000_000,
            "entity_status": "PAUSED",
            **params,
        }
        return one(self.post("campaigns", **given))["id"]

    def item(self, campaign: str, **params: Any) -> requests.Response:
        given = {
            "campaign_id": campaign,
            "name": "l",
            "objective": "WEBSITE_CLICKS",
            "goal": "LINK_CLICKS",
            "product_type": "PROMOTED_TWEETS",
            "bid_strategy": "AUTO",
            "placements": "ALL_ON_TWITTER",
            "start_time": "2026-01-01T00:00:00Z",
            "end_time": "2027-12-01T00:00:00Z",
            "entity_status": "PAUSED",
            **params,
        }
        return self.post("line_items", **given)

    def line_item(self, **params: Any) -> str:
        return one(self.item(self.campaign(), **params))["id"]

    def tweet(self, text: str = "", **params: Any) -> str:
        """A post with a link; the link's number is what tells its text from others'."""
        self.made += 1
        text = text or f"Nurse for patients https://jobs.example/{self.made}"
        return str(one(self.post("tweet", as_user_id=USER, text=text, **params))["id_str"])

    def promote(self, item: str, tweet: str) -> str:
        answer = self.post("promoted_tweets", line_item_id=item, tweet_ids=tweet)
        return str(one(answer)[0]["id"])

    def target(self, item: str, kind: str, value: str, operator: str = "EQ") -> requests.Response:
        return self.post(
            "targeting_criteria",
            line_item_id=item,
            targeting_type=kind,
            targeting_value=value,
            operator_type=operator,
        )

    def place(self, query: str, kind: str = "COUNTRIES", **params: Any) -> str:
        answer = self.ask(
            "GET",
            "targeting_criteria/locations",
            params={"q": query, "location_type": kind, **params},
        )
        return str(one(answer)[0]["targeting_value"])

    def ad(self, name: str = "a", text: str = "", status: str = "ACTIVE", **item: Any) -> str:
        """The promoted tweet of a whole chain for Germany."""
        campaign = self.campaign(name=name, entity_status=status)
        line = one(self.item(campaign, name=name, entity_status=status, **item))["id"]
        assert self.target(line, "LOCATION", self.place("Germany")).ok
        return self.promote(line, self.tweet(text, name=name))

    def december(self, day: int, hour: int = 6) -> None:
        """Set the clock; at five in the morning New York's day begins."""
        self.admin("clock", {"now": f"2026-12-{day:02d}T{hour:02d}:00:00+00:00"})

    @staticmethod
    def midnight(day: int) -> str:
        return f"2026-12-{day:02d}T05:00:00Z"

    def metrics(self, entity: str, wanted: str, first: int, last: int, **more: Any) -> Any:
        """Of one entity, from a day of December to another."""
        answer = self.stats(entity, wanted, self.midnight(first), self.midnight(last), **more)
        return one(answer)[0]["id_data"][0]["metrics"]

    def stats(self, entity: str, ids: str, start: str, end: str, **more: Any) -> requests.Response:
        given = {
            "entity": entity,
            "entity_ids": ids,
            "start_time": start,
            "end_time": end,
            "granularity": "DAY",
            "metric_groups": "ENGAGEMENT,BILLING,WEB_CONVERSION",
            "placement": "ALL_ON_TWITTER",
            **more,
        }
        return self.ask("GET", f"stats/accounts/{self.account}", params=given)


def one(answer: requests.Response) -> Any:
    """The data of an answer that must be good."""
    assert answer.ok, answer.text
    return answer.json()["data"]


def codes(answer: requests.Response) -> list[Any]:
    return [error["code"] for error in answer.json()["errors"]]


Start = Callable[..., tuple[subprocess.Popen[str], X]]


def _start(state: Path, *more: str) -> tuple[subprocess.Popen[str], X]:
    world = ROOT / "data" / "worlds" / "x.json"
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "sandbox.x",
            "--port",
            "0",
            "--state",
            str(state),
            "--world",
            str(world),
            "--seed",
            "7",
            *more,
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, X(process.stdout.readline().strip())


@pytest.fixture(scope="module")
def x(tmp_path_factory: pytest.TempPathFactory) -> Iterator[X]:
    process, client = _start(tmp_path_factory.mktemp("x"))
    yield client
    process.kill()
    process.wait()


@pytest.fixture
def start_x() -> Iterator[Start]:
    """Start twins by hand; all of them end with the test."""
    running = []

    def begin(state: Path, *more: str) -> tuple[subprocess.Popen[str], X]:
        running.append(_start(state, *more))
        return running[-1]

    yield begin
    for process, _ in running:
        process.kill()
        process.wait()


@pytest.fixture
def week(start_x: Start, tmp_path: Path) -> tuple[X, str]:
    """A twin in which an ad ran from the 7th to the 14th of December; the promoted tweet."""
    _, x = start_x(tmp_path)
    x.december(7)
    ad = x.ad(text="Nurse for patients in the clinical hospital https://jobs.example/w")
    x.december(14)
    return x, ad


@pytest.fixture
def data() -> Callable[[requests.Response], Any]:
    return one


@pytest.fixture
def refused() -> Callable[[requests.Response], list[Any]]:
    """The codes of a refusal."""
    return codes
