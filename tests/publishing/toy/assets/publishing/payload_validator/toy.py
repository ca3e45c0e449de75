"""What a job ad's objects on the toy network may hold."""

from collections.abc import Mapping
from typing import Any

from assets.publishing.payload_validator.refusal import amount, exactly, https, only, refuse
from assets.publishing.payload_validator.words import read_words

_SENT = {
    "campaign": "name job_ad status",
    "ad": "name campaign_id daily_cents places keywords text link status",
}


def check(kind: str, body: Mapping[str, Any]) -> None:
    if kind not in _SENT:
        refuse(kind, "no rule allows this object")
    only(kind, body, _SENT[kind])
    exactly(kind, body, status="PAUSED")
    if kind == "ad":
        amount("ad.daily_cents", body.get("daily_cents"))
        https("ad.link", body.get("link"))
        read_words("ad.text", str(body.get("text", "")))
        check_live(kind, body)


def check_live(kind: str, fields: Mapping[str, Any]) -> None:
    if kind == "ad" and not fields.get("places"):
        refuse("ad.places", "an audience without a place is the whole world")
    for keyword in fields.get("keywords") or ():
        read_words("ad.keywords", keyword, keyword=True)
