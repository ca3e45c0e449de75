"""Responsive search ads: what may stand in them."""

import unicodedata
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from google.ads.googleads.v26.enums.types import ad_type

from sandbox.google.errors import Problems
from sandbox.google.kinds import KINDS
from sandbox.google.work import Placed, Work, parent, status_of_new

HEADLINES, DESCRIPTIONS = (3, 15, 30), (2, 4, 90)
LONGEST_PATH = 15
MOST_ENABLED = 3
_TYPES: Any = ad_type.AdTypeEnum.AdType
_RSA = _TYPES.RESPONSIVE_SEARCH_AD.value


def make_ad_group_ad(work: Work, message: Any, problems: Problems) -> Placed:
    group = parent(work, message, "ad_group", problems)
    status_of_new(message, "ad_group_ad", problems)
    kind = message.ad.WhichOneof("ad_data")
    if kind is None:
        problems.required("ad", "ad_data")
    elif kind in ("text_ad", "expanded_text_ad"):
        problems.add("ad_group_ad_error", "CANNOT_CREATE_DEPRECATED_ADS", "Gone.", "ad", kind)
    elif kind != "responsive_search_ad":
        problems.add("ad_error", "INVALID_AD_TYPE", f"{kind} is not for Search.", "ad", kind)
    else:
        _responsive(message.ad.responsive_search_ad, problems)
    _urls(message.ad.final_urls, problems)
    if group:
        check_ad_group_ad(work, message, problems, None)
    number = work.state.next_number()
    message.ad.id, message.ad.type_ = number, _RSA
    message.ad.resource_name = work.name("ads", number)
    place = work.name("adGroupAds", group.number if group else 0, number)
    campaign, ad_group = (group.campaign, group.ad_group) if group else (0, 0)
    return Placed(number, place, campaign=campaign, ad_group=ad_group)


def check_ad_group_ad(work: Work, message: Any, problems: Problems, before: Any) -> None:
    """At most three responsive search ads of an ad group are enabled at once."""
    enabled = KINDS["ad_group_ad"].enabled
    if message.status != enabled or (before is not None and before.status == enabled):
        return
    others = work.state.select(
        "ad_group = ? AND kind = 'ad_group_ad' AND removed = 0 AND resource != ?",
        (message.ad_group.rsplit("/", 1)[-1], message.resource_name),
    )
    if sum(other.message().status == enabled for other in others) >= MOST_ENABLED:
        problems.add(
            "resource_count_limit_exceeded_error",
            "AD_GROUP_AD_LIMIT",
            f"An ad group has at most {MOST_ENABLED} enabled responsive search ads.",
        )


def _responsive(info: Any, problems: Problems) -> None:
    _texts(info.headlines, "headlines", *HEADLINES, problems)
    _texts(info.descriptions, "descriptions", *DESCRIPTIONS, problems)
    under = ("ad", "responsive_search_ad")
    for name in ("path1", "path2"):
        if width(getattr(info, name)) > LONGEST_PATH:
            problems.add("string_length_error", "TOO_LONG", "Too long.", *under, name)
    if info.path2 and not info.path1:
        problems.add("ad_error", "CANNOT_SET_PATH2_WITHOUT_PATH1", "No path1.", *under, "path2")


def _texts(
    assets: Sequence[Any], field: str, least: int, most: int, longest: int, problems: Problems
) -> None:
    under = ("ad", "responsive_search_ad")
    if not least <= len(assets) <= most:
        problems.add(
            "collection_size_error",
            "TOO_FEW" if len(assets) < least else "TOO_MANY",
            f"{least} to {most} {field}, not {len(assets)}.",
            *under,
            field,
        )
    seen: set[str] = set()
    for number, asset in enumerate(assets):
        where = (*under, (field, number), "text")
        if not asset.text.strip():
            problems.add("string_length_error", "EMPTY", "Empty.", *where)
        elif width(asset.text) > longest:
            problems.add(
                "string_length_error", "TOO_LONG", f"At most {longest}.", *where, trigger=asset.text
            )
        elif asset.text.strip().casefold() in seen:
            problems.add(
                "asset_error",
                "DUPLICATE_ASSET",
                "It stands there already.",
                *where,
                trigger=asset.text,
            )
        seen.add(asset.text.strip().casefold())


def _urls(urls: Sequence[str], problems: Problems) -> None:
    if not urls:
        problems.required("ad", "final_urls")
    for number, url in enumerate(urls):
        where = ("ad", ("final_urls", number))
        parts = urlsplit(url)
        if not parts.scheme:
            problems.add(
                "url_field_error",
                "MISSING_PROTOCOL_IN_FINAL_URL",
                "No protocol.",
                *where,
                trigger=url,
            )
        elif parts.scheme not in ("http", "https"):
            problems.add(
                "url_field_error", "INVALID_PROTOCOL_IN_FINAL_URL", "Not http.", *where, trigger=url
            )
        elif not parts.hostname:
            problems.add(
                "url_field_error", "MISSING_HOST_IN_FINAL_URL", "No host.", *where, trigger=url
            )


def width(text: str) -> int:
    """Characters, those of double width counted twice."""
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
