"""Facts of Google Ads, Search campaigns."""

from fractions import Fraction

from domain.networks.facts import App, NetworkFacts, Sandbox, Service
from domain.platform import Network

ADS = Service(
    Network.GOOGLE,
    "google",
    "JOBADS_GOOGLE_ADDR",
    live="googleads.googleapis.com",
    port=9102,
    scheme="",
)
LOGIN = Service(
    Network.GOOGLE,
    "google login",
    "JOBADS_GOOGLE_OAUTH_URL",
    live="https://oauth2.googleapis.com",
    port=9103,
    option="--http-port",
)
KINDS = ("campaign", "ad_group")
GOOGLE = NetworkFacts(
    network=Network.GOOGLE,
    title="Google Ads",
    kinds=KINDS,
    parent={"ad_group": "campaign"},
    frozen=frozenset(),
    switched=KINDS,
    reported="ad_group",
    reviewed="ad_group",
    nameless=frozenset(KINDS),  # named inside their operations
    budget_field="amount_micros",
    overspend=Fraction(2),  # documented
    month_days=Fraction(304, 10),  # documented
    services=(ADS, LOGIN),
    app_settings=("JOBADS_GOOGLE_CLIENT_ID", "JOBADS_GOOGLE_CLIENT_SECRET"),
    sandbox=Sandbox(
        App("EMU-google-app", "EMU-google-app-secret"), "7000000001", "EMU-google-user"
    ),
    ways=frozenset({"place", "keyword", "text"}),
    asked=frozenset({"region", "country"}),
    circles=True,
    account_ignored=r"[\s-]",
)
