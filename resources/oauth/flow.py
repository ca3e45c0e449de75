"""How a person lets us act for an advertising account: one shape for three networks."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from domain.errors import InputError
from domain.platform import Network

Answer = Mapping[str, str]
"""The parameters with which the browser came back."""

DECLINED = frozenset({"denied", "error"})


@dataclass(frozen=True, slots=True)
class StartedLogin:
    """A dialog that was started: the `address` that a person opens, and what proves that an answer
    belongs to it: its parameter `proof` is `state`. `secret` is PKCE's verifier, or the secret of
    X's request token."""

    address: str = field(repr=False)
    redirect: str
    proof: str
    state: str = field(repr=False)
    secret: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a network gave; a token without `expires_at` does not expire."""

    token: str = field(repr=False)
    refresh_token: str | None = field(repr=False, default=None)
    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    user_id: str = ""


class Choice(NamedTuple):
    """An advertising account, or whom its ads are shown by."""

    id: str
    name: str


class Flow(Protocol):
    """SetupError, InputError and the PlatformError family; no secret in any of their texts."""

    @property
    def network(self) -> Network: ...

    def start(self, redirect: str) -> StartedLogin:
        """`redirect` is where the network sends the browser back to."""
        ...

    def finish(self, opened: StartedLogin, answer: Answer) -> Grant:
        """`answer` are the parameters that came back; InputError when they are not `opened`'s."""
        ...

    def debug(self, token: str) -> Grant | None:
        """What the network says of a token now, or None where it says nothing; NeedsReauth when the
        token is not valid any more."""
        ...

    def accounts(self, grant: Grant) -> Sequence[Choice]:
        """The advertising accounts that the grant reaches."""
        ...

    def scopes(self, grant: Grant, account_id: str) -> Sequence[str]:
        """What the grant allows."""
        ...

    def faces(self, grant: Grant, account_id: str) -> Sequence[Choice]:
        """Whom ads of the account are shown by: pages on Meta, users on X; none on Google."""
        ...


def belongs(opened: StartedLogin, answer: Answer) -> bool:
    """Whether an answer is this dialog's own; equal time for each wrong one."""
    given = answer.get(opened.proof) or answer.get("denied") or ""
    return hmac.compare_digest(given.encode(), opened.state.encode())


def granted(opened: StartedLogin, answer: Answer, name: str) -> str:
    """The parameter `name` (the code, the verifier) of an answer that belongs to the dialog.

    >>> opened = StartedLogin("https://meta.example", "http://localhost:8477", "state", "s3cret")
    >>> granted(opened, {"state": "s3cret", "code": "c1"}, "code")
    'c1'
    >>> granted(opened, {"state": "another", "code": "c1"}, "code")
    Traceback (most recent call last):
        ...
    domain.errors.InputError: this answer belongs to another dialog - run jobads connect again
    """
    if not belongs(opened, answer):
        raise InputError("this answer belongs to another dialog", mend="run jobads connect again")
    if DECLINED & answer.keys():
        raise InputError("the access was declined", mend="run jobads connect again, and allow it")
    if not answer.get(name):
        raise InputError(f"the answer has no {name}", mend="paste the whole address")
    return answer[name]
