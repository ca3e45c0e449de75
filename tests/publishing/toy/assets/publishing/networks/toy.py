"""Toy bodies from compiled facts."""

from collections.abc import Mapping, Sequence
from typing import Any

from assets.publishing.networks.ad_context import Body, Brief
from assets.publishing.networks.translator import ArmBrief, Constant, Translator
from assets.publishing.policy import Compiled, Target

CONSTANTS = (Constant("job_ad", "true", "campaign", "job ads declare what they are"),)


def shared(brief: Brief, _: Sequence[Compiled]) -> dict[str, Body]:
    return {"campaign": {"job_ad": True, "status": "PAUSED"}}


def arm(brief: Brief, its: ArmBrief) -> dict[str, Body]:
    ad = {
        "campaign_id": {"$id": "campaign"},
        "daily_cents": its.minor,
        "places": [target.label for target in its.compiled.targets],
        "keywords": [keyword.label for keyword in its.compiled.keywords],
        "text": its.copy.primary,
        "link": brief.link("toy", "paid_social", its.name),
        "status": "PAUSED",
    }
    return {"ad": ad}


def query(target: Target) -> Mapping[str, Any]:
    return {"network": "toy", "kind": "place", "query": {"q": target.label}}


TRANSLATOR = Translator(CONSTANTS, shared, arm, query)
