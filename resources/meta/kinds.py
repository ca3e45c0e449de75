"""Meta's objects by kind: which are alive, what is read of them, and what their status says."""

from domain.platform import Review

# Found objects are alive: what somebody deleted or archived is not adopted again.
ALIVE = {
    "campaign": ["ACTIVE", "PAUSED", "IN_PROCESS", "WITH_ISSUES"],
    "adset": ["ACTIVE", "PAUSED", "CAMPAIGN_PAUSED", "IN_PROCESS", "WITH_ISSUES"],
    "ad": [
        "ACTIVE",
        "PAUSED",
        "CAMPAIGN_PAUSED",
        "ADSET_PAUSED",
        "IN_PROCESS",
        "WITH_ISSUES",
        "PENDING_REVIEW",
        "DISAPPROVED",
        "PREAPPROVED",
        "PENDING_BILLING_INFO",
    ],
}
_REVIEWS = {
    "PENDING_REVIEW": Review.PENDING,
    "IN_PROCESS": Review.PENDING,
    "DISAPPROVED": Review.DISAPPROVED,
    "WITH_ISSUES": Review.LIMITED,
    "ACTIVE": Review.APPROVED,
    "PREAPPROVED": Review.APPROVED,
}
FIELDS = {
    "campaign": "name objective buying_type status effective_status issues_info "
    "special_ad_categories special_ad_category_country is_adset_budget_sharing_enabled",
    "adset": "name campaign_id daily_budget billing_event optimization_goal bid_strategy "
    "destination_type targeting start_time end_time status effective_status issues_info "
    "dsa_payor dsa_beneficiary",
    "creative": "name object_story_spec degrees_of_freedom_spec url_tags status",
    "ad": "name adset_id creative status effective_status issues_info",
}


def review(kind: str, effective: str) -> Review:
    """Only ads are reviewed; one that is paused says nothing of it."""
    return _REVIEWS.get(effective, Review.UNKNOWN) if kind == "ad" else Review.UNKNOWN
