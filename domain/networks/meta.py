"""Facts of Meta's Marketing API (Facebook, Instagram)."""

from fractions import Fraction

from domain.networks.facts import App, NetworkFacts, Sandbox, Service
from domain.platform import FILES, Network

GRAPH = Service(
    Network.META, "meta", "JOBADS_META_URL", live="https://graph.facebook.com", port=9100
)
META = NetworkFacts(
    network=Network.META,
    title="Meta",
    kinds=("image", "video", "campaign", "adset", "creative", "ad"),
    parent={"adset": "campaign", "ad": "adset"},
    frozen=FILES | {"creative"},
    switched=("campaign", "adset", "ad"),
    reported="ad",
    reviewed="ad",
    nameless=FILES,
    budget_field="daily_budget",
    budget_in_micros=False,
    # Meta's page "Currencies": their offset is 1, also where ISO 4217 has a minor unit.
    whole_currencies=frozenset(
        {"CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"}
    ),
    arm_budget="adset",
    overspend=Fraction(7, 4),  # documented as 25 % in one place and 75 % in another: the worse
    services=(GRAPH,),
    app_settings=("JOBADS_META_APP_ID", "JOBADS_META_APP_SECRET"),
    sandbox=Sandbox(
        App("EMU-meta-app", "EMU-meta-app-secret"), "act_1000000002", "EMU-meta", "2000000001"
    ),
    ways=frozenset({"place", "interest", "text"}),
    asked=frozenset({"region"}),
    circles=True,
    needs_picture=True,
    names_payer=True,
    account_prefix="act_",
    face="page",
)
