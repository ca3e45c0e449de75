"""Facts of X's Ads API."""

from fractions import Fraction

from domain.networks.facts import App, NetworkFacts, Sandbox, Service
from domain.platform import FILES, Network

ADS = Service(Network.X, "x", "JOBADS_X_URL", live="https://ads-api.x.com", port=9101)
HELD = frozenset({"targeting", "promoted_tweet"})
X = NetworkFacts(
    network=Network.X,
    title="X",
    kinds=(
        "image",
        "video",
        "campaign",
        "line_item",
        "targeting",
        "card",
        "tweet",
        "promoted_tweet",
    ),
    parent={"line_item": "campaign", "targeting": "line_item", "promoted_tweet": "line_item"},
    frozen=FILES | {"card", "tweet"},
    switched=("campaign", "line_item"),
    reported="line_item",
    reviewed="promoted_tweet",
    held=HELD,
    nameless=FILES | HELD,
    short={"card": 80, "tweet": 80},
    end=("line_item", "end_time"),
    budget_field="daily_budget_amount_local_micro",
    arm_budget="line_item",
    overspend=Fraction(6, 5),  # assumed: nothing is documented
    services=(ADS,),
    app_settings=("JOBADS_X_CONSUMER_KEY", "JOBADS_X_CONSUMER_SECRET"),
    # The token is the pair of OAuth 1.0a.
    sandbox=Sandbox(
        App("EMU-x-app", "EMU-x-app-secret"), "x1usd", "EMU-x-user:EMU-x-user-secret", "3000000001"
    ),
    ways=frozenset({"place", "keyword", "text"}),
    asked=frozenset({"city", "region", "country"}),
    shows_pin=True,
)
