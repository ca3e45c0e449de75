"""The facts of every network. Nothing else in `domain` tells networks apart."""

from domain.networks.facts import App, ByNetwork, NetworkFacts, Service, named
from domain.networks.google import GOOGLE
from domain.networks.meta import META
from domain.networks.x import X

FACTS = ByNetwork("facts in domain/networks", {facts.network: facts for facts in (META, X, GOOGLE)})
DEFAULT_NETWORK = META.network
"""The network that is meant where nobody names one."""

__all__ = ["DEFAULT_NETWORK", "FACTS", "App", "ByNetwork", "NetworkFacts", "Service", "named"]
