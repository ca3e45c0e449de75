"""Whether a host belongs to a team's domain, by the bundled public suffix list (offline)."""

from functools import cache
from typing import Any


@cache
def _suffixes() -> Any:
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None)


def same_site(host: str, domain: str) -> bool:
    """Equal registrable domains: jobs.acme.co.uk and www.acme.co.uk are one site.

    >>> same_site("jobs.acme.co.uk", "www.acme.co.uk"), same_site("acme.co.uk", "other.co.uk")
    (True, False)
    """
    return _registrable(host) == _registrable(domain)


def _registrable(address: str) -> str:
    """The registrable domain; under an unknown ending the last two labels, as the list's own
    default rule says; for localhost and numbers the host itself."""
    parts = _suffixes()(address)
    if parts.suffix or parts.ipv4 or parts.ipv6 or not parts.subdomain:
        return str(parts.top_domain_under_public_suffix or parts.domain).lower()
    return f"{parts.subdomain.rsplit('.', 1)[-1]}.{parts.domain}".lower()
