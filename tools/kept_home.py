"""Makes the home of a version that every later version must be able to open, and packs it.

Run it once with the code of that version, before that code goes; it needs no network:

    git worktree add /tmp/old COMMIT
    PYTHONPATH=/tmp/old python tools/kept_home.py tests/upgrade/homes/0.1.0

It writes NAME.tar.xz (operations.db, lake, vault.key) and NAME.json (what must still hold). Tokens
are those of the sandbox, résumés are the sample's, which are synthetic.
"""

import hashlib
import json
import os
import sqlite3
import sys
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

ADS_PER_OCCUPATION = 18
OCCUPATIONS = ("nurse", "cook", "attorney", "accountant")
RESUMES_PER_OCCUPATION = 8
DAYS = 5


def build(home: Path) -> dict:
    """Every state that stored rows can be in, reached by the workbench's own steps."""
    os.environ.update(JOBADS_HOME=str(home), JOBADS_MODE="sandbox")
    from domain.lifecycle import AdStatus
    from domain.platform import Network
    from jobads import demo
    from jobads.graph import Graph
    from jobads.home import prepare
    from jobads.twins import twins
    from resources.operations.store import OperationsStore
    from resources.settings import Settings
    from resources.warehouse.ducklake import Warehouse

    settings = Settings.from_env()
    prepare(settings)
    with twins(settings) as networks:
        store = OperationsStore.open(settings)
        team = _teams(store, demo, Network)
        graph = Graph(settings, networks.env)
        graph.add_partition("teams", team)
        graph.run("texts")
        graph.run("segments", team)
        graph.run("planning")
        warehouse = Warehouse(settings.home, settings.lake_url)
        demo._clock(networks, datetime.now(UTC) - timedelta(days=DAYS))
        ads = _decide(store, team, demo.chosen(warehouse, team), AdStatus)
        graph.run("listing")
        graph.tick()
        demo._clock(networks, datetime.now(UTC))
        store.ads.set_status(team, ads["paused"], AdStatus.PAUSED)
        store.ads.set_status(team, ads["archived"], AdStatus.ARCHIVED)
        graph.run("listing")  # what has to come off is listed, and is off when the job has run
        graph.tick()
        demo._pull(graph)
        graph.run("watching")
        forgotten = _forget(team)
        _rest(store, team, ads, Network)
        return {**_facts(store, team, graph), "forgotten": forgotten}


def _teams(store, demo, networks) -> str:
    from resources.files.job_ads import read_job_ads
    from resources.files.resumes import read_resumes

    acme = store.teams.add("Acme", "magneto.example", "USD", "Acme GmbH", "Acme GmbH")
    for network, (account, token, user) in demo.ACCOUNTS.items():
        refresh = "EMU-google-refresh" if network is networks.GOOGLE else None
        store.connections.connect(
            acme.id,
            network,
            account,
            token=token,
            platform_user_id=user,
            refresh_token=refresh,
            scopes=("ads",),
        )
    with tempfile.TemporaryDirectory() as folder:
        ads = _some(Path(folder) / "ads.csv", demo.SAMPLE / "job_ads.csv", ADS_PER_OCCUPATION)
        people = _some(
            Path(folder) / "people.jsonl", demo.SAMPLE / "resumes.jsonl", RESUMES_PER_OCCUPATION
        )
        user = store.teams.system_user(acme.id)
        good = read_job_ads(ads, acme, user_id=user, now=datetime.now(UTC)).good
        store.ads.save_drafts(acme.id, good)
        store.resumes.save(acme.id, read_resumes(people).good)
    store.lawful_bases.set(acme.id, "an earlier purpose", "demo")
    store.lawful_bases.revoke(acme.id, "demo")
    store.lawful_bases.set(
        acme.id, demo.SYNTHETIC, "demo", until=datetime.now(UTC) + timedelta(days=9000)
    )
    other = store.teams.add("Beta", "beta.example", "EUR")
    store.connections.connect(other.id, networks.META, "act_1000000001", token="EMU-dead")
    store.connections.set_status(other.id, networks.META, "act_1000000001", "needs_reauth")
    store.stops.add(other.id, "demo", "kept stopped")
    return str(acme.id)


def _some(into: Path, source: Path, each: int) -> Path:
    """The first texts of each occupation."""
    import polars as pl

    csv = source.suffix == ".csv"
    frame = pl.read_csv(source) if csv else pl.read_ndjson(source)
    frame = frame.filter(pl.col("occupation").is_in(OCCUPATIONS))
    frame = frame.group_by("occupation", maintain_order=True).head(each)
    frame.write_csv(into) if csv else frame.write_ndjson(into)
    return into


def _decide(store, team: str, plans, status) -> dict[str, str]:
    """Plans of seven ads, each brought to another state; answers the ad of each."""
    ann = store.teams.add_member(team, "ann@magneto.example", "Ann", "approver")
    ed = store.teams.add_member(team, "ed@magneto.example", "Ed", "editor")
    store.teams.add_member(team, "vic@magneto.example", "Vic", "viewer")
    jobs = list(dict.fromkeys(plan.job_id for plan in plans))
    names = ("live", "paused", "archived", "approved_later", "waiting", "rejected")
    ads = dict(zip(names, jobs, strict=False))
    assert len(ads) == len(names), f"only {len(jobs)} ads have plans"
    for name, job in ads.items():
        for plan in (p for p in plans if p.job_id == job):
            by = ann if name in ("live", "paused", "archived") else ed
            store.plans.accept(plan, user_id=by)
            if name == "approved_later":
                store.approvals.approve(
                    team, job, plan.network, plan.digest, user_id=ann, note="fine"
                )
            if name == "rejected":
                store.approvals.reject(
                    team, job, plan.network, plan.digest, user_id=ann, reason="too dear"
                )
        store.ads.set_status(team, job, status.SCHEDULED)
    return ads


def _forget(team: str) -> str:
    """One person is erased, which leaves a mark in the audit log; answers which one."""
    from assets.outside import Persons
    from assets.persons.erasure import forget

    persons = Persons.from_env()
    key = sorted(key for owner, key in persons.store.resumes.all_keys() if owner == team)[0]
    forget(persons, team, key, "demo")
    return key


def _rest(store, team: str, ads: dict[str, str], networks) -> None:
    from domain.caps import Cap

    store.caps.set(team, Cap("", "USD", 900_000, 90_000_000), actor="demo")
    store.caps.set(team, Cap(ads["live"], "USD", 90_000), actor="demo")
    store.rate_limits.extend(networks.X, "x-elsewhere", datetime.now(UTC) + timedelta(minutes=5))


def _facts(store, team: str, graph) -> dict:
    """What every later version has to find again, in names that no version may change."""
    now = datetime.now(UTC)
    due = [*store.schedule.due(now), *store.schedule.stale(now)]
    assert not due, f"the home is not at rest: {due}"
    force = {}
    for plan in store.plans.accepted(team):
        if plan.decision == "approved":
            force[f"{plan.plan.job_id} {plan.plan.network}"] = plan.plan.digest
    return {
        "made_at": now.isoformat(),
        "team": team,
        "in_force": force,
        "slots": {
            f"{s.job_id} {s.network} {s.account_id} {s.arm}": str(s.state)
            for s in store.ledger.slots(team)
        },
        "tokens": {
            f"{c.network} {c.account_id}": [found.token, found.refresh_token]
            for c in store.connections.of_team(team)
            for found in [store.connections.get(team, c.network, c.account_id)]
        },
        "resumes": {
            key: hashlib.sha256(text.encode()).hexdigest()
            for key, text in store.resumes.texts(team)
        },
        "asset_keys": sorted(
            key.to_user_string() for key in graph.defs.resolve_asset_graph().get_all_asset_keys()
        ),
    }


def pack(home: Path, into: Path) -> None:
    """The stores, each one file without its write-ahead log; the same times in every archive."""
    databases = [home / "operations.db", *sorted((home / "lake").glob("*.sqlite"))]
    with tempfile.TemporaryDirectory() as folder, tarfile.open(into, "w:xz", preset=9) as archive:
        for file in databases:
            copy = Path(folder) / file.name
            with closing(sqlite3.connect(file, isolation_level=None)) as connection:
                connection.execute("VACUUM INTO ?", [str(copy)])
            archive.add(copy, str(file.relative_to(home)), filter=_plain)
        archive.add(home / "vault.key", "vault.key", filter=_plain)
        for file in sorted((home / "lake").rglob("*.parquet")):
            archive.add(file, str(file.relative_to(home)), filter=_plain)


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mtime = 1_780_000_000
    info.mode = 0o600
    return info


def main() -> None:
    into = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        facts = build(home)
        into.parent.mkdir(parents=True, exist_ok=True)
        pack(home, into.with_name(f"{into.name}.tar.xz"))
    text = json.dumps(facts, indent=1, sort_keys=True)
    into.with_name(f"{into.name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
