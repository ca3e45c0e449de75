"""What is known of a network is in one place, and nothing else asks for its name."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from assets.publishing import payload_validator
from assets.publishing.networks.registry import NETWORKS
from domain.caps import worst_day
from domain.errors import InputError, PolicyRefusal, SetupError
from domain.networks import DEFAULT_NETWORK, FACTS, ByNetwork, named
from domain.networks.meta import META
from domain.platform import Network
from resources.networks import CONNECTORS

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("assets", "resources", "jobads", "domain")
TABLES = {
    "domain/platform.py",
    "assets/publishing/networks/registry.py",
    "assets/publishing/payload_validator/__init__.py",
    "resources/networks.py",
}
# A migration says what was so on its day.
HISTORY = "resources/operations/migrations/versions/"
MEMBER = re.compile(r"\bNetwork\.([A-Z]+)\b")
# `x` is too short to be told from other texts.
WORD = re.compile(r"""["'](meta|google)["']""")
# An example in a docstring has to take some network, and asks for none.
EXAMPLE = re.compile(r"^ *(?:>>>|\.\.\.) .*$", re.MULTILINE)


def names_in(file: str, text: str) -> set[str]:
    """The networks that a file names and is not the own module of."""
    text = EXAMPLE.sub("", text)
    found = {name.lower() for name in MEMBER.findall(text)} | set(WORD.findall(text))
    return found - {Path(file).stem, Path(file).parent.name}


def test_only_tables_and_a_networks_own_modules_name_it():
    """A fourth network is a row in each table and modules of its own."""
    files = [p for room in ROOMS for p in (ROOT / room).rglob("*.py")]
    texts = {str(p.relative_to(ROOT)): p.read_text("utf-8") for p in files}
    others = {f: names for f, text in texts.items() if (names := names_in(f, text))}
    assert len(texts) > 200
    assert {f for f in others if not f.startswith(HISTORY)} == TABLES


def test_a_branch_on_a_name_would_be_seen():
    assert names_in("jobads/up.py", "if network is Network.GOOGLE:") == {"google"}
    assert names_in("jobads/up.py", 'if network == "meta":') == {"meta"}
    assert names_in("resources/meta/adapter.py", "Network.META, Network.X") == {"x"}
    assert names_in("resources/oauth/x.py", "settings.app(Network.X)") == set()
    assert names_in("domain/caps.py", "    >>> worst_day(Network.META, 1500)") == set()


@pytest.mark.parametrize("table", [FACTS, NETWORKS, CONNECTORS, payload_validator.VALIDATORS])
def test_every_table_has_each_network_and_no_other(table):
    assert set(table) == set(Network)
    with pytest.raises(InputError, match="'toy' is no network - use meta or x or google"):
        table["toy"]


def test_a_table_without_a_network_is_not_made():
    """The message says which, and what it lacks."""
    with pytest.raises(SetupError, match="the network x has no twin"):
        ByNetwork("twin", {Network.META: 1, Network.GOOGLE: 2})


def test_facts_that_name_another_kind_are_not_made():
    with pytest.raises(SetupError, match="banner is no kind of meta"):
        changed(reported="banner")
    with pytest.raises(SetupError, match="adset stands before its ad"):
        changed(parent={"adset": "ad"})
    with pytest.raises(SetupError, match="its services are not its own"):
        changed(services=FACTS[Network.X].services)


def changed(**facts):
    from dataclasses import replace

    return replace(META, **facts)


def test_an_unknown_network_is_named_wherever_it_is_asked():
    with pytest.raises(InputError, match="'toy' is no network"):
        worst_day("toy", 100)
    with pytest.raises(InputError, match="'toy' is no network"):
        named("toy")
    with pytest.raises(PolicyRefusal, match="no rule allows toy"):
        payload_validator.check("toy", "campaign", {})
    with pytest.raises(PolicyRefusal, match="no rule allows toy"):
        payload_validator.check_live("toy", "campaign", {})


def test_accounts_are_spelled_as_the_networks_api_does():
    """People copy them from the networks' own pages."""
    assert FACTS[Network.META].account_id("1000000002") == "act_1000000002"
    assert FACTS[Network.META].account_id("act_1000000002") == "act_1000000002"
    assert FACTS[Network.GOOGLE].account_id("700-000 0001") == "7000000001"
    assert FACTS[Network.X].account_id("x1-usd") == "x1-usd"
    assert DEFAULT_NETWORK in FACTS


def test_no_secret_of_a_sandbox_is_shown():
    shown = repr(list(FACTS.values()))
    assert "secret=" not in shown and "token=" not in shown


def test_the_tables_import_no_sdk():
    """They are read by commands that ask no network."""
    heavy = (
        "facebook_business tweepy grpc google.ads google_auth_oauthlib requests_oauthlib dagster"
    )
    script = (
        "import sys, assets.publishing.networks.registry, assets.publishing.payload_validator\n"
        f"print([name for name in {heavy.split()!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
