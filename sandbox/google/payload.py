"""What of a campaign, an ad group or an ad counts for delivery: no name, no URL, no id."""

from typing import Any

from sandbox.google.state import State, Stored

_LABELS = (
    "resource_name",
    "name",
    "id",
    "criterion_id",
    "campaign",
    "ad_group",
    "status",
    "campaign_budget",
    "final_url_suffix",
    "tracking_url_template",
    "start_date_time",
    "end_date_time",
)


def payload(state: State, stored: Stored) -> str:
    """The content that a resource has now; equal for resources that differ in labels only."""
    if stored.kind == "ad_group_ad":
        return _ad(stored.message())
    own = [_content(stored.message())]
    if stored.kind == "ad_group":
        below = state.select("ad_group = ? AND kind != 'ad_group'", (stored.number,))
    else:
        below = state.select("campaign = ? AND kind = 'campaign_criterion'", (stored.number,))
        budget = state.budget_of(stored)
        own += [str(budget.message().amount_micros)] if budget else []
        groups = state.select("campaign = ? AND kind = 'ad_group'", (stored.number,))
        own += sorted(payload(state, group) for group in groups)
    parts = (_ad(b.message()) if b.kind == "ad_group_ad" else _content(b.message()) for b in below)
    return "\n".join([*own, *sorted(parts)])


def texts(ad_group_ad: Any) -> list[str]:
    """Headlines, then descriptions."""
    info = ad_group_ad.ad.responsive_search_ad
    return [asset.text for asset in (*info.headlines, *info.descriptions)]


def _ad(message: Any) -> str:
    return message.ad.responsive_search_ad.SerializeToString(deterministic=True).hex()


def _content(message: Any) -> str:
    bare = type(message)()
    bare.CopyFrom(message)
    for name in _LABELS:
        if name in bare.DESCRIPTOR.fields_by_name:
            bare.ClearField(name)
    return bare.SerializeToString(deterministic=True).hex()
