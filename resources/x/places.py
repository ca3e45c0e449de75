"""Places of X by name. X writes where a place lies into its name:
"Los Altos, Monterey-Salinas CA, CA, USA" is a town, "Los Banos, CA, USA" another.

Where the region is written short and has no known long name, it tells towns of one name apart; a
town that shares its name with no other goes without it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from domain.platform import Candidate
from resources.x.client import PAGE, AdsClient

KINDS = {
    "COUNTRIES": "country",
    "REGIONS": "region",
    "METROS": "metro",
    "CITIES": "city",
    "POSTAL_CODES": "postal_code",
}
_STATES = {
    "US": "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|"
    "DE Delaware|DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|"
    "IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|"
    "MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|"
    "NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|"
    "OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|SC South Carolina|"
    "SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|"
    "WV West Virginia|WI Wisconsin|WY Wyoming",
    "CA": "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|"
    "NL Newfoundland and Labrador|NS Nova Scotia|NT Northwest Territories|NU Nunavut|ON Ontario|"
    "PE Prince Edward Island|QC Quebec|SK Saskatchewan|YT Yukon",
}
_REGIONS = {
    (country, state[:2]): state[3:]
    for country, states in _STATES.items()
    for state in states.split("|")
}


def lookup(client: AdsClient, query: Mapping[str, Any]) -> tuple[Candidate, ...]:
    """Places for {"q", "country_code", "location_type"}. A country goes by its code alone: X would
    look for the code among names."""
    kind = str(query["location_type"])
    asked = {"country_code": query.get("country_code"), "location_type": kind, "count": PAGE}
    if kind != "COUNTRIES":
        asked["q"] = query["q"]
    answer = client.ask("GET", "targeting_criteria/locations", "locations", params=asked)
    rows = list(answer.get("data") or ())
    shared = Counter(str(row["name"]).split(",")[0].casefold() for row in rows)
    return tuple(_candidate(row, kind, shared) for row in rows)


def _candidate(row: Mapping[str, Any], asked: str, shared: Mapping[str, int]) -> Candidate:
    name, *rest = [part.strip() for part in str(row["name"]).split(",")]
    country = str(row.get("country_code", ""))
    short = rest[-2] if len(rest) > 1 else ""
    region = row.get("region") or _REGIONS.get((country, short))
    if not region and shared[name.casefold()] > 1:
        region = short
    kind = KINDS.get(str(row.get("location_type") or asked), KINDS.get(asked, ""))
    fields = {"country_code": country, "kind": kind, "name": row["name"]}
    if region and kind == "city":
        fields["region"] = region
    return Candidate(str(row["targeting_value"]), name, kind, fields)
