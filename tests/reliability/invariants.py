"""What must hold of a world, said without the code under test."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from assets.publishing.posting.object_names import exact
from assets.publishing.posting.readback_diff import differing
from domain.lifecycle import SlotState
from domain.networks import FACTS
from domain.plan import SHARED, Plan
from domain.platform import Network
from tests.publishing.conftest import NOW
from tests.reliability import rows
from tests.reliability.network import Thing, Things, fields_of
from tests.reliability.rows import Ledger

Chain = tuple[Thing, ...]
LEAVES = {Network.META: "ad", Network.X: "line_item", Network.GOOGLE: "ad_group"}


class Judge:
    """Judges worlds of one network by the plans that exist."""

    def __init__(self, network: Network, plans: Mapping[str, Plan]) -> None:
        self.network, self.plans = network, plans
        self._says = lru_cache(maxsize=None)(self._matching)

    def always(self, things: Things, ledger: Ledger) -> Iterator[str]:
        """Faults of a world at any moment."""
        yield from self._doubled(things)
        chains = list(self._delivering(things))
        approved = {plan.digest for plan in ledger.plans if plan.approved}
        worlds = [self._says(chain, things) for chain in chains]
        for chain, digests in zip(chains, worlds, strict=True):
            if not digests & approved:
                yield f"{_named(chain)} delivers what is no approved plan's content"
        if chains and not set.intersection(*map(set, worlds)):
            yield "content of two plans delivers at once"
        if chains and not any(row.running for row in ledger.rows):
            yield "something delivers and the ledger does not know it"

    def finally_(self, things: Things, ledger: Ledger) -> Iterator[str]:
        """Faults of a world in which an undisturbed worker has nothing left to do."""
        digest = rows.in_force(ledger) if rows.wanted(ledger) else ""
        if not digest:
            if any(t.on for t in things):
                yield f"{[t.id for t in things if t.on]} stays on although nothing is wanted"
            return
        plan = self.plans[digest]
        chains = list(self._delivering(things))
        if len(chains) != len(plan.arms):
            yield f"{len(chains)} of {len(plan.arms)} arms deliver"
        if any(digest not in self._says(chain, things) for chain in chains):
            yield "what delivers is not the newest approved content"
        states = {r.slot.arm: (r.slot.state, r.slot.revision) for r in ledger.rows}
        for arm, revision in rows.revisions(plan).items():
            if states.get(arm) != (SlotState.ACTIVE, revision):
                yield f"slot {arm} is {states.get(arm)}, not active at {revision}"

    def _doubled(self, things: Things) -> Iterator[str]:
        """Two living objects of one slot; of what never changes, two of one content."""
        frozen = FACTS[self.network].frozen
        keys = Counter(
            (t.kind, t.name.split(" ")[0] if t.kind in frozen else t.name[:19])
            for t in things
            if t.kind not in FACTS[self.network].held
        )
        yield from (
            f"{count} living {kind} of {key}" for (kind, key), count in keys.items() if count > 1
        )

    def _delivering(self, things: Things) -> Iterator[Chain]:
        """What spends: a leaf that is on, below parents that are on."""
        switched = FACTS[self.network].switched
        by_id = {(t.kind, t.id): t for t in things}
        for thing in things:
            if thing.kind != LEAVES[self.network]:
                continue
            chain, kinds = [thing], list(switched[: switched.index(thing.kind)])
            while kinds:
                chain.append(by_id[kinds.pop(), chain[-1].parent])
            if all(t.on for t in chain):
                yield tuple(chain)

    def _matching(self, chain: Chain, things: Things) -> frozenset[str]:
        """Digests of the plans whose whole content an arm of this chain shows."""
        return frozenset(
            digest
            for digest, plan in self.plans.items()
            if any(self._shows(plan, arm.arm, chain, things) for arm in plan.arms)
        )

    def _shows(self, plan: Plan, arm: str, chain: Chain, things: Things) -> bool:
        ids = {t.kind: t.id for t in chain}
        leaf = fields_of(chain[0].text)
        if "creative" in leaf:
            ids["creative"] = leaf["creative"]["creative_id"]
        held = [t for t in things if t.parent == chain[0].id and t.kind in FACTS[plan.network].held]
        for promoted in held:
            if promoted.kind == "promoted_tweet":
                ids["tweet"] = _tweet(fields_of(promoted.text))
        shown = [*chain, *held, *(t for t in things if ids.get(t.kind) == t.id and t not in chain)]
        bodies: dict[str, Any] = {**plan.shared, **plan.bodies(arm)}
        kinds = {t.kind for t in shown}
        return bodies.keys() <= kinds and all(
            not differing(
                exact(plan, SHARED if t.kind in plan.shared else arm, t.kind, ids, NOW),
                {**fields_of(t.text), "name": t.name},
            )
            for t in shown
        )


def _tweet(fields: dict[str, Any]) -> str:
    ids = fields["tweet_ids"]
    return ids[0] if isinstance(ids, list) else str(ids)


def _named(chain: Chain) -> str:
    return "/".join(t.id for t in reversed(chain))
