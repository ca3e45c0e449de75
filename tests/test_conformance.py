"""Every adapter keeps the contract of `domain.platform`, to the names of its parameters."""

import inspect
from importlib import import_module

import pytest

from assets.publishing import payload_validator
from assets.publishing.posting.leased_adapter import LeasedAdapter
from domain.errors import PolicyRefusal
from domain.networks import FACTS
from domain.platform import AdPlatform, Network

VERBS = ("verify", "find", "create", "read", "activate", "pause", "update", "report", "lookup")
ADAPTERS = {
    Network.META: "resources.meta.adapter:MetaPlatform",
    Network.X: "resources.x.adapter:XPlatform",
    Network.GOOGLE: "resources.google.adapter:GooglePlatform",
}


def adapter(network: Network) -> type:
    module, _, name = ADAPTERS[network].partition(":")
    return getattr(import_module(module), name)


def told(function: object) -> list[tuple[str, object]]:
    """Names and defaults of a verb's parameters."""
    parameters = inspect.signature(function).parameters.values()
    return [(p.name, p.default) for p in parameters if p.name != "self"]


def test_every_network_has_an_adapter_and_a_shape():
    """None is forgotten where a new one is added."""
    assert set(ADAPTERS) == set(FACTS) == set(Network)


@pytest.mark.parametrize("network", Network)
def test_an_adapter_has_the_verbs_of_the_contract(network):
    """Same names, same parameters, same defaults: posting calls one as it calls the others."""
    kind = adapter(network)
    assert kind.network is network
    for verb in VERBS:
        assert told(getattr(kind, verb)) == told(getattr(AdPlatform, verb)), verb


def test_the_fence_has_them_too():
    """What posting is given in the adapter's place asks before each of the same verbs."""
    for verb in VERBS:
        assert told(getattr(LeasedAdapter, verb)) == told(getattr(AdPlatform, verb)), verb


@pytest.mark.parametrize("network", Network)
def test_a_shape_names_only_its_own_kinds(network):
    """Parents come before their children, and every role is played by a kind that is built."""
    shape = FACTS[network]
    named = {shape.reported, shape.reviewed, *shape.switched, *shape.frozen, *shape.held}
    assert named | set(shape.parent) <= set(shape.kinds)
    for kind, parent in shape.parent.items():
        assert shape.kinds.index(parent) < shape.kinds.index(kind)
    assert shape.switched[0] == "campaign"
    assert shape.nameless <= set(shape.kinds)


@pytest.mark.parametrize("network", Network)
def test_the_second_checker_knows_every_kind(network):
    """An unknown field is refused in each of them, whichever it is."""
    for kind in FACTS[network].kinds:
        with pytest.raises(PolicyRefusal):
            payload_validator.check(network, kind, {"age_min": 18})
