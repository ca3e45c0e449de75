"""OAuth 1.0a (RFC 5849): what a request was signed as, and whether the signature is good."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

_NEEDED = (
    "oauth_consumer_key",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_timestamp",
)
METHOD = "HMAC-SHA1"
# X refuses timestamps that are far from its own clock; the reach is assumed.
REACH_SECONDS = 900


class BadSignature(Exception):
    """Why a request is not believed."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it was signed. `pairs`: query and form, decoded; never JSON or multipart."""

    method: str
    url: str
    pairs: tuple[tuple[str, str], ...]
    oauth: Mapping[str, str]

    @property
    def token(self) -> str:
        return self.oauth.get("oauth_token", "")

    def check(self, consumer_secret: str, token_secret: str, seconds: float) -> None:
        """BadSignature unless it was signed with these two secrets at about this time."""
        for name in _NEEDED:
            if not self.oauth.get(name):
                raise BadSignature(f"{name} is missing")
        if self.oauth["oauth_signature_method"] != METHOD:
            raise BadSignature(f"only {METHOD} is served")
        if self.oauth.get("oauth_version", "1.0") != "1.0":
            raise BadSignature("oauth_version is 1.0")
        stamp = self.oauth["oauth_timestamp"]
        if not stamp.isdigit() or abs(int(stamp) - seconds) > REACH_SECONDS:
            raise BadSignature("Timestamp out of bounds.")
        key = f"{_encoded(consumer_secret)}&{_encoded(token_secret)}".encode()
        wanted = base64.b64encode(hmac.new(key, self._base().encode(), hashlib.sha1).digest())
        if not hmac.compare_digest(wanted, self.oauth["oauth_signature"].encode()):
            raise BadSignature("Could not authenticate you.")

    def _base(self) -> str:
        """The text that is signed (RFC 5849, 3.4.1)."""
        left_out = ("oauth_signature", "realm")
        all_pairs = [*self.pairs, *((k, v) for k, v in self.oauth.items() if k not in left_out)]
        encoded = sorted((_encoded(k), _encoded(v)) for k, v in all_pairs)
        joined = "&".join(f"{k}={v}" for k, v in encoded)
        return f"{self.method.upper()}&{_encoded(self.url)}&{_encoded(joined)}"


def signed(
    method: str, scheme: str, host: str, path: str, pairs: Iterable[tuple[str, str]], header: str
) -> Signed:
    """A request's signed form; BadSignature without an OAuth header.

    `host` is as it was sent, `path` still percent-encoded.
    """
    kind, _, rest = header.partition(" ")
    if kind.casefold() != "oauth":
        raise BadSignature("Bad Authentication data.")
    oauth = {}
    for part in rest.split(","):
        name, found, value = part.strip().partition("=")
        if not found:
            raise BadSignature("Bad Authentication data.")
        oauth[unquote(name)] = unquote(value.strip().strip('"'))
    return Signed(method, f"{scheme}://{_plain(scheme, host)}{path}", tuple(pairs), oauth)


def _plain(scheme: str, host: str) -> str:
    """Lower case and without the scheme's own port."""
    port = {"http": ":80", "https": ":443"}.get(scheme, "")
    return host.lower().removesuffix(port) if port else host.lower()


def _encoded(text: str) -> str:
    return quote(text, safe="-._~")
