"""A row that was written past jobads, or a number that no network can mean, costs its own ad or
account only."""

import sqlite3
from dataclasses import replace

import pytest

from assets.isolation import Isolation
from assets.performance.reports import pull
from assets.publishing import service
from assets.publishing.monitoring import keep_caps, read_reviews
from domain.caps import Cap
from domain.lifecycle import AdStatus
from domain.platform import Network
from resources.security.vault import UNKNOWN
from resources.warehouse.tables import frame

AD = {
    "title that is no UTF-8": "title = CAST(x'ff41' AS TEXT)",
    "title of bytes": "title = x'ff41'",
    "text that is no UTF-8": "description_long = CAST(x'ff41' AS TEXT)",
    "platforms that are no JSON": "platforms = '{'",
    "platforms of bytes": "platforms = x'ff'",
    "platforms in a list": """platforms = '[["meta"]]'""",
    "platforms nested too deep": f"platforms = '{'[' * 100_000}{']' * 100_000}'",
    "platforms as objects": """platforms = '[{"a": 1}]'""",
    "start that is no time": "schedule_start = 'garbage'",
    "start that is a number": "schedule_start = 5",
    "creation that is no time": "created_at = 'garbage'",
    "change in a far year": "updated_at = '99999-01-01 00:00:00'",
}
TEAM = {
    "scopes that are no JSON": "UPDATE social_platform_connections SET scopes = '{' "
    "WHERE team_id = ?",
    "scopes nested too deep": "UPDATE social_platform_connections "
    f"SET scopes = '{'[' * 100_000}{']' * 100_000}' WHERE team_id = ?",
    "end of a token that is no time": "UPDATE social_platform_connections "
    "SET token_expires_at = 'x' WHERE team_id = ?",
    "token of nothing": "UPDATE social_platform_connections SET access_token_sealed = x'' "
    "WHERE team_id = ?",
    "token of text": "UPDATE social_platform_connections SET access_token_sealed = 'abc' "
    "WHERE team_id = ?",
    "user that is no UTF-8": "UPDATE social_platform_connections "
    "SET platform_user_id = CAST(x'ff' AS TEXT) WHERE team_id = ?",
    "note of no time": "INSERT INTO notes VALUES "
    "(?, 'planning', 'meta', 'a', '', 't', 1, 'garbage', 'garbage')",
    "cap of no time": "INSERT INTO caps VALUES (?, '', NULL, 100, 'EUR', 'x', 'garbage')",
}
SPOILED = {name: f"UPDATE job_ads SET {change} WHERE id = ?" for name, change in AD.items()} | TEAM


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_row_keeps_back_nobody_else(world, name):
    """The other team's ad is planned, due, posted, counted, reviewed and paused as ever."""
    world.ad("Sick"), world.ad("Well")
    sick, well = world.due("Sick"), world.posted("Well")
    due = world.due("Well")
    world.store.caps.set(world.team("Well"), Cap(well.job_id, "EUR", None, 10**6))
    with sqlite3.connect(world.settings.home / "operations.db") as file:
        file.execute(SPOILED[name], [sick.job_id if name in AD else world.team("Sick")])
    file.close()
    assert (world.team("Well"), due.job_id) in world.store.projections.job_ads_stamps()
    world.plan()
    assert world.planned("Well")
    assert due.job_id in [d.job_id for d in world.store.schedule.due(world.now())]
    assert service.post_job(due.job_id, world, lambda _: None)[0].live
    today = world.now().date()
    with Isolation(world.store, "numbers", world.settings) as asked:
        pull(world, today, today, today, frame, asked)
    with Isolation(world.store, "caps", world.settings) as guard:
        keep_caps(world, guard)
    with Isolation(world.store, "review", world.settings) as guard:
        assert any(r["job_id"] == due.job_id for r in read_reviews(world, guard))
    world.store.ads.set_status(world.team("Well"), due.job_id, AdStatus.PAUSED)
    assert due.job_id in [d.job_id for d in service.retire_stale(world).off]


def spoil_plan(world, due, revisions):
    """A newer acceptance of the same plan, approved as the one before, whose revisions are spoiled:
    accepted plans are frozen, and may be inserted."""
    plan = (
        "team_id, job_id, network, account_id, digest, payload, {}, rule, accepted_by, "
        "accepted_at, daily_minor, currency, ad_version"
    )
    approval = (
        "team_id, {}, job_id, network, account_id, digest, decision, rule, user_id, role, "
        "reason, at"
    )
    with sqlite3.connect(world.settings.home / "operations.db") as file:
        added = file.execute(
            f"INSERT INTO accepted_plans ({plan.format('revisions')}) "
            f"SELECT {plan.format('?')} FROM accepted_plans WHERE job_id = ?",
            [revisions, due.job_id],
        ).lastrowid
        file.execute(
            f"INSERT INTO approvals ({approval.format('acceptance_id')}) "
            f"SELECT {approval.format('?')} FROM approvals WHERE job_id = ?",
            [added, due.job_id],
        )
    file.close()


@pytest.mark.parametrize(
    "revisions", ["{", pytest.param("[" * 100_000, id="deep"), "5", "[]", '"text"', "null", b"\xff"]
)
def test_spoiled_revisions_of_a_plan_keep_back_their_own_ad_only(world, revisions):
    """It is not due, and what runs by it is taken off; the other team's ads go on."""
    sick, ran = world.due("Sick"), world.posted("Sick")
    well, gone = world.due("Well"), world.posted("Well")
    for due in (sick, ran):
        spoil_plan(world, due, revisions)
    world.store.ads.set_status(world.team("Well"), gone.job_id, AdStatus.PAUSED)
    assert [d.job_id for d in world.store.schedule.due(world.now())] == [well.job_id]
    assert service.post_job(well.job_id, world, lambda _: None)[0].live
    stale = {d.job_id for d in world.store.schedule.stale(world.now())}
    assert stale == {ran.job_id, gone.job_id}
    assert {d.job_id for d in service.retire_stale(world).off} == stale
    assert world.store.schedule.stale(world.now()) == []


@pytest.mark.parametrize("value", ["abc", 5, 10**15, 0.5])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("social_platform_connections", "access_token_sealed"),
        ("social_platform_connections", "refresh_token_sealed"),
        ("resume_texts", "text_sealed"),
    ],
)
def test_what_stands_in_place_of_a_sealed_value_stops_no_other_sealing(world, table, column, value):
    """SQLite keeps text and numbers in a column of bytes. The others connect, import, read their
    tokens and rotate; the value counts as sealed by no key that is known."""
    store, well = world.store, world.team("Well")
    for name in ("Sick", "Well"):
        store.resumes.save(world.team(name), [("k", "text")])
    with sqlite3.connect(world.settings.home / "operations.db") as file:
        file.execute(
            f"UPDATE {table} SET {column} = ? WHERE team_id = ?", [value, world.team("Sick")]
        )
    file.close()
    store.connections.connect(well, Network.META, "act_Well", "EMU-new", refresh_token="EMU-r")
    store.resumes.save(well, [("k2", "text")])
    store.keys.rotate()
    resealed = store.keys.reseal()
    assert resealed.closed == 1 and resealed.done >= 5
    assert store.keys.sealed_by()[UNKNOWN] == 1
    assert store.connections.get(well, Network.META).token == "EMU-new"
    assert store.resumes.texts(well) == [("k", "text"), ("k2", "text")]


@pytest.mark.parametrize(
    "said",
    [
        {"spend_micros": 2**64},
        {"spend_micros": 2**63 - 1},
        {"spend_micros": -5_000_000},
        {"impressions": 2**63},
        {"currency": None},
        {"currency": "USD"},
        {"currency": "E\x00R"},
        {"currency": "\ud800"},
        {"attribution_window": "\ud800"},
    ],
)
def test_an_impossible_number_costs_its_own_ad_only(world, said):
    """The numbers of the account's other ad and of the other account are stored, their caps are
    kept, and the fault is noted on its ad until its numbers are possible again."""
    sick, beside, well = (world.posted(team) for team in ("Sick", "Sick", "Well"))
    for due in (beside, well):
        world.store.caps.set(due.team_id, Cap(due.job_id, "EUR", None, 100))
    line, rows = world.line("Sick"), world.store.projections.postings()
    own = {r["object_id"] for r in rows if r["job_id"] == sick.job_id}
    real, today = line.report, world.now().date()
    line.report = lambda *asked: [
        replace(one, **said) if one.ad_id in own else one for one in real(*asked)
    ]
    with Isolation(world.store, "numbers", world.settings) as asked:
        pull(world, today, today, today, frame, asked)
    with Isolation(world.store, "caps", world.settings) as guard:
        keep_caps(world, guard)
    assert len(asked.failures) == 1 and not guard.failures
    stored = set(world.warehouse.table("performance_log")["job_id"])
    assert stored == {beside.job_id, well.job_id}
    for due in (beside, well):
        assert world.store.ads.get(due.team_id, due.job_id).status is AdStatus.PAUSED
    (note,) = world.store.notes.read()
    assert (note.subject.stage, note.subject.job_id) == ("numbers", sick.job_id)
    line.report = real
    with Isolation(world.store, "numbers", world.settings) as asked:
        pull(world, today, today, today, frame, asked)
    assert world.store.notes.read() == [] and not asked.failures
    assert sick.job_id in world.warehouse.table("performance_log")["job_id"]
