"""Google Ads bodies from compiled facts: operations of one atomic Mutate, with temporary ids.

Everything that Google would default to the open side is written out: PAUSED, budgets not shared,
partner networks off, presence instead of interest. A Search campaign uses no image.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from assets.publishing.networks.ad_context import Body, Brief
from assets.publishing.networks.copy import Copy
from assets.publishing.networks.translator import ArmBrief, Constant, Translator
from assets.publishing.networks.truncation import Truncator
from assets.publishing.policy import Compiled, Target, Words
from domain.errors import InputError
from domain.plan import Bodies

BUDGET, CAMPAIGN, AD_GROUP = -1, -2, -3
HEADLINE, DESCRIPTION, HEADLINES, DESCRIPTIONS = 30, 90, 15, 4
KEYWORD_LENGTH, KEYWORD_WORDS = 80, 10
NO_POLITICS = "DOES_NOT_CONTAIN_EU_POLITICAL_ADVERTISING"
# Searches for other levels of work, by the level that the ad names.
NEGATIVES = {"entry": ("senior", "director"), "low": ("internship", "intern", "trainee")}
_ODD = re.compile(r"[^\w &+#.'/-]+")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")

CONSTANTS = (
    Constant("contains_eu_political_advertising", "no", "campaign", "a job ad is not political"),
    Constant(
        "image",
        "none",
        "",
        "a Search campaign shows text only: the ad's picture or video is not used",
    ),
)


def shared(brief: Brief, compiled: Sequence[Compiled]) -> dict[str, Body]:
    """Budget, campaign and the places that all its ad groups share."""
    customer, job = brief.account_id, brief.job_ad
    zone = ZoneInfo(brief.timezone)
    campaign: Body = {
        "resource_name": _temp(customer, "campaigns", CAMPAIGN),
        "name": {"$id": "name"},
        "campaign_budget": _temp(customer, "campaignBudgets", BUDGET),
        "advertising_channel_type": "SEARCH",
        "status": "PAUSED",
        "target_spend": {},
        "contains_eu_political_advertising": NO_POLITICS,
        "network_settings": {
            "target_google_search": True,
            "target_search_network": False,
            "target_content_network": False,
            "target_partner_search_network": False,
        },
        "geo_target_type_setting": {
            "positive_geo_target_type": "PRESENCE",
            "negative_geo_target_type": "PRESENCE",
        },
        "start_date_time": _day(job.schedule_start, zone, "00:00:00"),
    }
    if job.schedule_end:
        campaign["end_date_time"] = _day(job.schedule_end, zone, "23:59:59")
    budget = {
        "resource_name": campaign["campaign_budget"],
        "name": {"$id": "name"},
        "amount_micros": job.budget_daily.micros,
        "delivery_method": "STANDARD",
        "explicitly_shared": False,
    }
    targets = list(dict.fromkeys(t for c in compiled for t in c.targets))
    places = [
        _create("campaign_criterion", {"campaign": campaign["resource_name"], **place(t)})
        for t in targets
    ]
    operations = [_create("campaign_budget", budget), _create("campaign", campaign), *places]
    return {"campaign": {"mutate_operations": operations}}


def arm(brief: Brief, its: ArmBrief) -> dict[str, Body]:
    """One ad group: keywords by which the work is searched for, and one responsive search ad."""
    group = _temp(brief.account_id, "adGroups", AD_GROUP)
    keywords = _keywords(brief, its.compiled, its.words)
    negatives = _negatives(its.compiled)
    create_group = {
        "resource_name": group,
        "name": {"$id": "name"},
        "campaign": {"$id": "campaign"},
        "status": "ENABLED",
        "type_": "SEARCH_STANDARD",
        "final_url_suffix": brief.tags("google", "cpc", its.name),
    }
    criteria = [
        {"ad_group": group, "status": "ENABLED", "keyword": {"text": k, "match_type": "PHRASE"}}
        for k in keywords
    ] + [
        {"ad_group": group, "negative": True, "keyword": {"text": k, "match_type": "PHRASE"}}
        for k in negatives
    ]
    ad = {
        "ad_group": group,
        "status": "ENABLED",
        "ad": {
            "final_urls": [brief.job_ad.target_url],
            "responsive_search_ad": _rsa(brief, its.copy, its.fitter),
        },
    }
    operations = [
        _create("ad_group", create_group),
        *(_create("ad_group_criterion", c) for c in criteria),
        _create("ad_group_ad", ad),
    ]
    return {"ad_group": {"mutate_operations": operations}}


def _keywords(brief: Brief, compiled: Compiled, words: Words) -> list[str]:
    """What people who look for this work type: title, title and place, and skills with "jobs"."""
    title = brief.plain_title
    said = [f"{title} jobs", f"{title} {brief.place}".strip(), title]
    for keyword in compiled.keywords:
        text = keyword.label
        if keyword.field == "seniority":
            said.append(title if text.casefold() in title.casefold() else f"{text} {title}")
        else:
            said.append(f"{text} jobs")
    found = dict.fromkeys(filter(None, map(_keyword, said)))
    kept = [k for k in found if not words.proxy(k)]
    if not kept:
        raise InputError(
            "no keyword is left that names the work", where="title", mend="name the work itself"
        )
    return kept


def _keyword(text: str) -> str:
    """In the letters that a keyword may hold, or "" when it is too long."""
    plain = " ".join(_ODD.sub(" ", text).casefold().split())
    fits = len(plain) <= KEYWORD_LENGTH and len(plain.split()) <= KEYWORD_WORDS
    return plain if fits else ""


def _negatives(compiled: Compiled) -> tuple[str, ...]:
    level = next((k.label.casefold() for k in compiled.keywords if k.field == "seniority"), "")
    if not level:
        return ()
    entry = any(word in level for word in ("entry", "intern", "junior", "trainee", "apprentice"))
    return NEGATIVES["entry" if entry else "low"]


def _rsa(brief: Brief, copy: Copy, fitter: Truncator) -> Body:
    title = fitter.fit("google.headline", brief.title, HEADLINE)
    host = (urlsplit(brief.job_ad.target_url).hostname or "").removeprefix("www.")
    always = ("Apply online", "Read more and apply")
    wishes = [title, brief.plain_title, brief.place, *copy.terms, host, *always]
    headlines = _unique([w for w in wishes if 0 < len(w) <= HEADLINE])[:HEADLINES]
    where = f"{brief.plain_title} {brief.place}".strip()
    texts = [*_packed(brief.job_ad.description_short, fitter), where, host]
    descriptions = _unique([t for t in texts if 0 < len(t) <= DESCRIPTION])[:DESCRIPTIONS]
    if len(headlines) < 3 or len(descriptions) < 2:
        raise InputError("the ad's words make too few headlines", where="title", mend="add words")
    return {
        "headlines": [{"text": h} for h in headlines],
        "descriptions": [{"text": d} for d in descriptions],
    }


def _packed(text: str, fitter: Truncator) -> list[str]:
    """Whole sentences, as many on one line as fit; each line at most a description long."""
    lines: list[str] = []
    for sentence in (" ".join(s.split()) for s in _SENTENCE.findall(text)):
        if not sentence:
            continue
        if lines and len(lines[-1]) + 1 + len(sentence) <= DESCRIPTION:
            lines[-1] = f"{lines[-1]} {sentence}"
        elif len(sentence) > DESCRIPTION and fitter.protected(sentence):
            lines += textwrap.wrap(sentence, DESCRIPTION)  # whole, over several lines
        else:
            lines.append(fitter.fit("google.description", sentence, DESCRIPTION))
    for line in lines[DESCRIPTIONS - 1 :]:
        if fitter.protected(line):
            raise InputError(
                f"description_short is too long for {DESCRIPTIONS - 1} lines of {DESCRIPTION} "
                "characters, and pay, place or a legal line would be lost",
                where="description_short",
                mend="shorten it by hand",
            )
    return lines[: DESCRIPTIONS - 1]


def _unique(texts: Sequence[str]) -> list[str]:
    return list({t.casefold(): t for t in reversed(texts)}.values())[::-1]


def place(target: Target) -> Body:
    if target.kind == "city":
        point = {
            "latitude_in_micro_degrees": round(target.lat * 1_000_000),
            "longitude_in_micro_degrees": round(target.lon * 1_000_000),
        }
        circle = {"geo_point": point, "radius": target.radius_km, "radius_units": "KILOMETERS"}
        return {"proximity": circle}
    query = {
        "q": target.label,
        "country_code": target.country,
        "target_type": "Country" if target.kind == "country" else "State",
    }
    lookup = {"$lookup": {"network": "google", "kind": "geo_target", "query": query}}
    return {"location": {"geo_target_constant": target.id or lookup}}


def query(target: Target) -> Mapping[str, Any]:
    found: Mapping[str, Any] = place(target)["location"]["geo_target_constant"]["$lookup"]
    return found


def _create(resource: str, body: Body) -> Body:
    return {f"{resource}_operation": {"create": body}}


def _temp(customer: str, collection: str, number: int) -> str:
    return f"customers/{customer}/{collection}/{number}"


def _day(moment: datetime, zone: ZoneInfo, clock: str) -> str:
    """A Search campaign runs whole days of its account's zone."""
    return f"{moment.astimezone(zone):%Y-%m-%d} {clock}"


def request(customer: str, campaign: Body, ad_groups: Sequence[Body]) -> Body:
    """One atomic Mutate: the campaign and its ad groups, each with a temporary id of its own."""
    operations = list(campaign["mutate_operations"])
    links = {"campaign": _temp(customer, "campaigns", CAMPAIGN)}
    first = _temp(customer, "adGroups", AD_GROUP)
    for i, group in enumerate(ad_groups):
        own = _temp(customer, "adGroups", AD_GROUP - i)
        operations += [_renamed(op, first, own, links) for op in group["mutate_operations"]]
    return {"customer_id": customer, "mutate_operations": operations}


def _renamed(value: Any, old: str, new: str, links: Body) -> Any:
    if isinstance(value, dict):
        if set(value) == {"$id"}:
            return links.get(value["$id"], value)
        return {k: _renamed(v, old, new, links) for k, v in value.items()}
    if isinstance(value, list):
        return [_renamed(v, old, new, links) for v in value]
    return new if value == old else value


def whole(customer: str, campaign: Body, arms: Sequence[Bodies]) -> Body:
    """The campaign's body with the operations of its ad groups."""
    made = request(customer, campaign, [dict(bodies["ad_group"]) for bodies in arms])
    return {"mutate_operations": made["mutate_operations"]}


def timely(kind: str, body: Body, now: datetime) -> Body:
    """Google takes no start before today: it is told none when the ad has begun."""
    if kind != "campaign":
        return body
    return {
        "mutate_operations": [_begun(operation, now) for operation in body["mutate_operations"]]
    }


def _begun(operation: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    made = operation.get("campaign_operation", {}).get("create")
    if made is None or made.get("start_date_time", "9999")[:10] > now.date().isoformat():
        return operation
    left = {k: v for k, v in made.items() if k != "start_date_time"}
    return {"campaign_operation": {"create": left}}


def printed(customer: str, found: dict[str, Body]) -> dict[str, Any]:
    """One request with everything."""
    return {"mutate": request(customer, found["campaign"], [found["ad_group"]])}


TRANSLATOR = Translator(CONSTANTS, shared, arm, query, whole=whole, timely=timely, printed=printed)
