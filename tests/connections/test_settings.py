"""Settings of networks: the sandbox needs none, live needs both halves, no secret has a repr."""

import pytest
import requests

from domain.errors import SetupError
from domain.networks import App, google, meta
from domain.platform import Mode, Network
from resources.oauth import flow
from resources.security.network_addresses import address
from resources.security.network_guard import guard
from resources.settings import Settings

LIVE = {"JOBADS_MODE": "live", "JOBADS_LIVE": "yes"}


def test_the_sandbox_knows_one_application_each():
    settings = Settings.from_env({})
    assert settings.app(Network.META) == App("EMU-meta-app", "EMU-meta-app-secret")
    assert {settings.app(n).id[:3] for n in Network} == {"EMU"}


def test_live_mode_names_what_is_missing():
    """The sandbox's application is never sent to a real network."""
    settings = Settings.from_env(LIVE)
    with pytest.raises(SetupError, match="JOBADS_X_CONSUMER_KEY and JOBADS_X_CONSUMER_SECRET"):
        settings.app(Network.X)
    with pytest.raises(SetupError, match="JOBADS_META_APP_SECRET is missing"):
        Settings.from_env({**LIVE, "JOBADS_META_APP_ID": "1"})


def test_no_secret_of_the_settings_is_shown():
    names = (
        "JOBADS_META_APP_SECRET",
        "JOBADS_X_CONSUMER_SECRET",
        "JOBADS_GOOGLE_CLIENT_SECRET",
        "JOBADS_GOOGLE_DEVELOPER_TOKEN",
        "JOBADS_KEYS",
    )
    ids = ("JOBADS_META_APP_ID", "JOBADS_X_CONSUMER_KEY", "JOBADS_GOOGLE_CLIENT_ID")
    env = {**dict.fromkeys(names, "k1:hidden"), **dict.fromkeys(ids, "shown")}
    assert "hidden" not in repr(Settings.from_env(env))


def test_addresses_come_from_settings_then_the_homes_twins_then_the_network(tmp_path):
    """A twin says both of Google's addresses in one line."""
    home = {"JOBADS_HOME": str(tmp_path)}
    with pytest.raises(SetupError, match="jobads up"):
        address(Settings.from_env(home), google.ADS)
    (tmp_path / "twin").mkdir()
    (tmp_path / "twin" / "google.address").write_text("127.0.0.1:1 http://127.0.0.1:2\n")
    settings = Settings.from_env(home)
    found = [address(settings, s) for s in (google.ADS, google.LOGIN)]
    assert found == ["127.0.0.1:1", "http://127.0.0.1:2"]
    set_ = Settings.from_env({**home, "JOBADS_GOOGLE_ADDR": "127.0.0.1:3"})
    assert address(set_, google.ADS) == "127.0.0.1:3"
    live = Settings.from_env({**home, **LIVE})
    assert live.mode is Mode.LIVE
    assert address(live, meta.GRAPH) == "https://graph.facebook.com"


def test_live_logins_speak_https_to_the_real_hosts_only():
    """Each flow's pages and endpoints; and the guard refuses plain http."""
    apps = {
        "JOBADS_META_APP_ID": "1",
        "JOBADS_META_APP_SECRET": "s",
        "JOBADS_X_CONSUMER_KEY": "1",
        "JOBADS_X_CONSUMER_SECRET": "s",
        "JOBADS_GOOGLE_CLIENT_ID": "1",
        "JOBADS_GOOGLE_CLIENT_SECRET": "s",
    }
    settings = Settings.from_env({**LIVE, **apps})
    pages = ("https://www.facebook.com/", "https://accounts.google.com/")
    for network, page in zip((Network.META, Network.GOOGLE), pages, strict=True):
        opened = flow(network, settings).start("http://127.0.0.1:8477/callback")
        assert opened.address.startswith(page) and opened.state in opened.address
        assert not opened.secret or opened.secret not in opened.address
    with pytest.raises(SetupError, match="https only"):
        guard(requests.Session(), "http://graph.facebook.com", Mode.LIVE)
