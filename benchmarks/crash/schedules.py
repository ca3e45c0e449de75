"""What may go wrong in one posting, drawn from a seed."""

import random
from dataclasses import dataclass, field
from typing import Any

NETWORKS = ("meta", "x", "google")
EDITS = ("budget", "title", "unapproved", "archive")
# A second of the workbench's waits lasts so long here. A stalled request is half a second late,
# 25 s of that time: within the half minute in which a lost answer is waited for.
SECOND_S = 0.02
STALL_S, TIMEOUT_S = 0.5, 0.25


@dataclass(frozen=True)
class Schedule:
    """`kill`: the boundary (from 1) at which the first process dies, 0 for none; a boundary lies
    before and after each request and each commit. `fault`: what the network does to the request of
    that number. `rival`: another process that starts at the same time: "" none, "polite" (its clock
    agrees), "late" (its clock says that the first one's lease has run out). `rival_kill`: where
    that one dies. `edit`: what a person does while the first is at boundary `edit_at`. `running`:
    the ad was posted before and is posted again after an edit. `approved`: False when nobody with
    the right role approved the plan. `arms`: a segment and broad, or broad alone."""

    seed: int
    network: str
    kill: int = 0
    fault: dict[str, Any] = field(default_factory=dict)
    rival: str = ""
    rival_kill: int = 0
    edit: str = ""
    edit_at: int = 0
    running: bool = False
    approved: bool = True
    arms: int = 2


Sizes = dict[tuple[str, int], tuple[int, int]]


def schedule(seed: int, sizes: Sizes) -> Schedule:
    """The schedule of a seed; networks take turns, so that each gets a third. `sizes` are the
    boundaries and requests of an undisturbed posting by network and arms."""
    chance = random.Random(seed)
    network = NETWORKS[seed % len(NETWORKS)]
    arms = 2 if chance.random() < 0.3 else 1
    most, requests = sizes[network, arms]
    running = chance.random() < 0.3
    edit = chance.choice(EDITS) if chance.random() < 0.3 else ""
    kill = chance.randint(1, most) if chance.random() < 0.75 else 0
    fault = _fault(chance, requests) if chance.random() < 0.5 else {}
    rival = chance.choice(("polite", "late")) if chance.random() < 0.3 else ""
    if rival == "late" and fault.get("kind") == "stall":
        fault["where"] = "after"  # no request arrives after its lease has run out: see the docs
    return Schedule(
        seed,
        network,
        kill=kill,
        fault=fault,
        rival=rival,
        rival_kill=chance.randint(1, most) if chance.random() < 0.3 else 0,
        edit=edit,
        edit_at=chance.randint(1, most),
        running=running,
        approved=chance.random() > 0.05,
        arms=arms,
    )


def _fault(chance: random.Random, requests: int) -> dict[str, Any]:
    """Answer-then-drop, drop-then-answer, stalls, throttles and failures after a commit."""
    kind = chance.choice(("drop", "drop", "status", "stall", "throttle"))
    where = "before" if kind == "throttle" else chance.choice(("before", "after"))
    fault = {
        "where": where,
        "kind": kind,
        "nth": chance.randint(1, requests),
        "times": chance.choice((1, 1, 1, 2)),
    }
    if kind == "status":
        fault["status"] = chance.choice((500, 503))
    if kind == "stall":
        fault["seconds"] = STALL_S
    return fault
