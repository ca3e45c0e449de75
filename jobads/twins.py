"""The sandbox networks as local processes: started when nobody else serves them, ended with us."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import requests

from assets.publishing.networks.registry import NETWORKS
from domain.errors import SetupError
from domain.networks import FACTS
from domain.platform import Mode, Network
from resources.files.bundled import ROOT
from resources.security.network_addresses import check
from resources.security.network_guard import guard, loopback
from resources.settings import Settings

WORLDS = {n: ROOT / "data" / "worlds" / entry.twin.world for n, entry in NETWORKS.items()}
SEED = 7
# The settings that name the addresses which a twin says when it answers, its HTTP one last.
SPOKEN = {n: tuple(service.setting for service in f.services) for n, f in FACTS.items()}


@dataclass(frozen=True, slots=True)
class Twins:
    """Where each sandbox network answers, by the name of its setting."""

    env: Mapping[str, str]

    def admin(self, network: Network) -> str:
        """The HTTP address under which a twin's clock and decisions are reached."""
        return self.env[SPOKEN[network][-1]]


def command(network: Network, home: Path, ports: Sequence[int] = ()) -> list[str]:
    """How a twin is started, on any free ports unless `ports` names one for each service: its state
    lives beside our stores, which never read it."""
    services = FACTS[network].services
    numbered = zip(services, ports or [0] * len(services), strict=True)
    return [
        sys.executable,
        "-m",
        NETWORKS[network].twin.module,
        *(word for service, port in numbered for word in (service.option, str(port))),
        "--state",
        str(home / "twin"),
        "--world",
        str(WORLDS[network]),
        "--seed",
        str(SEED),
    ]


def configured(settings: Settings) -> dict[str, str]:
    """Addresses that a person set: whatever server speaks there stands in for the network."""
    return dict(settings.addresses)


def asked(address: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """The JSON answer of a twin's `/_twin/` path, to a POST when there is a body. No proxy carries
    it and no redirect is followed. SetupError for an address beyond this machine, OSError or
    ValueError where no twin answers."""
    with requests.Session() as session:
        guard(session, address, Mode.SANDBOX)
        answer = session.request(
            "GET" if body is None else "POST",
            f"{address}/_twin/{path}",
            json=body,
            timeout=10,
            allow_redirects=False,
        )
    if answer.status_code != 200:
        raise requests.HTTPError(f"{answer.status_code} of the twin's {path}")
    return answer.json()


def serving(network: Network, home: Path) -> dict[str, str]:
    """The addresses of a twin that already serves this home, or none."""
    try:
        said = dict(zip(SPOKEN[network], _file(network, home).read_text().split(), strict=True))
        if not all(map(loopback, said.values())):
            return {}
        asked(said[SPOKEN[network][-1]], "health")
    except (OSError, ValueError):
        return {}
    return said


def remember(network: Network, home: Path, addresses: Sequence[str]) -> dict[str, str]:
    """Tell other doors of this home where a twin answers; the same by the names of settings."""
    (home / "twin").mkdir(parents=True, exist_ok=True)
    _file(network, home).write_text(" ".join(addresses))
    return dict(zip(SPOKEN[network], addresses, strict=True))


def unset(network: Network, given: Mapping[str, str]) -> bool:
    """Whether nobody has said yet where the network answers."""
    return SPOKEN[network][0] not in given


def known(settings: Settings) -> dict[str, str]:
    """Configured addresses, and those of twins that run already; none in live mode, where the real
    hosts answer. SetupError for a configured address that does not belong to the mode."""
    check(settings)
    if settings.mode is Mode.LIVE:
        return {}
    given = configured(settings)
    for network in Network:
        if unset(network, given):
            given |= serving(network, settings.home)
    return given


@contextmanager
def twins(settings: Settings) -> Iterator[Twins]:
    """Every network's address: the configured one, a running twin's, or that of a twin which is
    started here and ended on exit. In live mode nothing is started: the real hosts answer."""
    given = known(settings)
    if settings.mode is Mode.LIVE:
        yield Twins(given)
        return
    missing = [network for network in Network if unset(network, given)]
    with ExitStack() as family:
        started = {n: family.enter_context(_process(n, settings.home)) for n in missing}
        for network, (process, errors) in started.items():
            said = (process.stdout.readline() if process.stdout else "").split()
            if len(said) != len(SPOKEN[network]):
                raise SetupError(
                    f"the {network} twin did not start: {_tail(errors)}", where="sandbox"
                )
            given |= remember(network, settings.home, said)
        yield Twins(given)


@contextmanager
def _process(network: Network, home: Path) -> Iterator[tuple["subprocess.Popen[str]", IO[bytes]]]:
    (home / "twin").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 our own module, fixed arguments
            command(network, home), cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            yield process, errors
        finally:
            process.terminate()
            process.wait(timeout=10)
            _file(network, home).unlink(missing_ok=True)


def _file(network: Network, home: Path) -> Path:
    return home / "twin" / f"{network}.address"


def _tail(stream: IO[bytes]) -> str:
    stream.seek(0, os.SEEK_SET)
    lines = stream.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
