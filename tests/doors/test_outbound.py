"""The sandbox talks to this machine alone, whatever the environment, a file or a twin says."""

from dataclasses import replace
from uuid import uuid4

import pytest

from domain.errors import JobadsError, SetupError
from domain.networks import google, meta
from domain.platform import Network
from jobads import twins
from jobads.cli.doctor import _networks
from resources.files.images import Images
from resources.oauth import flow
from resources.operations.records import Connection
from resources.platforms import connect
from resources.security.network_addresses import address, check
from resources.settings import Settings
from tests.doors.wire import listener, proxies

TOKENS = {
    Network.META: "EMU-meta",
    Network.X: "EMU-x-user:EMU-x-user-secret",
    Network.GOOGLE: "EMU-google-user",
}
ACCOUNTS = {Network.META: "act_1000000002", Network.X: "x1usd", Network.GOOGLE: "7000000001"}


def adapter(settings: Settings, network: Network, tmp_path):
    made = Connection(
        uuid4(), network, ACCOUNTS[network], "", "active", (), None, TOKENS[network], None
    )
    return connect(made, settings, Images(tmp_path, settings.mode))


@pytest.fixture
def proxy(monkeypatch):
    """What an office's environment says; it must hear nothing."""
    with listener() as heard:
        for name, value in proxies(heard.port).items():
            monkeypatch.setenv(name, value)
        yield heard


def test_a_running_twin_is_asked_past_every_proxy(networks, proxy):
    """Finding it, and moving its clock as the demo does."""
    settings, env = networks
    assert twins.known(settings) == env
    twins.asked(env["JOBADS_X_URL"], "clock", {"advance_hours": 0})
    assert proxy.heard == []


@pytest.mark.parametrize("network", list(Network), ids=str)
def test_every_sdk_goes_past_every_proxy(networks, proxy, network, tmp_path):
    """facebook-business, tweepy's session and gRPC; and an OAuth session of each."""
    settings, _ = networks
    adapter(settings, network, tmp_path).verify(ACCOUNTS[network])
    flow(network, settings).start("http://127.0.0.1:8477/callback")
    assert proxy.heard == []


ELSEWHERE = [
    "http://evil.example",
    "http://127.0.0.1@evil.example",
    "http://127.0.0.1.evil.example:9100",
    "http://evil.example\\@127.0.0.1:9100",
    "http://evil.example#@127.0.0.1:9100",
    "http://0.0.0.0:9100",
    "http://2130706433:9100",
    "http://[::]:9100",
    "evil.example:443",
    "dns:///evil.example:443",
    "unix:/tmp/x",
    "ftp://127.0.0.1",
    "http://10.0.0.1:9100",
]


@pytest.mark.parametrize("told", ELSEWHERE)
def test_an_address_file_names_this_machine_only(tmp_path, told):
    """Who can write one file of the home cannot have tokens sent away."""
    settings = Settings.from_env({"JOBADS_HOME": str(tmp_path)})
    (tmp_path / "twin").mkdir()
    for network, words in ((Network.META, told), (Network.GOOGLE, f"{told} {told}")):
        (tmp_path / "twin" / f"{network}.address").write_text(words)
        assert twins.serving(network, tmp_path) == {}
    for service in (meta.GRAPH, google.ADS, google.LOGIN):
        with pytest.raises(SetupError, match="beyond this machine"):
            address(settings, service)


def test_nothing_is_sent_before_the_address_is_checked(tmp_path):
    """A server that answers outside loopback is not even asked for its health."""
    (tmp_path / "twin").mkdir()
    with listener(host="0.0.0.0") as heard:
        (tmp_path / "twin" / "meta.address").write_text(f"http://0.0.0.0:{heard.port}")
        assert twins.serving(Network.META, tmp_path) == {}
        assert heard.heard == []


@pytest.mark.parametrize("told", ELSEWHERE)
def test_a_configured_address_is_this_machines_in_the_sandbox(told):
    """`jobads doctor` says so without trying it."""
    settings = Settings.from_env({"JOBADS_META_URL": told})
    for found in (check, _networks, lambda s: address(s, meta.GRAPH)):
        with pytest.raises(SetupError, match="JOBADS_META_URL is not an address of this machine"):
            found(settings)


@pytest.mark.parametrize("network", list(Network), ids=str)
def test_a_twin_sends_nobody_elsewhere(tmp_path, network):
    """What answers in a twin's place redirects, the SDK does not follow."""
    with (
        listener() as elsewhere,
        listener(302, f"http://127.0.0.1:{elsewhere.port}/caught") as twin,
    ):
        url = f"http://127.0.0.1:{twin.port}"
        settings = replace(
            Settings.from_env({"JOBADS_HOME": str(tmp_path)}),
            addresses={
                "JOBADS_META_URL": url,
                "JOBADS_X_URL": url,
                "JOBADS_GOOGLE_ADDR": f"127.0.0.1:{twin.port}",
                "JOBADS_GOOGLE_OAUTH_URL": url,
            },
        )
        with pytest.raises(JobadsError):
            adapter(settings, network, tmp_path).verify(ACCOUNTS[network])
        if network is Network.GOOGLE:
            with pytest.raises(JobadsError):
                flow(network, settings).renew("EMU-google-refresh")
        with pytest.raises(OSError, match="302"):
            twins.asked(url, "health")
        assert twin.heard and elsewhere.heard == []


LIVE = {"JOBADS_MODE": "live", "JOBADS_LIVE": "yes"}


def test_live_mode_knows_no_twin(networks):
    """Not even one that runs and serves this home."""
    settings = Settings.from_env({**LIVE, "JOBADS_HOME": str(networks[0].home)})
    assert twins.known(settings) == {}
    with twins.twins(settings) as none:
        assert none.env == {}


@pytest.mark.parametrize(
    "name", ["JOBADS_META_URL", "JOBADS_X_URL", "JOBADS_GOOGLE_ADDR", "JOBADS_GOOGLE_OAUTH_URL"]
)
@pytest.mark.parametrize(
    "told",
    [
        "127.0.0.1:9100",
        "localhost:1",
        "127.1.1.1:9",
        "[::1]:443",
        "127.1:443",
        "localhost.:443",
        "a.localhost:443",
        "0:443",
        "2130706433:443",
        "[::ffff:127.0.0.1]:443",
    ],
)
def test_live_mode_refuses_an_address_of_this_machine(name, told):
    """A real token is never sent to what stands in for a network."""
    prefix = "" if name == "JOBADS_GOOGLE_ADDR" else "https://"
    with pytest.raises(SetupError, match=f"{name} is an address of this machine"):
        twins.known(Settings.from_env({**LIVE, name: prefix + told}))
