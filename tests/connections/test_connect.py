"""`jobads connect` against each twin, with the button pressed as a browser would."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
import requests

from domain.errors import NeedsReauth, NotFound, Retryable
from domain.platform import Network
from resources.files.images import Images
from resources.platforms import connect as adapter
from resources.platforms import reauth_noted
from tests.connections.conftest import ACCOUNTS, PAGES, address_in, page_option


def acme(store):
    return store.teams.get("Acme").id


def test_a_login_in_the_browser_connects_the_account(granted, network):
    """Account, page, scopes and end are stored; the token is what the network gave, sealed."""
    store = granted(network)
    (held,) = store.connections.of_team(acme(store))
    assert (held.account_id, held.platform_user_id) == (ACCOUNTS[network], PAGES[network])
    assert held.status == "active" and held.scopes
    token = store.connections.get(acme(store), network).token
    assert token.startswith("EMU") and (":" in token) == (network is Network.X)
    days = held.expires_at and (held.expires_at - datetime.now(UTC)) / timedelta(days=1)
    assert {
        Network.META: lambda: 59 < days < 61,
        Network.X: lambda: days is None,
        Network.GOOGLE: lambda: days < 0.1 and held.renews,
    }[network]()


def test_the_stored_token_works_through_the_adapter(home, granted, network):
    """What was connected can advertise: the real SDK is let in with it."""
    store = granted(network)
    connection = store.connections.get(acme(store), network)
    platform = adapter(
        connection,
        home.settings,
        Images(home.path / "images", home.settings.mode),
        connections=store.connections,
    )
    assert platform.verify(ACCOUNTS[network]).currency == "USD"


def test_without_a_browser_the_answer_is_pasted(home, network, click):
    """The redirected address, or X's PIN, from stdin."""
    process = home.command(
        "connect",
        str(network),
        "--team",
        "Acme",
        "--paste",
        "--account",
        ACCOUNTS[network],
        *page_option(network),
    )
    out, err = process.communicate(click(address_in(process)) + "\n", timeout=60)
    assert process.returncode == 0, out + err
    assert home.open().connections.of_team(acme(home.open()))[0].network is network


def test_a_login_that_is_declined_stores_nothing(home, network, click):
    process = home.command("connect", str(network), "--team", "Acme", "--no-browser", "--port", "0")
    requests.get(click(address_in(process), allow=False), timeout=20)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2 and "declined" in err
    assert home.open().connections.of_team(acme(home.open())) == []


def test_several_accounts_are_listed_to_choose_from(home, network, click):
    """The command ends with their ids and the option; nothing is stored."""
    process = home.command("connect", str(network), "--team", "Acme", "--no-browser", "--port", "0")
    requests.get(click(address_in(process)), timeout=20)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2 and ACCOUNTS[network] in err and "--account" in err
    assert home.open().connections.of_team(acme(home.open())) == []


def test_an_account_that_does_not_let_us_in_is_not_stored(home, network, click):
    """It is tried before it is stored."""
    wrong = {Network.META: "act_999", Network.X: "zzz", Network.GOOGLE: "7999999999"}[network]
    process = home.command(
        "connect",
        str(network),
        "--team",
        "Acme",
        "--no-browser",
        "--port",
        "0",
        "--account",
        wrong,
        *page_option(network),
    )
    requests.get(click(address_in(process)), timeout=20)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 7, err
    assert home.open().connections.of_team(acme(home.open())) == []


def test_a_code_is_not_taken_twice(home, network, click):
    """The network refuses a replay, and the command says so without showing it."""
    process = home.command(
        "connect",
        str(network),
        "--team",
        "Acme",
        "--paste",
        "--account",
        ACCOUNTS[network],
        *page_option(network),
    )
    back = click(address_in(process))
    process.communicate(back + "\n", timeout=60)
    said = home.jobads(
        "connect",
        str(network),
        "--team",
        "Acme",
        "--paste",
        say=back + "\n",
        code=7 if network is Network.X else 2,
    )
    assert "another dialog" in said or network is Network.X
    assert back not in said


def test_a_connection_is_listed_checked_and_removed(home, granted, network):
    """People see account, scopes, end and status, and no token."""
    store = granted(network)
    token = store.connections.get(acme(store), network).token
    listed = home.jobads("connections", "list", "--team", "Acme")
    assert ACCOUNTS[network] in listed and "active" in listed
    assert "lets us in; USD" in home.jobads("connections", "check")
    gone = ("connections", "remove", str(network), ACCOUNTS[network], "--team", "Acme")
    assert "Aborted" in home.jobads(*gone, say="n\n", code=1)
    said = home.jobads(*gone, say="y\n")
    assert store.connections.of_team(acme(store)) == []
    for part in token.split(":"):
        assert part not in listed + said
        assert base64.b64encode(part.encode()).decode() not in listed + said


def test_a_revoked_token_needs_a_person_and_a_new_login_revives_it(home, granted, network):
    """Checking finds it out, the status says it, posting is refused, and connecting mends it."""
    store = granted(network)
    held = store.connections.get(acme(store), network)
    revoked = held.refresh_token or held.token.split(":")[0]
    assert home.twins[network].admin("revoke", {"token": revoked}).status_code == 200
    said = home.jobads("connections", "check", code=7)
    assert "jobads connect" in said and held.token not in said
    assert "needs_reauth" in home.jobads("connections", "list")
    dead = store.connections.get(acme(store), network)
    with pytest.raises(NeedsReauth):
        adapter(dead, home.settings, Images(home.path / "images", home.settings.mode))
    assert granted(network).connections.of_team(acme(store))[0].status == "active"


def test_work_that_meets_a_dead_token_marks_the_connection(home, granted, network):
    """The error goes on to whoever posts; a Google token that can be renewed is, and the work may
    be tried again."""
    store = granted(network)
    renews = network is Network.GOOGLE
    with (
        pytest.raises(Retryable if renews else NeedsReauth),
        reauth_noted(store.connections, acme(store), network, ACCOUNTS[network], home.settings),
    ):
        raise NeedsReauth("190", where=str(network))
    expected = "active" if renews else "needs_reauth"
    assert store.connections.of_team(acme(store))[0].status == expected


def test_a_team_without_an_account_is_told_the_command(home):
    with pytest.raises(NotFound, match="jobads connect meta"):
        home.open().connections.get(acme(home.open()), Network.META)
