"""What only the network works out: primary and serving status, policy summaries, names derived."""

from datetime import datetime
from typing import Any

from google.ads.googleads.v26.enums.types import (
    ad_group_ad_primary_status,
    ad_group_primary_status,
    ad_group_primary_status_reason,
    campaign_primary_status,
    campaign_primary_status_reason,
    campaign_serving_status,
    policy_topic_entry_type,
)

from sandbox.google.history import schedule
from sandbox.google.kinds import KINDS
from sandbox.google.review import Approval, Review, Status
from sandbox.google.state import State, Stored
from sandbox.google.world import World

Primary: Any = campaign_primary_status.CampaignPrimaryStatusEnum.CampaignPrimaryStatus
Reason: Any = (
    campaign_primary_status_reason.CampaignPrimaryStatusReasonEnum.CampaignPrimaryStatusReason
)
Serving: Any = campaign_serving_status.CampaignServingStatusEnum.CampaignServingStatus
GroupPrimary: Any = ad_group_primary_status.AdGroupPrimaryStatusEnum.AdGroupPrimaryStatus
GroupReason: Any = (
    ad_group_primary_status_reason.AdGroupPrimaryStatusReasonEnum.AdGroupPrimaryStatusReason
)
AdPrimary: Any = ad_group_ad_primary_status.AdGroupAdPrimaryStatusEnum.AdGroupAdPrimaryStatus
TopicType: Any = policy_topic_entry_type.PolicyTopicEntryTypeEnum.PolicyTopicEntryType
PAUSED = 3


COMPUTED = {
    "campaign": frozenset(["primary_status", "primary_status_reasons", "serving_status"]),
    "campaign_budget": frozenset(["reference_count", "name"]),
    "ad_group": frozenset(["primary_status", "primary_status_reasons"]),
    "ad_group_ad": frozenset(["primary_status", "policy_summary"]),
}


class ComputedFields:
    """Fills in the computed fields of messages that are about to be answered."""

    def __init__(self, state: State, world: World, review: Review) -> None:
        self._state, self._world, self._review = state, world, review

    def fill(self, stored: Stored, message: Any, now: datetime) -> None:
        if stored.kind == "campaign":
            status, reasons = self._campaign(stored, message, now)
            message.primary_status = status.value
            message.primary_status_reasons.extend(r.value for r in reasons)
            message.serving_status = _serving(status).value
        elif stored.kind == "campaign_budget":
            self._budget(stored, message)
        elif stored.kind == "ad_group":
            self._group(stored, message, now)
        elif stored.kind == "ad_group_ad":
            self._ad(stored, message, now)

    def _budget(self, stored: Stored, message: Any) -> None:
        """An unshared budget is called as its campaign is."""
        users = self._state.select(
            "budget = ? AND kind = 'campaign' AND removed = 0", (stored.number,)
        )
        message.reference_count = len(users)
        if users and not message.explicitly_shared:
            message.name = users[0].name

    def _ad(self, stored: Stored, message: Any, now: datetime) -> None:
        verdict = self._review.of(stored, now)
        summary = message.policy_summary
        summary.review_status = Status[verdict.status].value
        summary.approval_status = Approval[verdict.approval].value
        if verdict.topic:
            summary.policy_topic_entries.add(topic=verdict.topic, type_=TopicType.PROHIBITED.value)
        kind = KINDS["ad_group_ad"]
        if message.status == kind.removed:
            status = AdPrimary.REMOVED
        elif message.status == PAUSED:
            status = AdPrimary.PAUSED
        elif verdict.approval == "DISAPPROVED":
            status = AdPrimary.NOT_ELIGIBLE
        elif verdict.status == "REVIEW_IN_PROGRESS":
            status = AdPrimary.PENDING
        else:
            status = AdPrimary.ELIGIBLE
        message.primary_status = status.value

    def _group(self, stored: Stored, message: Any, now: datetime) -> None:
        campaign = self._state.campaign(stored.campaign).message()
        removed, enabled = KINDS["ad_group"].removed, KINDS["ad_group"].enabled
        status, reason = GroupPrimary.ELIGIBLE, None
        if message.status == removed:
            status, reason = GroupPrimary.REMOVED, GroupReason.AD_GROUP_REMOVED
        elif message.status != enabled:
            status, reason = GroupPrimary.PAUSED, GroupReason.AD_GROUP_PAUSED
        elif campaign.status != KINDS["campaign"].enabled:
            status, reason = GroupPrimary.PAUSED, GroupReason.CAMPAIGN_PAUSED
        else:
            trouble = self._inside(f"ad_group = {stored.number}", now)
            if trouble:
                status, reason = GroupPrimary[trouble[0]], GroupReason[trouble[1]]
        message.primary_status = status.value
        if reason:
            message.primary_status_reasons.append(reason.value)

    def _campaign(self, stored: Stored, message: Any, now: datetime) -> tuple[Any, list[Any]]:
        start, end = schedule(message, self._world.customers[stored.customer])
        kind = KINDS["campaign"]
        if message.status == kind.removed:
            return Primary.REMOVED, [Reason.CAMPAIGN_REMOVED]
        if message.status != kind.enabled:
            return Primary.PAUSED, [Reason.CAMPAIGN_PAUSED]
        if now >= end:
            return Primary.ENDED, [Reason.CAMPAIGN_ENDED]
        if now < start:
            return Primary.PENDING, [Reason.CAMPAIGN_PENDING]
        groups = self._state.select(
            "campaign = ? AND kind = 'ad_group' AND removed = 0", (stored.number,)
        )
        if not groups:
            return Primary.NOT_ELIGIBLE, [Reason.NO_AD_GROUPS]
        if not any(g.message().status == KINDS["ad_group"].enabled for g in groups):
            return Primary.NOT_ELIGIBLE, [Reason.AD_GROUPS_PAUSED]
        trouble = self._inside(f"campaign = {stored.number}", now)
        if trouble:
            return Primary[trouble[0]], [Reason[trouble[1]]]
        return Primary.ELIGIBLE, []

    def _inside(self, where: str, now: datetime) -> tuple[str, str] | None:
        """The names of status and reason when ads or keywords are missing, off or refused."""
        ads = self._state.select(f"{where} AND kind = 'ad_group_ad' AND removed = 0", ())
        words = self._state.select(f"{where} AND kind = 'ad_group_criterion' AND removed = 0", ())
        keywords = [m for w in words for m in [w.message()] if not m.negative]
        on = [ad for ad in ads if ad.message().status == KINDS["ad_group_ad"].enabled]
        if not ads:
            return "NOT_ELIGIBLE", "NO_AD_GROUP_ADS"
        if not on:
            return "NOT_ELIGIBLE", "AD_GROUP_ADS_PAUSED"
        if not keywords:
            return "NOT_ELIGIBLE", "NO_KEYWORDS"
        if all(k.status != KINDS["ad_group_criterion"].enabled for k in keywords):
            return "NOT_ELIGIBLE", "KEYWORDS_PAUSED"
        verdicts = [self._review.of(ad, now) for ad in on]
        refused = sum(v.approval == "DISAPPROVED" for v in verdicts)
        if refused:
            return "NOT_ELIGIBLE" if refused == len(on) else "LIMITED", "HAS_ADS_DISAPPROVED"
        waiting = sum(v.status == "REVIEW_IN_PROGRESS" for v in verdicts)
        if waiting * 2 > len(on):
            return "PENDING", "MOST_ADS_UNDER_REVIEW"
        return None


def _serving(status: Any) -> Any:
    return {
        Primary.ENDED: Serving.ENDED,
        Primary.PENDING: Serving.PENDING,
        Primary.NOT_ELIGIBLE: Serving.NONE,
        Primary.REMOVED: Serving.NONE,
    }.get(status, Serving.SERVING)
