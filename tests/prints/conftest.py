"""A home in which everything that people and networks may write is as hostile as it can be."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from assets.publishing.planning.stored_plans import arm_rows, plan_row
from domain.caps import Cap
from domain.ledger import Posted
from domain.lifecycle import AdStatus, SlotState
from domain.plan import Plan, PlannedArm, ProofLine
from domain.platform import Mode, Network, Review
from resources.files.job_ads import read_job_ads
from resources.operations.store import OperationsStore
from resources.security.vault import Vault
from resources.warehouse.ducklake import Warehouse

MARKUP = "[/b] [m/w/d] [link=x]y [bold red] | <script> ![x](http://x) $x_$ :boom:"
STEERING = "\x1b[2J\x1b]8;;http://x\x07\x9b31m\u202e\r\n\t\x00\u2028\u200f\ufeff"
"""What moves the cursor, opens links, erases, reverses or breaks lines."""
SEEN = "مهندس 👩\u200d🔧 [/b] [m/w/d] |"
TITLE = f"{SEEN}{STEERING.replace(chr(0), '')}"
LONG = "W" * 70 + " [m/w/d] <b> ![x](http://x)"


def evil(name: str) -> str:
    """A text that begins with a name of its own, so that a test can find it again."""
    return f"{name}-{MARKUP}{STEERING.replace(chr(0), '')}"


@dataclass(frozen=True)
class Hostile:
    """The home, the ad's and the plan's ids, and the store over it."""

    home: Path
    team: str
    job: str
    digest: str
    store: OperationsStore


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Hostile]:
    home = tmp_path / "home"
    store = OperationsStore(f"sqlite:///{home / 'operations.db'}", vault=Vault(home / "vault.key"))
    store.schema.migrate()
    team = store.teams.add("Acme", "acme.com", "EUR")
    ads = [
        {
            "title": title,
            "description_short": evil("short"),
            "description_long": evil("long"),
            "target_url": f"https://acme.com/{n}",
            "platforms": "meta",
            "budget_daily": "15.50",
            "schedule_start": "2026-03-01T09:00:00Z",
            "location": evil("Berlin"),
        }
        for n, title in enumerate((TITLE, LONG))
    ]
    user = store.teams.system_user(team.id)
    (tmp_path / "ads.json").write_text(json.dumps(ads))
    read = read_job_ads(tmp_path / "ads.json", team, user_id=user, now=datetime.now(UTC))
    # The importer reduces HTML and white space; what is stored otherwise may hold anything.
    kept = [
        replace(
            ad,
            title=row["title"],
            location=row["location"],
            description_short=row["description_short"],
            description_long=row["description_long"],
        )
        for ad, row in zip(read.good, ads, strict=True)
    ]
    store.ads.save_drafts(team.id, kept)
    job = next(ad for ad in store.ads.of_team(team.id) if ad.title == TITLE)
    proof = ProofLine(
        "s:x",
        "skills_keywords",
        evil("fact"),
        "drop",
        evil("target"),
        evil("rule"),
        evil("source"),
        evil("why"),
    )
    arm = PlannedArm(
        "broad", 1.0, 1.0, {"adset": {"daily_budget": 1550, "name": evil("body")}}, (proof,)
    )
    plan = Plan(
        str(team.id),
        str(job.id),
        Network.META,
        "act_[m/w/d]",
        evil("plan"),
        {"campaign": {"name": evil("shared")}},
        (arm,),
    )
    _rename(home, str(team.id))
    store.teams.add_member(team.id, "[m/w/d]@acme.com", evil("Ann"), "admin")
    store.lawful_bases.set(team.id, evil("purpose"), evil("author"))
    store.caps.set(team.id, Cap("", "EUR", 10_000, 100_000), actor="test")
    store.connections.connect(
        team.id,
        Network.META,
        "act_[m/w/d]",
        "EMU-t",
        platform_user_id=evil("page"),
        scopes=(evil("scope"),),
    )
    store.resumes.save(team.id, [(evil("key"), "Cooked at a hotel")])
    _slot(store, plan)
    _lake(home, plan)
    yield Hostile(home, str(team.id), str(job.id), plan.digest, store)
    store.close()


def _rename(home: Path, team: str) -> None:
    """To what a home of an older version may hold: such a name is refused today."""
    with sa.create_engine(f"sqlite:///{home / 'operations.db'}").begin() as connection:
        query = sa.text("UPDATE teams SET name = :name, domain = :domain WHERE id = :id")
        connection.execute(query, {"name": evil("Acme")[:100], "domain": evil("dom"), "id": team})


def _slot(store: OperationsStore, plan: Plan) -> None:
    """One that failed with a reason when its ad already stood, and was reviewed with another."""
    store.ads.set_status(plan.team_id, plan.job_id, AdStatus.SCHEDULED)
    version = store.ads.get(plan.team_id, plan.job_id).version
    store.plans.accept(plan, ad_version=version, rule="a test")
    place = (plan.team_id, plan.job_id, plan.network, plan.account_id)
    with store.leases.acquire(*place, ttl_s=600) as lease:
        slot = store.ledger.open_slot(plan, "broad", Mode.SANDBOX, lease)
        store.ledger.record(slot, Posted("ad", evil("object"), "key"))
        store.reviews.record(slot, Review.DISAPPROVED, [evil("review")])
        store.ledger.move(slot, SlotState.FAILED, evil("reason"))


def _lake(home: Path, plan: Plan) -> None:
    at = datetime.now(UTC)
    place = {
        "team_id": plan.team_id,
        "job_id": plan.job_id,
        "network": "meta",
        "account_id": plan.account_id,
        "arm": "broad",
    }
    fact = {
        "id": "s:x",
        "label": evil("fact"),
        "score": 1.0,
        "source": evil("source"),
        "evidence": [{"field": "title", "start": 0, "end": 1, "text": evil("words")}],
    }
    facts = {
        "industries": [fact],
        "skills_keywords": [fact],
        "locations": [fact],
        "seniority": fact,
    }
    tables = {
        "job_ads": {
            "team_id": plan.team_id,
            "job_id": plan.job_id,
            "title": TITLE,
            "description_short": evil("short"),
            "text": evil("text"),
            "content_hash": "h",
            "location": evil("Berlin"),
            "platforms": ["meta"],
            "budget_daily_minor": 1,
            "budget_currency": "EUR",
            "schedule_start": at,
            "schedule_end": at,
            "status": "draft",
            "updated_at": at,
            "language": "en",
            "fingerprint": "",
        },
        "audience_plans": plan_row(
            plan, ad_version="v", fingerprint="", currency="EUR", compiled_at=at
        ),
        "audience_plan_arms": arm_rows(plan)[0],
        "audience_primitives": {
            "team_id": plan.team_id,
            "job_id": plan.job_id,
            "arm": evil("arm"),
            "rank": 1,
            "score": 1.0,
            "budget_share": 1.0,
            "propensity": 1.0,
            "template": "segment",
            "reason": evil("reason"),
            "fit": evil("fit"),
            "cluster_key": evil("cluster"),
            "silhouette": 0.5,
            "labels": ["a"],
            "primitives": json.dumps(facts),
            "fingerprint": "",
        },
        "posted_campaigns": {
            **place,
            "cluster_key": "broad",
            "state": "failed",
            "revision": "r",
            "mode": "sandbox",
            "reason": evil("reason"),
            "posted_at": at,
            "objects": json.dumps({"ad": evil("object")}),
        },
        "ad_reviews": {
            **place,
            "review": "disapproved",
            "reason": evil("review"),
            "reviewed_at": at,
        },
    }
    with Warehouse(home) as warehouse:
        for name, row in tables.items():
            warehouse.replace(name, pl.DataFrame([row]), {})


@pytest.fixture
def jobads(
    hostile: Hostile, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Run the command line in this process, with no network behind any address."""
    from assets.resources import Clock
    from jobads import cli

    nowhere = {
        "JOBADS_META_URL": "http://127.0.0.1:9",
        "JOBADS_X_URL": "http://127.0.0.1:9",
        "JOBADS_GOOGLE_ADDR": "127.0.0.1:9",
        "JOBADS_GOOGLE_OAUTH_URL": "http://127.0.0.1:9",
    }
    for name, value in {"JOBADS_HOME": str(hostile.home), **nowhere}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Clock, "sleep", lambda *_: None)

    def run(*words: str, given: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["jobads", *words])
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return code, said.out + said.err

    return run
