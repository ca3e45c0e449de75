"""Names of places become the network's own ids before a person accepts a plan, and each choice is
kept in the proof.

A region or town that the network does not know by name, country and region widens to its country;
a country that it does not know cannot be targeted.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assets.publishing.networks.registry import NETWORKS
from assets.publishing.policy import Compiled, Target
from assets.publishing.policy.places import countries_of, disjoint
from domain.errors import InputError
from domain.networks import FACTS
from domain.plan import ProofLine
from domain.platform import Candidate, Network

Lookup = Callable[[str, Mapping[str, Any]], Sequence[Candidate]]

_ASIDE = re.compile(r"\s*\([^)]*\)\s*$")


def resolve(compiled: Compiled, lookup: Lookup) -> Compiled:
    """Every target with the id that `lookup(kind, query)` names, or widened, with proof."""
    targets: list[Target] = []
    proof = list(compiled.proof)
    asked = FACTS[compiled.network].asked
    for target in compiled.targets:
        if target.kind not in asked:
            targets.append(target)
            continue
        named = target.label
        found, many = _ask(compiled.network, target, lookup)
        if found is None and target.kind != "country":
            said = f"none of {many} candidates has this very name: its whole country instead"
            target = Target("country", target.country, target.country)
            found, _ = _ask(compiled.network, target, lookup)
        else:
            said = f"{found.label!r} is {found.id}, of {many} candidates" if found else ""
        if found is None and "country" in asked:
            raise InputError(f"{compiled.network} knows no country {target.country}")
        _say(proof, named, said)
        targets.append(replace(target, id=found.id if found else ""))
    kept = disjoint(targets)
    return replace(compiled, targets=tuple(kept), countries=countries_of(kept), proof=tuple(proof))


def _ask(network: Network, target: Target, lookup: Lookup) -> tuple[Candidate | None, int]:
    if target.kind not in FACTS[network].asked:
        return None, 0
    query = NETWORKS[network].translator.query(replace(target, id=""))
    candidates = lookup(query["kind"], query["query"])
    return _best(target, candidates), len(candidates)


def _best(target: Target, candidates: Sequence[Candidate]) -> Candidate | None:
    """The first candidate of the very name, in the country and region: a near match could be
    another town. A country is told by its code."""
    wanted = target.label.casefold()
    for candidate in candidates:
        if candidate.fields.get("country_code", target.country) != target.country:
            continue
        if candidate.fields.get("kind", target.kind) != target.kind:
            continue
        if target.kind == "country":
            return candidate
        region = str(candidate.fields.get("region") or target.region_label).casefold()
        if target.kind == "city" and target.region_label.casefold() not in ("", region):
            continue
        if _ASIDE.sub("", candidate.label).casefold() == wanted:
            return candidate
    return None


def _say(proof: list[ProofLine], label: str, said: str) -> None:
    for i, line in enumerate(proof):
        if line.field == "locations" and line.label == label and line.target and said:
            proof[i] = replace(line, reason=f"{line.reason}; {said}")
            return
