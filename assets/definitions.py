"""The code location: every asset, check, job, schedule and sensor, with house-wide policy."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from assets import checks, intake, retention, unguarded
from assets.performance import assets as performance
from assets.publishing import assets as publishing
from assets.publishing import sensors
from assets.resources import RESOURCES
from assets.segmentation import assets as segmentation
from resources.settings import Settings

if told := unguarded.warning(sys.argv, os.environ, Settings.from_env().home, Path.cwd()):
    print(told, file=sys.stderr, flush=True)

GROUPS = {
    "intake": ("operations_store", "job_ads", "resumes", "warehouse_maintenance", "retention"),
    "segmentation": ("embeddings", *segmentation.FIT),
    "publishing": (
        "accounts",
        "audience_plans",
        "due_ads",
        "posted_campaigns",
        "ad_reviews",
        "open_ends",
    ),
    "performance": ("performance_log",),
}
OWNERS = {"segmentation": "team:data-science", "performance": "team:data-science"}
# They look at the operations store: ads become due by the clock alone.
LOOKING = frozenset({"operations_store", "accounts", "due_ads"})
NIGHTLY = frozenset({"warehouse_maintenance", "retention"})
SIDE_EFFECTS = frozenset({"posted_campaigns", "ad_reviews", "open_ends", "performance_log"})
EVERY_FIVE_MINUTES = "*/5 * * * *"
EVERY_NIGHT = "15 2 * * *"
EVERY_WEEK = "0 3 * * 0"


def automation(name: str) -> dg.AutomationCondition | None:
    """Data follow their inputs when those say something new; what spends money or calls a network
    waits for its sensor or schedule."""
    if name in SIDE_EFFECTS:
        return None
    when = dg.AutomationCondition
    if name in LOOKING:
        ticked = when.cron_tick_passed(EVERY_FIVE_MINUTES)
        return (ticked & ~when.in_progress()).with_label("every five minutes")
    if name in NIGHTLY:
        return (when.cron_tick_passed(EVERY_NIGHT) & ~when.in_progress()).with_label("every night")
    # Unlike eager(), a run that left its data as they were starts nothing after it.
    news = when.newly_missing() | when.any_deps_match(when.data_version_changed())
    aged: dg.AutomationCondition = when.cron_tick_passed(EVERY_WEEK)  # a fit also grows old
    return (
        ((news | aged) if name in segmentation.FIT else news).since_last_handled()
        & ~when.any_deps_missing()
        & ~when.any_deps_in_progress()
        & ~when.in_progress()
    ).with_label("inputs changed")


def house_rules(spec: dg.AssetSpec) -> dg.AssetSpec:
    """Group, owner, column schema and automation by one rule for the whole graph."""
    from resources.warehouse.columns import meaning
    from resources.warehouse.tables import TABLES

    name = spec.key.to_user_string()
    group = next(g for g, names in GROUPS.items() if name in names)
    metadata: dict = {}
    if table := TABLES.get(name):
        columns = [
            dg.TableColumn(c, kind, description=meaning(name, c))
            for c, kind in table.columns.items()
        ]
        metadata = {"dagster/column_schema": dg.TableSchema(columns), "row": table.row}
    return spec.replace_attributes(
        group_name=group,
        owners=[OWNERS.get(group, "team:operations")],
        automation_condition=automation(name),
    ).merge_attributes(metadata=metadata)


listing = dg.define_asset_job(
    "listing", selection=[publishing.due_ads], description="List what is due, from the ledger."
)
texts = dg.define_asset_job(
    "texts",
    selection=[intake.operations_store, intake.job_ads, intake.resumes, segmentation.embeddings],
    description="Read every team's texts and encode the new ones.",
)
planning = dg.define_asset_job(
    "planning",
    selection=[publishing.accounts, publishing.audience_plans],
    partitions_def=publishing.audience_plans.partitions_def,
    description="Compile a team's plans to be accepted.",
)
segments = dg.define_asset_job(
    "segments",
    selection=dg.AssetSelection.assets(*segmentation.FIT),
    partitions_def=segmentation.segments.partitions_def,
)


def resource(make: Callable[..., Any], needs: Sequence[str]) -> dg.ResourceDefinition:
    """Made once for a run that needs it, of resources that the run then needs as well."""
    return dg.ResourceDefinition(
        lambda context: make(*(getattr(context.resources, need) for need in needs)),
        required_resource_keys=set(needs),
        description=make.__doc__,
    )


_ASSETS = [
    intake.operations_store,
    intake.job_ads,
    intake.resumes,
    intake.warehouse_maintenance,
    retention.retention,
    segmentation.embeddings,
    segmentation.segments,
    publishing.accounts,
    publishing.audience_plans,
    publishing.due_ads,
    publishing.posted_campaigns,
    publishing.ad_reviews,
    publishing.open_ends,
    performance.performance_log,
]

defs = dg.Definitions(
    assets=[asset.map_asset_specs(house_rules) for asset in _ASSETS],
    asset_checks=dg.load_asset_checks_from_modules([checks]),
    jobs=[
        texts,
        segments,
        planning,
        listing,
        sensors.posting,
        sensors.watching,
        performance.pulling,
    ],
    schedules=[performance.daily_pull, sensors.hourly_watch],
    sensors=[sensors.posting_sensor],
    resources={name: resource(*made) for name, made in RESOURCES.items()},
    executor=dg.in_process_executor,
)
