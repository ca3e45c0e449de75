"""What a network holds of one ad, read from the twin's own file and by none of our adapters."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from domain.networks import FACTS
from domain.plan import SHARED, Plan, slot_key
from domain.platform import FILES, Network

# The kind that carries the money of an arm, or of the whole ad.
MONEY = {Network.META: "adset", Network.X: "line_item", Network.GOOGLE: "campaign_budget"}
ALIVE = ("ACTIVE", "PAUSED")


@dataclass(frozen=True)
class Held:
    """One object: the slot that its name (or its parent's) starts with, its whole key, whether it
    is switched on, and the daily money that it carries in the network's unit."""

    kind: str
    slot: str
    key: str
    active: bool
    money: int = 0


def held(network: Network, state: Path, keys: dict[str, str]) -> list[Held]:
    """Every living object of an ad; `keys` are its slots by the beginning of names."""
    read = {Network.META: _meta, Network.X: _x, Network.GOOGLE: _google}[network]
    with sqlite3.connect(f"file:{state / network}.db?mode=ro", uri=True, timeout=10) as db:
        return [h for key in keys for h in read(db, key)]


def _meta(db: sqlite3.Connection, slot: str) -> Iterator[Held]:
    rows = db.execute(
        "SELECT kind, name, fields FROM objects WHERE kind IN ('campaign', 'adset', 'creative', "
        "'ad') AND name >= ? AND name < ?",
        (slot, slot + "~"),
    )
    for kind, name, text in rows:
        fields = json.loads(text)
        status = fields.get("status", "ACTIVE")
        if status in ALIVE:
            money = int(fields.get("daily_budget") or 0)
            yield Held(kind, slot, name.split(" ")[0], status == "ACTIVE", money)


def _x(db: sqlite3.Connection, slot: str) -> Iterator[Held]:
    rows = db.execute(
        "SELECT kind, id, name, status, fields FROM objects WHERE kind IN ('campaign', "
        "'line_item', 'card', 'tweet') AND name >= ? AND name < ? AND NOT deleted",
        (slot, slot + "~"),
    ).fetchall()
    for kind, object_id, name, status, text in rows:
        money = json.loads(text).get("daily_budget_amount_local_micro") or 0
        yield Held(kind, slot, name.split(" ")[0], status == "ACTIVE", int(money))
        if kind == "line_item":
            under = db.execute(
                "SELECT kind, fields FROM objects WHERE parent = ? AND NOT deleted", (object_id,)
            )
            for below, fields in under:
                values = json.loads(fields)
                told = [values.get(k) for k in ("tweet_id", "targeting_type", "targeting_value")]
                yield Held(below, slot, f"{object_id} {told}", False)


def _google(db: sqlite3.Connection, slot: str) -> Iterator[Held]:
    from sandbox.google.kinds import KINDS

    rows = db.execute(
        "SELECT kind, number, name, body FROM objects WHERE kind IN ('campaign', 'ad_group') "
        "AND name >= ? AND name < ? AND NOT removed",
        (slot, slot + "~"),
    ).fetchall()
    for kind, number, name, body in rows:
        message = KINDS[kind].message.FromString(body)
        yield Held(kind, slot, name.split(" ")[0], message.status == KINDS[kind].enabled)
        if kind == "campaign":
            yield _budget(db, slot, message.campaign_budget)
        if kind != "ad_group":
            continue
        under = db.execute(
            "SELECT kind, body FROM objects WHERE ad_group = ? AND kind IN ('ad_group_ad', "
            "'ad_group_criterion') AND NOT removed",
            (number,),
        )
        for below, content in under:
            part = KINDS[below].message.FromString(content)
            text = "" if below == "ad_group_ad" else f"{part.keyword.text} {part.negative}"
            yield Held(below, slot, f"{number} {text}", False)


def _budget(db: sqlite3.Connection, slot: str, resource: str) -> Held:
    from sandbox.google.kinds import KINDS

    (body,) = db.execute("SELECT body FROM objects WHERE resource = ?", (resource,)).fetchone()
    message = KINDS["campaign_budget"].message.FromString(body)
    return Held("campaign_budget", slot, resource, False, message.amount_micros)


def keys(plan: Plan) -> dict[str, str]:
    """The slots of a plan by the beginning of their objects' names."""
    arms = (SHARED, *(a.arm for a in plan.arms))
    return {slot_key(plan.job_id, plan.network, plan.account_id, arm): arm for arm in arms}


def duplicates(network: Network, found: list[Held]) -> list[str]:
    """Objects that are there twice: a slot has one of each kind, a creative one for each content,
    and what hangs under a part (a criterion, an ad) is there once."""
    shape = FACTS[network]
    once = Counter(
        (h.kind, h.slot)
        if h.kind in shape.kinds and h.kind not in shape.frozen | shape.held
        else (h.kind, h.key)
        for h in found
    )
    parts = Counter(
        h.kind + " " + h.slot for h in found if h.kind in ("promoted_tweet", "ad_group_ad")
    )
    return [f"{n} of {what}" for what, n in (*once.items(), *parts.items()) if n > 1]


def spending(found: list[Held]) -> bool:
    """Whether anything delivers: a campaign and a part of it are switched on."""
    on = {h.kind for h in found if h.active}
    return "campaign" in on and bool(on & {"adset", "line_item", "ad_group"})


def missing(plan: Plan, found: list[Held]) -> list[str]:
    """What a plan in force should have running on the network and has not."""
    shape, problems = FACTS[plan.network], []
    on: dict[str, set[str]] = defaultdict(set)
    there: dict[str, set[str]] = defaultdict(set)
    for h in found:
        there[h.slot].add(h.kind)
        if h.active:
            on[h.slot].add(h.kind)
    for key, arm in keys(plan).items():
        for kind in set(plan.bodies(arm)) - (FILES | {"targeting"}):
            if kind not in there[key]:
                problems.append(f"{arm} has no {kind}")
            elif kind in shape.switched and kind not in on[key]:
                problems.append(f"{arm}: {kind} is not active")
    wanted, told = money(plan), sum(h.money for h in found if h.kind in MONEY.values())
    if not problems and told != wanted:
        problems.append(f"{told} a day on the network, {wanted} in the approved plan")
    return problems


def money(plan: Plan) -> int:
    """A day's money of a plan in its network's unit."""
    if plan.network is Network.GOOGLE:
        operations = plan.shared["campaign"]["mutate_operations"]
        return int(operations[0]["campaign_budget_operation"]["create"]["amount_micros"])
    kind = MONEY[plan.network]
    field = "daily_budget" if kind == "adset" else "daily_budget_amount_local_micro"
    return sum(int(arm.bodies[kind][field]) for arm in plan.arms)
