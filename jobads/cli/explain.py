"""`jobads explain`: one ad from its words to its postings."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import InputError, NotFound

if TYPE_CHECKING:
    from rich.console import Console

    from jobads.workbench import Workbench

app = typer.Typer()
MOST = 6


@app.command()
def explain(job_id: Annotated[str, typer.Argument(help="An ad's id, or its beginning.")]) -> None:
    """Show text, segment, primitives with their words, proof of policy, and postings of an ad."""
    from rich.console import Console

    import jobads

    wb, console = jobads.open(), Console()
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
    console.print(f"[bold]{ad['title']}[/bold] · {ad['location']} · {_status(ad)}\n{ad['job_id']}")
    console.print(ad["text"][:400], markup=False)
    _arms(wb, console, ad["job_id"])
    _proof(wb, console, ad["job_id"])
    _postings(wb, console, ad["job_id"])


def _status(ad: dict[str, Any]) -> str:
    """What the ad is now: the warehouse's copy is as old as the last change of its text."""
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    return OperationsStore.open(Settings.from_env()).job_ad(ad["team_id"], ad["job_id"]).status


def _arms(wb: "Workbench", console: "Console", job_id: str) -> None:
    arms = wb.sql("SELECT * FROM audience_primitives WHERE job_id = ? ORDER BY rank", job_id)
    for arm in arms.iter_rows(named=True):
        console.rule(f"arm {arm['arm']} · {arm['budget_share']:.0%} of the budget", align="left")
        console.print(f"{arm['fit']} fit, {arm['cluster_key']}: {arm['reason']}", markup=False)
        facts = json.loads(arm["primitives"])
        for field in ("industries", "skills_keywords", "locations"):
            for fact in facts[field][:MOST]:
                console.print(_fact(field, fact), markup=False)
        if facts["seniority"]:
            console.print(_fact("seniority", facts["seniority"]), markup=False)


def _fact(field: str, fact: dict[str, Any]) -> str:
    words = "; ".join(f"{e['field']} {e['start']}: “{e['text']}”" for e in fact["evidence"])
    return f"  {field}: {fact['label']} {fact['score']:.2f} ({words or fact['source']})"


def _proof(wb: "Workbench", console: "Console", job_id: str) -> None:
    rows = wb.sql(
        "SELECT network, arm, proof FROM audience_plan_arms WHERE job_id = ? ORDER BY network, arm",
        job_id,
    )
    for row in rows.iter_rows(named=True):
        console.rule(f"policy, {row['network']}, arm {row['arm']}", align="left")
        for line in json.loads(row["proof"]):
            target = f" → {line['target']}" if line["target"] else ""
            text = f"  {line['fate']}: {line['field']} {line['label']}{target}"
            console.print(f"{text} ({line['rule']}: {line['reason']})", markup=False)


def _postings(wb: "Workbench", console: "Console", job_id: str) -> None:
    rows = wb.sql(
        "SELECT p.*, r.review, r.reason AS review_reason FROM posted_campaigns AS p "
        "LEFT JOIN ad_reviews AS r USING (team_id, job_id, network, account_id, arm) "
        "WHERE p.job_id = ? ORDER BY p.network, p.arm",
        job_id,
    )
    console.rule("postings", align="left")
    for row in rows.iter_rows(named=True):
        review = " ".join(filter(None, (row["review"], row["review_reason"])))
        objects = ", ".join(f"{k} {v}" for k, v in json.loads(row["objects"]).items())
        console.print(
            f"  {row['network']} {row['arm']}: {row['state']} ({row['mode']}) {objects} "
            f"{row['reason']} {review}".rstrip(),
            markup=False,
        )
    if rows.is_empty():
        console.print("  nothing was posted")
