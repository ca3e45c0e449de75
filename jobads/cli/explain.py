"""`jobads explain`: one ad from its words to its postings."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import InputError, NotFound
from domain.plain_text import plain
from jobads.output import heading, say

if TYPE_CHECKING:
    from jobads.workbench import Workbench

app = typer.Typer()
MOST = 6


@app.command()
def explain(job_id: Annotated[str, typer.Argument(help="An ad's id, or its beginning.")]) -> None:
    """Show text, segment, primitives with their words, proof of policy, and postings of an ad."""
    import jobads

    wb = jobads.open()
    ads = wb.sql("SELECT * FROM job_ads WHERE starts_with(job_id, ?)", job_id)
    if ads.is_empty():
        raise NotFound(
            f"the warehouse knows no ad whose id begins with {job_id!r}",
            mend="if jobads ads list shows it, the graph has not read it yet: jobads up, and in "
            "Dagster's Automation switch default_automation_condition_sensor on",
        )
    if len(ads) > 1:
        raise InputError(f"{len(ads)} ads have an id that begins with {job_id!r}")
    ad = ads.row(0, named=True)
    say(f"{ad['title']} · {ad['location']} · {_status(ad)}", ad["job_id"], plain(ad["text"])[:400])
    _arms(wb, ad["job_id"])
    _proof(wb, ad["job_id"])
    _postings(wb, ad["job_id"])


def _status(ad: dict[str, Any]) -> str:
    """What the ad is now: the warehouse's copy is as old as the last change of its text."""
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    return OperationsStore.open(Settings.from_env()).ads.get(ad["team_id"], ad["job_id"]).status


def _arms(wb: "Workbench", job_id: str) -> None:
    arms = wb.sql("SELECT * FROM audience_primitives WHERE job_id = ? ORDER BY rank", job_id)
    for arm in arms.iter_rows(named=True):
        heading(f"arm {arm['arm']} · {arm['budget_share']:.0%} of the budget")
        say(f"{arm['fit']} fit, {arm['cluster_key']}: {arm['reason']}")
        facts = json.loads(arm["primitives"])
        for field in ("industries", "skills_keywords", "locations"):
            for fact in facts[field][:MOST]:
                say(_fact(field, fact))
        if facts["seniority"]:
            say(_fact("seniority", facts["seniority"]))


def _fact(field: str, fact: dict[str, Any]) -> str:
    words = "; ".join(f"{e['field']} {e['start']}: “{e['text']}”" for e in fact["evidence"])
    return f"  {field}: {fact['label']} {fact['score']:.2f} ({words or fact['source']})"


def _proof(wb: "Workbench", job_id: str) -> None:
    rows = wb.sql(
        "SELECT network, arm, proof FROM audience_plan_arms WHERE job_id = ? ORDER BY network, arm",
        job_id,
    )
    for row in rows.iter_rows(named=True):
        heading(f"policy, {row['network']}, arm {row['arm']}")
        for line in json.loads(row["proof"]):
            target = f" → {line['target']}" if line["target"] else ""
            text = f"  {line['fate']}: {line['field']} {line['label']}{target}"
            say(f"{text} ({line['rule']}: {line['reason']})")


def _postings(wb: "Workbench", job_id: str) -> None:
    rows = wb.sql(
        "SELECT p.*, r.review, r.reason AS review_reason FROM posted_campaigns AS p "
        "LEFT JOIN ad_reviews AS r USING (team_id, job_id, network, account_id, arm) "
        "WHERE p.job_id = ? ORDER BY p.network, p.arm",
        job_id,
    )
    heading("postings")
    for row in rows.iter_rows(named=True):
        review = " ".join(filter(None, (row["review"], row["review_reason"])))
        objects = ", ".join(f"{k} {v}" for k, v in json.loads(row["objects"]).items())
        say(
            f"  {row['network']} {row['arm']}: {row['state']} ({row['mode']}) {objects} "
            f"{row['reason']} {review}".rstrip()
        )
    if rows.is_empty():
        say("  nothing was posted")
