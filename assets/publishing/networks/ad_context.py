"""All that the arms of one ad share on one account, whatever the network."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from domain.job_ad import JobAd
from domain.money import EXPONENT

Body = dict[str, Any]
_MARK = re.compile(r"\s*[(\[][^)\]]*[)\]]")


@dataclass(frozen=True, slots=True)
class Brief:
    """`ids` are those that only the account knows ("page", "funding_instrument",
    "promotable_user"), or {"$id": name} where nobody asked it yet; `media` is
    "<sha256>.<extension>" of a stored picture or video or ""; `timezone` is the account's."""

    job_ad: JobAd
    account_id: str
    timezone: str
    media: str
    countries: tuple[str, ...]
    place: str
    dsa: Mapping[str, Any]
    ids: Mapping[str, Any] = field(default_factory=dict)

    def id(self, name: str) -> Any:
        return self.ids.get(name, {"$id": name})

    @property
    def title(self) -> str:
        return " ".join(self.job_ad.title.split())

    @property
    def plain_title(self) -> str:
        """Without what stands in brackets: "(m/w/d)", "(part time)"."""
        return _MARK.sub("", self.title).strip() or self.title

    @property
    def file(self) -> str:
        """The kind that the stored file is: "image", "video" or "" without one."""
        return "" if not self.media else "video" if self.media.endswith(".mp4") else "image"

    def files(self) -> dict[str, Body]:
        """The file as a body by kind, named by its content."""
        return {self.file: {"name": self.media}} if self.media else {}

    def tags(self, network: str, medium: str, arm: str) -> str:
        """Query of the link: tells network, ad and arm, never a posting's key."""
        return urlencode(
            {
                "utm_source": network,
                "utm_medium": medium,
                "utm_campaign": str(self.job_ad.id),
                "utm_content": arm,
            }
        )

    def link(self, network: str, medium: str, arm: str) -> str:
        parts = urlsplit(self.job_ad.target_url)
        query = "&".join(filter(None, (parts.query, self.tags(network, medium, arm))))
        return urlunsplit(parts._replace(query=query))


def micros(minor: int, currency: str) -> int:
    """Minor units as 10⁻⁶ of a major one."""
    return int(minor * 10 ** (6 - EXPONENT[currency]))
