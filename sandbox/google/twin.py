"""One running network: its memory, its rules, its people, and what tests may plant in it."""

from pathlib import Path
from typing import Any

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.google.delivery import Delivery
from sandbox.google.mutate import mutate
from sandbox.google.review import Review
from sandbox.google.search import Search
from sandbox.google.state import State
from sandbox.google.status import ComputedFields
from sandbox.google.tokens import Authority
from sandbox.google.world import Customer, World

Body = dict[str, Any]


class Twin:
    def __init__(self, folder: Path, world: World, seed: int) -> None:
        self.clock, self.state, self.world = Clock(folder), State(folder), world
        self.review = Review(self.state, world)
        self.delivery = Delivery(self.state, world, self.review, seed)
        standing = ComputedFields(self.state, world, self.review)
        self.search = Search(self.state, world, standing, self.delivery)
        self.authority = Authority(self.state)
        self.faults = Faults()

    def mutate(self, customer: Customer, request: Any) -> Any:
        return mutate(self.state, self.world, customer, request)

    def expected(self, name: str) -> Body:
        """By the resource name of a campaign, ad group or ad, or by the number of an ad group."""
        if name.isdigit():
            found = self.state.select("ad_group = ? AND kind = 'ad_group'", (int(name),))
            stored = found[0] if found else None
        else:
            stored = self.state.get(name)
        if stored is None or stored.kind not in ("campaign", "ad_group", "ad_group_ad"):
            raise LookupError(f"campaign, ad group or ad {name}")
        return dict(self.delivery.expected(stored))

    def health(self) -> Body:
        return {"accounts": {c.id: c.timezone for c in self.world.customers.values()}}

    def revoke(self, body: Body) -> Body:
        """{"token": …} takes back the grant that it belongs to; without a token, every grant."""
        return {"revoked": self.authority.revoke(str(body.get("token", "")))}

    def plan_review(self, body: Body) -> Body:
        """{"id": ad's resource name, "approval": "DISAPPROVED", "topic": …}, or "words" of the
        text instead of the id; {"customer": …, "hec_agreement": "missing" | "accepted"}."""
        if "hec_agreement" in body:
            return self._agreement(str(body.get("customer", "")), str(body["hec_agreement"]))
        self.review.plant(
            str(body.get("id", "")),
            str(body.get("words", "")),
            str(body.get("approval", "DISAPPROVED")),
            str(body.get("topic", "PLANTED_BY_TEST")),
        )
        return {"ok": True}

    def _agreement(self, customer: str, word: str) -> Body:
        if customer not in self.world.customers:
            raise LookupError(f"customer {customer}")
        if word not in ("missing", "accepted"):
            raise ValueError("hec_agreement is missing or accepted")
        statement = (
            "INSERT OR IGNORE INTO agreements VALUES (?)"
            if word == "missing"
            else "DELETE FROM agreements WHERE customer = ?"
        )
        with self.state.change():
            self.state.db.execute(statement, (customer,))
        return {"ok": True}
