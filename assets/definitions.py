"""The code location: every asset, check, job, schedule and sensor, with house-wide policy."""

import dagster as dg

from assets import checks, intake, performance
from assets.outside import Outside
from assets.publishing import assets as publishing
from assets.publishing import sensors
from assets.segmentation import assets as segmentation

GROUPS = {
    "intake": ("job_ads", "resumes"),
    "segmentation": ("embeddings", *segmentation.FIT),
    "publishing": ("audience_plans", "due_ads", "posted_campaigns"),
    "performance": ("performance_log",),
}
OWNERS = {"segmentation": "team:data-science", "performance": "team:data-science"}
SIDE_EFFECTS = frozenset({"posted_campaigns", "performance_log", "due_ads"})


def house_rules(spec: dg.AssetSpec) -> dg.AssetSpec:
    """Group, owner, column schema and automation by one rule for the whole graph.

    Data assets follow their inputs by themselves; what spends money or calls a network does not.
    """
    from resources.tables import TABLES

    name = spec.key.to_user_string()
    group = next(g for g, names in GROUPS.items() if name in names)
    table = TABLES[name]
    schema = dg.TableSchema([dg.TableColumn(c, kind) for c, kind in table.columns.items()])
    automation = None if name in SIDE_EFFECTS else dg.AutomationCondition.eager()
    return spec.replace_attributes(
        group_name=group, owners=[OWNERS.get(group, "team:operations")],
        automation_condition=automation,
    ).merge_attributes(metadata={"dagster/column_schema": schema, "row": table.row})  # fmt: skip


listing = dg.define_asset_job(
    "listing", selection=[publishing.due_ads], description="List what is due, from the ledger."
)
every_five_minutes = dg.ScheduleDefinition(
    name="list_due_ads", job=listing, cron_schedule="*/5 * * * *", execution_timezone="UTC"
)
texts = dg.define_asset_job(
    "texts",
    selection=[intake.job_ads, intake.resumes, segmentation.embeddings],
    description="Read every team's texts and encode the new ones.",
)
planning = dg.define_asset_job(
    "planning", selection=[publishing.audience_plans], description="Compile plans to be accepted."
)
segments = dg.define_asset_job(
    "segments",
    selection=dg.AssetSelection.assets(*segmentation.FIT),
    partitions_def=segmentation.segments.partitions_def,
)

_ASSETS = [
    intake.job_ads, intake.resumes, segmentation.embeddings, segmentation.segments,
    publishing.audience_plans, publishing.due_ads, publishing.posted_campaigns,
    performance.performance_log,
]  # fmt: skip

defs = dg.Definitions(
    assets=[asset.map_asset_specs(house_rules) for asset in _ASSETS],
    asset_checks=dg.load_asset_checks_from_modules([checks]),
    jobs=[texts, segments, planning, listing, sensors.posting, performance.pulling],
    schedules=[every_five_minutes, performance.daily_pull],
    sensors=[sensors.posting_sensor, sensors.operations_observer],
    resources={"outside": Outside()},
    executor=dg.in_process_executor,
)
