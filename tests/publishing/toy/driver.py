"""Runs in the copy of the tree that has the toy network: from facts to what the network holds."""

import json
import sys
from datetime import date
from pathlib import Path
from uuid import UUID

import conftest
import fakes

from assets.publishing import payload_validator
from assets.publishing.networks.registry import NETWORKS
from assets.publishing.planning import plan_compiler, planner
from assets.publishing.policy import Policy, lexicon, rulebook
from assets.publishing.policy.files import read_table
from assets.publishing.posting.state_machine import post
from domain import caps
from domain.money import Money
from domain.networks import FACTS
from domain.platform import Network
from jobads import twins
from jobads.connecting import Way, log_in
from resources.environment import VARIABLES
from resources.files.images import Images
from resources.oauth import flow
from resources.operations.records import Connection
from resources.platforms import connect
from resources.settings import Settings

home = Path(sys.argv[1])
ROOT = Path.cwd()
policy = Policy(
    rulebook(read_table(ROOT, "rules")),
    lambda: lexicon(read_table(ROOT, "words")),
    conftest.PLACES,
    {("US", "TX"): "Texas"},
)
settings = Settings.from_env({"JOBADS_HOME": str(home), "JOBADS_TOY_URL": "http://127.0.0.1:9104"})

login = flow(Network.TOY, settings)
grant = log_in(
    login,
    Way(paste=True, browser=False),
    lambda _: None,
    lambda: "http://x/?state=toy-state&code=EMU",
)
account = FACTS[Network.TOY].account_id("1")
held = Connection(UUID(int=1), Network.TOY, account, "", "active", (), None, grant.token, None)
platform = connect(held, settings, Images(home / "images", settings.mode))


def planned(minor):
    ad = conftest.job_ad(platforms=frozenset({Network.TOY}), budget_daily=Money(minor, "EUR"))
    venue = plan_compiler.AccountContext(
        Network.TOY, platform.verify(account), policy, date(2026, 11, 24), lookup=platform.lookup
    )
    arms = [conftest.segment("c-a", 1, "Airflow"), conftest.broad()]
    plan = plan_compiler.plan(ad, arms, team=conftest.Team(), venue=venue)
    for bodies in (plan.shared, *(arm.bodies for arm in plan.arms)):
        for kind, body in bodies.items():
            payload_validator.check(plan.network, kind, planner.with_ids(body))
    return plan


ledger = fakes.MemoryLedger()
plan = planned(2501)


def posted(plan):
    report = post(
        plan,
        platform=platform,
        ledger=ledger,
        leases=ledger,
        now=conftest.NOW,
        sleep=lambda _: None,
    )
    return [report.live, report.created, report.updated]


with twins._process(Network.TOY, home) as (process, _):
    spoken = process.stdout.readline().strip()
    health = twins.asked(spoken, "health")
print(
    json.dumps(
        {
            "module": NETWORKS[Network.TOY].twin.module,
            "health": health,
            "settings": sorted(v.name for v in VARIABLES if "_TOY_" in v.name),
            "daily": caps.daily_minor(plan, "EUR"),
            "worst": caps.worst_day(Network.TOY, 2501),
            "runs": [posted(plan), posted(plan), posted(planned(3000))],
            "objects": [
                [kind, body["status"], body.get("daily_cents"), body.get("places")]
                for kind, body in platform.objects.values()
            ],
        }
    )
)
