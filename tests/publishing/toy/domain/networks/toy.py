"""Facts of a toy network: one campaign, and under it an ad for each arm."""

from fractions import Fraction

from domain.networks.facts import App, NetworkFacts, Sandbox, Service
from domain.platform import Network

ADS = Service(Network.TOY, "toy", "JOBADS_TOY_URL", live="https://ads.toy.example", port=9104)
TOY = NetworkFacts(
    network=Network.TOY,
    title="Toy",
    kinds=("campaign", "ad"),
    parent={"ad": "campaign"},
    frozen=frozenset(),
    switched=("campaign", "ad"),
    reported="ad",
    reviewed="ad",
    nameless=frozenset(),
    budget_field="daily_cents",
    budget_in_micros=False,
    arm_budget="ad",
    overspend=Fraction(1),
    services=(ADS,),
    app_settings=("JOBADS_TOY_APP_ID", "JOBADS_TOY_APP_SECRET"),
    sandbox=Sandbox(App("EMU-toy-app", "EMU-toy-app-secret"), "toy-1", "EMU-toy"),
    ways=frozenset({"place", "keyword", "text"}),
    asked=frozenset(),
    account_prefix="toy-",
)
