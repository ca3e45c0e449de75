"""A whole login past every proxy that the environment names."""

import requests

from tests.connections.conftest import ACCOUNTS, address_in, clicked, page_option
from tests.doors.wire import listener, proxies


def test_no_step_of_a_login_goes_through_a_proxy(home, network):
    """Codes, secrets and tokens stay on this machine, with each SDK and each OAuth library."""
    with listener() as proxy:
        process = home.command(
            "connect",
            str(network),
            "--team",
            "Acme",
            "--no-browser",
            "--port",
            "0",
            "--account",
            ACCOUNTS[network],
            *page_option(network),
            **proxies(proxy.port),
        )
        back = clicked(address_in(process))
        assert requests.get(back, timeout=20).status_code == 200
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, out + err
        assert proxy.heard == []
