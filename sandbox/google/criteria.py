"""Ad groups, and the criteria of ad groups and campaigns."""

import hashlib
import re
from typing import Any

from google.ads.googleads.v26.enums.types import criterion_type

from sandbox.google.errors import Problems
from sandbox.google.state import Stored
from sandbox.google.work import Placed, Work, parent, plain_name, set_default, status_of_new
from sandbox.google.world import SUB_UNIT_MICROS

SEARCH_STANDARD, BROAD = 2, 4
MOST_KILOMETRES, MOST_MILES = 800, 500
MILES, KILOMETRES = 2, 3
_TYPES: Any = criterion_type.CriterionTypeEnum.CriterionType
_ILLEGAL = re.compile(r"[!@%^*()={};~`<>?\\|,\x00-\x1f]")
_MODIFIER = re.compile(r"(^|\s)\+\S")
# Google numbers these criteria by their enum value: 503001 is ages 18 to 24.
PEOPLE = ("gender", "age_range", "parental_status", "income_range")


def make_ad_group(work: Work, message: Any, problems: Problems) -> Placed:
    campaign = parent(work, message, "campaign", problems)
    status_of_new(message, "ad_group", problems)
    message.type_ = message.type_ or SEARCH_STANDARD
    if message.type_ != SEARCH_STANDARD:
        problems.add(
            "ad_group_error",
            "AD_GROUP_TYPE_NOT_VALID_FOR_ADVERTISING_CHANNEL_TYPE",
            "A Search campaign has ad groups of type SEARCH_STANDARD.",
            "type",
        )
    set_default(message, cpc_bid_micros=SUB_UNIT_MICROS)
    check_ad_group(work, message, problems, None)
    number = work.state.next_number()
    message.id = number
    return Placed(
        number,
        work.name("adGroups", number),
        campaign=campaign.number if campaign else 0,
        ad_group=number,
        name=message.name,
    )


def check_ad_group(work: Work, message: Any, problems: Problems, before: Any) -> None:
    plain_name(message, 255, problems, ("ad_group_error", "INVALID_ADGROUP_NAME"))
    number = message.campaign.rsplit("/", 1)[-1]
    same = work.state.select(
        "campaign = ? AND kind = 'ad_group' AND folded = ? AND removed = 0 AND resource != ?",
        (number, message.name.casefold(), message.resource_name),
    )
    if same:
        problems.add(
            "ad_group_error",
            "DUPLICATE_ADGROUP_NAME",
            "The campaign has another ad group with this name.",
            "name",
            trigger=message.name,
        )
    _bid(message, problems)


def _bid(message: Any, problems: Problems) -> None:
    bid = message.cpc_bid_micros
    if bid < 0:
        problems.add("bidding_error", "INVALID_BID", "Negative.", "cpc_bid_micros")
    elif bid % SUB_UNIT_MICROS:
        problems.add(
            "bidding_error",
            "BID_TOO_MANY_FRACTIONAL_DIGITS",
            f"No multiple of {SUB_UNIT_MICROS} micros.",
            "cpc_bid_micros",
        )


def make_ad_group_criterion(work: Work, message: Any, problems: Problems) -> Placed:
    group = parent(work, message, "ad_group", problems)
    status_of_new(message, "ad_group_criterion", problems)
    set_default(message, negative=False)
    if message.HasField("cpc_bid_micros"):
        _bid(message, problems)
    kind = message.WhichOneof("criterion")
    number = 0
    if kind == "keyword":
        number = _keyword(message.keyword, problems)
    elif kind in PEOPLE:
        number = getattr(getattr(message, kind), _enum_field(message, kind))
    else:
        _refuse_type(kind, "ad_group_criterion_error", problems)
    place = work.name("adGroupCriteria", group.number if group else 0, number)
    if group and number:
        _once(work, place, message, problems, "ad_group_criterion_error")
    return _placed(message, kind, number, place, group)


def make_campaign_criterion(work: Work, message: Any, problems: Problems) -> Placed:
    campaign = parent(work, message, "campaign", problems)
    status_of_new(message, "campaign_criterion", problems)
    set_default(message, negative=False)
    kind = message.WhichOneof("criterion")
    number = 0
    if kind == "keyword":
        if not message.negative:
            problems.add(
                "criterion_error",
                "CANNOT_ADD_CRITERIA_TYPE",
                "A campaign has negative keywords only.",
                "keyword",
            )
        number = _keyword(message.keyword, problems)
    elif kind in PEOPLE:
        number = getattr(getattr(message, kind), _enum_field(message, kind))
    elif kind == "location":
        number = _constant(work, message.location, "geo_target_constant", problems)
    elif kind == "language":
        number = _constant(work, message.language, "language_constant", problems)
    elif kind == "proximity":
        number = _proximity(work, message, problems)
    else:
        _refuse_type(kind, "campaign_criterion_error", problems)
    place = work.name("campaignCriteria", campaign.number if campaign else 0, number)
    if campaign and number:
        _once(work, place, message, problems, "campaign_criterion_error")
    return _placed(message, kind, number, place, campaign)


def check_criterion(work: Work, message: Any, problems: Problems, before: Any) -> None:
    """What an update may leave behind: a bid that can be paid."""
    if hasattr(message, "cpc_bid_micros"):
        _bid(message, problems)


def _placed(
    message: Any, kind: str | None, number: int, place: str, above: Stored | None
) -> Placed:
    message.criterion_id = number
    if kind is not None:
        message.type_ = _TYPES[kind.upper()].value
    campaign, ad_group = (above.campaign, above.ad_group) if above else (0, 0)
    return Placed(number, place, campaign=campaign, ad_group=ad_group)


def _refuse_type(kind: str | None, family: str, problems: Problems) -> None:
    if kind is None:
        problems.add(family, "CONCRETE_TYPE_REQUIRED", "No criterion is set.", "criterion")
    else:
        problems.add("criterion_error", "CANNOT_ADD_CRITERIA_TYPE", f"{kind}: not here.", kind)


def _enum_field(message: Any, kind: str) -> str:
    return str(getattr(message, kind).DESCRIPTOR.fields[0].name)


def _keyword(keyword: Any, problems: Problems) -> int:
    """A keyword's number is the same in every ad group, as at Google."""
    text = keyword.text.strip()
    if keyword.match_type == 0:
        problems.required("keyword", "match_type")
    trouble = ""
    if not text:
        trouble = "INVALID_KEYWORD_TEXT"
    elif len(text) > 80:
        trouble = "KEYWORD_TEXT_TOO_LONG"
    elif len(text.split()) > 10:
        trouble = "KEYWORD_HAS_TOO_MANY_WORDS"
    elif _ILLEGAL.search(text):
        trouble = "KEYWORD_HAS_INVALID_CHARS"
    elif keyword.match_type == BROAD and _MODIFIER.search(text):
        trouble = "BROAD_MATCH_MODIFIER_KEYWORD_NOT_ALLOWED"
    if trouble:
        problems.add("criterion_error", trouble, trouble, "keyword", "text", trigger=keyword.text)
    return _hashed("keyword", f"{keyword.match_type}/{text.casefold()}")


def _constant(work: Work, info: Any, field: str, problems: Problems) -> int:
    given = getattr(info, field)
    place = field.removesuffix("_target_constant").removesuffix("_constant")
    outer = "location" if place == "geo" else "language"
    if not given:
        problems.required(outer, field)
        return 0
    known = work.world.geo(given) if place == "geo" else work.world.language(given)
    if known is None:
        problems.add(
            "criterion_error",
            "INVALID_CRITERION_ID",
            "No such constant.",
            outer,
            field,
            trigger=given,
        )
        return 0
    return known.id


def _proximity(work: Work, message: Any, problems: Problems) -> int:
    circle = message.proximity
    under = ("proximity",)
    if message.negative:
        problems.add("criterion_error", "CANNOT_EXCLUDE_CRITERIA_TYPE", "Only targeted.", *under)
    most = {MILES: MOST_MILES, KILOMETRES: MOST_KILOMETRES}.get(circle.radius_units, 0)
    if not most:
        problems.add("criterion_error", "INVALID_PROXIMITY_RADIUS_UNITS", "No units.", *under)
    elif not 0 < circle.radius <= most:
        problems.add("criterion_error", "INVALID_PROXIMITY_RADIUS", f"0 to {most}.", *under)
    if not circle.HasField("geo_point") and not circle.HasField("address"):
        problems.add(
            "criterion_error",
            "PROXIMITY_GEOPOINT_AND_ADDRESS_BOTH_CANNOT_BE_NULL",
            "No middle.",
            *under,
        )
    if abs(circle.geo_point.latitude_in_micro_degrees) > 90_000_000:
        problems.add("criterion_error", "INVALID_LATITUDE", "Beyond 90 degrees.", *under)
    if abs(circle.geo_point.longitude_in_micro_degrees) > 180_000_000:
        problems.add("criterion_error", "INVALID_LONGITUDE", "Beyond 180 degrees.", *under)
    return _hashed("proximity", repr(circle.SerializeToString(deterministic=True)))


def _once(work: Work, place: str, message: Any, problems: Problems, family: str) -> None:
    known = work.state.select("resource = ? AND removed = 0", (place,))
    if not known:
        return
    if known[0].message().negative != message.negative:
        problems.add(family, "CANNOT_TARGET_AND_EXCLUDE", "Both targeted and excluded.")
    else:
        problems.add("mutate_error", "RESOURCE_ALREADY_EXISTS", "It exists.", trigger=place)


def _hashed(kind: str, text: str) -> int:
    digest = hashlib.sha256(f"{kind}:{text}".encode()).hexdigest()
    return 300_000_000_000 + int(digest[:10], 16) % 90_000_000_000
