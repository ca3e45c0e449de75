"""Campaigns: what Google requires, refuses, and fills in when nothing is said."""

from datetime import datetime
from typing import Any

from google.ads.googleads.v26.enums.types import bidding_strategy_type

from sandbox.google.errors import Problems
from sandbox.google.work import Placed, Work, parent, plain_name, same_name, status_of_new

SEARCH = 2
PRESENCE_OR_INTEREST, NEGATIVE_PRESENCE = 5, 5
LAST_MOMENT = "2037-12-30 23:59:59"
_FORMAT = "%Y-%m-%d %H:%M:%S"
_ON_SEARCH = frozenset(
    [
        "manual_cpc",
        "target_spend",
        "maximize_conversions",
        "maximize_conversion_value",
        "target_cpa",
        "target_roas",
        "target_impression_share",
        "percent_cpc",
    ]
)
_TYPES: Any = bidding_strategy_type.BiddingStrategyTypeEnum.BiddingStrategyType


def make_campaign(work: Work, message: Any, problems: Problems) -> Placed:
    if _agreement_missing(work):
        problems.add(
            "campaign_error",
            "HEC_AGREEMENT_REQUIRED",
            "An administrator must accept the policy "
            "on housing, employment and credit before campaigns are created.",
        )
    if message.advertising_channel_type == 0:
        problems.required("advertising_channel_type")
    elif message.advertising_channel_type != SEARCH:
        problems.add(
            "campaign_error",
            "ADVERTISING_CHANNEL_TYPE_NOT_AVAILABLE_FOR_ACCOUNT_TYPE",
            "The twin has Search only.",
            "advertising_channel_type",
        )
    if message.contains_eu_political_advertising == 0:
        problems.required("contains_eu_political_advertising")
    status_of_new(message, "campaign", problems)
    _fill(work, message)
    check_campaign(work, message, problems, None)
    number = work.state.next_number()
    message.id = number
    budget = message.campaign_budget.rsplit("/", 1)[-1]
    return Placed(
        number,
        work.name("campaigns", number),
        campaign=number,
        name=message.name,
        budget=int(budget) if budget.isdigit() else 0,
    )


def _fill(work: Work, message: Any) -> None:
    """Defaults of a new campaign: every network, people anywhere."""
    networks = message.network_settings
    for name in ("target_google_search", "target_search_network", "target_content_network"):
        if not networks.HasField(name):
            setattr(networks, name, True)
    if not networks.HasField("target_partner_search_network"):
        networks.target_partner_search_network = False
    geo = message.geo_target_type_setting
    geo.positive_geo_target_type = geo.positive_geo_target_type or PRESENCE_OR_INTEREST
    geo.negative_geo_target_type = geo.negative_geo_target_type or NEGATIVE_PRESENCE


def check_campaign(work: Work, message: Any, problems: Problems, before: Any) -> None:
    if not message.start_date_time:
        today = work.now.astimezone(work.customer.zone).date()
        message.start_date_time = f"{today} 00:00:00"
    if not message.end_date_time:
        message.end_date_time = LAST_MOMENT
    plain_name(message, 256, problems, ("campaign_error", "INVALID_CAMPAIGN_NAME"))
    if message.name and same_name(work, "campaign", message):
        problems.add(
            "campaign_error",
            "DUPLICATE_CAMPAIGN_NAME",
            "The campaign's name is used by another that is not removed.",
            "name",
            trigger=message.name,
        )
    _budget_of(work, message, problems)
    _bidding(message, problems)
    _networks(message.network_settings, problems)
    _schedule(work, message, problems, before)


def _budget_of(work: Work, message: Any, problems: Problems) -> None:
    budget = parent(work, message, "campaign_budget", problems)
    if budget is None or budget.message().explicitly_shared:
        return
    users = work.state.select(
        "budget = ? AND kind = 'campaign' AND removed = 0 AND resource != ?",
        (budget.number, message.resource_name),
    )
    if users:
        problems.add(
            "campaign_budget_error",
            "CANNOT_USE_IMPLICITLY_SHARED_CAMPAIGN_BUDGET_WITH_MULTIPLE_CAMPAIGNS",
            "The budget belongs to another campaign.",
            "campaign_budget",
        )


def _bidding(message: Any, problems: Problems) -> None:
    chosen = message.WhichOneof("campaign_bidding_strategy")
    if chosen is None:
        problems.required("campaign_bidding_strategy")
    elif chosen not in _ON_SEARCH:
        problems.add(
            "bidding_error", "INVALID_BIDDING_STRATEGY_TYPE", f"{chosen} is not for Search.", chosen
        )
    else:
        message.bidding_strategy_type = _TYPES[chosen.upper()].value


def _networks(networks: Any, problems: Problems) -> None:
    if networks.target_search_network and not networks.target_google_search:
        problems.add(
            "campaign_error",
            "CANNOT_TARGET_SEARCH_NETWORK_WITHOUT_GOOGLE_SEARCH",
            "Search partners need Google Search.",
            "network_settings",
            "target_search_network",
        )
    if not networks.target_google_search and not networks.target_content_network:
        problems.add(
            "campaign_error",
            "CAMPAIGN_MUST_TARGET_AT_LEAST_ONE_NETWORK",
            "No network is on.",
            "network_settings",
        )
    if networks.target_partner_search_network:
        problems.add(
            "campaign_error",
            "CANNOT_TARGET_PARTNER_SEARCH_NETWORK",
            "For partner accounts only.",
            "network_settings",
            "target_partner_search_network",
        )


def _schedule(work: Work, message: Any, problems: Problems, before: Any) -> None:
    """Times are the account's own, without a zone; a day begins and ends on the second."""
    start = _moment(message.start_date_time, "00:00:00", problems, "start_date_time")
    end = _moment(message.end_date_time, "23:59:59", problems, "end_date_time")
    today = work.now.astimezone(work.customer.zone).replace(tzinfo=None)
    changed = before is None or before.start_date_time != message.start_date_time
    if start and changed and before is not None and _read(before.start_date_time) <= today:
        problems.add(
            "campaign_error",
            "CANNOT_MODIFY_START_DATE_IF_ALREADY_STARTED",
            "The campaign has started.",
            "start_date_time",
        )
    elif start and changed and start.date() < today.date():
        problems.add(
            "date_range_error", "CANNOT_SET_DATE_TO_PAST", "In the past.", "start_date_time"
        )
    if end and end < today and (before is None or before.end_date_time != message.end_date_time):
        problems.add("date_range_error", "CANNOT_SET_DATE_TO_PAST", "In the past.", "end_date_time")
    if end and end > _read(LAST_MOMENT):
        problems.add(
            "date_range_error",
            "AFTER_MAXIMUM_ALLOWABLE_DATE",
            f"The last moment is {LAST_MOMENT}.",
            "end_date_time",
        )
    if start and end and end < start:
        problems.add(
            "date_range_error",
            "START_DATE_AFTER_END_DATE",
            "The end is before the start.",
            "end_date_time",
        )


def _moment(text: str, clock: str, problems: Problems, field: str) -> datetime | None:
    try:
        moment = _read(text)
    except ValueError:
        problems.add(
            "date_error",
            "INVALID_STRING_DATE_TIME_SECONDS",
            f"'{text}' is not yyyy-MM-dd HH:mm:ss.",
            field,
            trigger=text,
        )
        return None
    if not text.endswith(clock):
        which = (
            "START_TIME_MUST_BE_THE_START" if clock == "00:00:00" else "END_TIME_MUST_BE_THE_END"
        )
        problems.add(
            "date_error",
            f"DATE_RANGE_ERROR_{which}_OF_A_DAY",
            f"Search needs {clock}.",
            field,
            trigger=text,
        )
    return moment


def _read(text: str) -> datetime:
    if len(text) != 19:
        raise ValueError(text)
    return datetime.strptime(text, _FORMAT)


def _agreement_missing(work: Work) -> bool:
    row = work.state.db.execute(
        "SELECT 1 FROM agreements WHERE customer = ?", (work.customer.id,)
    ).fetchone()
    return row is not None
