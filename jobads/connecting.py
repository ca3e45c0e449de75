"""`jobads connect`: a person logs in at the network, and what it gives is stored sealed."""

import webbrowser
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from domain.errors import InputError, NotFound
from domain.networks import FACTS
from domain.platform import Network
from resources.files.images import Images
from resources.oauth.callback import HOST, PATH, listening, pasted
from resources.oauth.flow import Choice, Flow, Grant, StartedLogin, belongs
from resources.operations.records import Connection
from resources.operations.store import OperationsStore
from resources.platforms import connect as adapter
from resources.settings import Settings

PORT = 8477
"""Networks want the callback's address registered, so that it stays the same."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Way:
    """How the person and the network's page meet."""

    paste: bool = False
    browser: bool = True
    port: int = PORT
    timeout_s: float = 300.0


def log_in(flow: Flow, way: Way, say: Say, read: Callable[[], str]) -> Grant:
    """The person's grant. `read` gives the line that was pasted."""
    if way.paste:
        opened = flow.start(_elsewhere(flow.network, way.port))
        say(f"Open this address in any browser:\n\n{opened.address}\n")
        say(_wanted(flow.network))
        return flow.finish(opened, pasted(read(), opened.proof, opened.state))
    with listening(way.port) as callback:
        opened = flow.start(callback.address)
        callback.expect(partial(belongs, opened))
        _show(opened, way, say)
        return flow.finish(opened, callback.wait(way.timeout_s))


def _show(opened: StartedLogin, way: Way, say: Say) -> None:
    opens = way.browser and webbrowser.open(opened.address)
    say("Your browser shows the network's page." if opens else "Open this address in a browser:")
    say(f"\n{opened.address}\n")


def _elsewhere(network: Network, port: int) -> str:
    """Some show a PIN; the others send the browser to an address that need not answer."""
    return "oob" if FACTS[network].shows_pin else f"http://{HOST}:{port}{PATH}"


def _wanted(network: Network) -> str:
    if FACTS[network].shows_pin:
        return "Then paste the PIN that it shows:"
    return "Then paste the address that it leads to (a page that does not load is fine):"


def store_connection(
    store: OperationsStore,
    settings: Settings,
    team: UUID,
    flow: Flow,
    grant: Grant,
    *,
    account: str | None,
    face: str | None,
    ask: Callable[[str, Sequence[Choice]], str],
) -> Connection:
    """Choose the account and whom its ads are shown by, try them, and store the connection.

    `ask(option, choices)` decides between several. Nothing is stored when the network does not let
    us advertise there."""
    facts = FACTS[flow.network]
    found = facts.account_id(account) if account else ""
    found = found or _one("account", flow.accounts(grant), ask)
    faces = flow.faces(grant, found)
    if face and face not in {choice.id for choice in faces}:
        raise NotFound(f"{face} is none of {_listed(faces)}", where=found)
    shown = face or (_one("page", faces, ask) if faces else "")
    if facts.face and not shown:
        raise NotFound(
            f"ads on {facts.title} are a {facts.face}'s, and the grant reaches none",
            where=found,
            mend=f"connect again, and allow a {facts.face}",
        )
    made = Connection(
        team,
        flow.network,
        found,
        shown,
        "active",
        tuple(flow.scopes(grant, found)),
        grant.expires_at,
        grant.token,
        grant.refresh_token,
    )
    adapter(made, settings, Images(settings.home / "images", settings.mode)).verify(found)
    store.connections.connect(
        team,
        flow.network,
        found,
        grant.token,
        refresh_token=grant.refresh_token,
        platform_user_id=shown,
        token_expires_at=grant.expires_at,
        scopes=made.scopes,
    )
    return made


def several(option: str, choices: Sequence[Choice]) -> str:
    """For who cannot be asked: names what may be chosen."""
    raise InputError(f"there are several: {_listed(choices)}", mend=f"choose with --{option} ID")


def _one(
    option: str, choices: Sequence[Choice], ask: Callable[[str, Sequence[Choice]], str]
) -> str:
    if not choices:
        raise NotFound(f"the grant reaches no {option}", mend="log in as who may advertise there")
    return choices[0].id if len(choices) == 1 else ask(option, choices)


def _listed(choices: Sequence[Choice]) -> str:
    return ", ".join(f"{c.id} ({c.name})" if c.name else c.id for c in choices) or "nothing"
