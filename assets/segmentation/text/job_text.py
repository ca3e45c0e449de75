"""The words of one ad as segmentation reads them: plain, and with personal data masked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assets.segmentation.text.normalization import ad_text, plain
from assets.segmentation.text.redaction import redact


@dataclass(frozen=True, slots=True)
class JobText:
    """The words of one ad, redacted and plain."""

    job_key: str
    title: str
    description: str
    location: str = ""
    team_id: str = ""

    @property
    def text(self) -> str:
        """What is embedded and hashed for the ad."""
        return ad_text(self.title, self.description)


def job_text(
    job_key: str, title: str, description: str, location: str = "", team_id: str = ""
) -> JobText:
    """An ad from the words that a person wrote.

    >>> job_text("1", "<b>Cook</b>", "Write to jane@example.org").text
    'Cook\\nWrite to [EMAIL]'
    """
    return JobText(job_key, _masked(title), _masked(description), plain(location), team_id)


def stored_job_text(row: Mapping[str, Any]) -> JobText:
    """An ad from its `job_ads` row, whose `text` is redacted and whose `title` is as written."""
    return JobText(
        row["job_id"], _masked(row["title"]), row["text"], plain(row["location"]), row["team_id"]
    )


def _masked(text: str) -> str:
    return redact(plain(text), kind="ad").text
