"""Uploading a stored picture or video to X and naming it in the account's media library.

An upload alone shows nothing and expires after a day, so one whose answer was lost may be sent
again; only the entry in the library lasts, and it is found by its name.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from domain.errors import Refused, Retryable
from resources.shared_rate_limits import bounded
from resources.x.client import AdsClient, data

UPLOAD = "media/upload"
CATEGORIES = {"png": "tweet_image", "jpg": "tweet_image", "gif": "tweet_gif", "mp4": "tweet_video"}
TYPES = {"mp4": "video/mp4"}
CHUNK = 4 * 2**20  # X takes up to 5 MiB at once
POLLS, POLL_S, LONGEST_POLL_S = 60, 5.0, 60.0


def create(
    client: AdsClient, account: str, path: Path, owner: str, sleep: Callable[[float], None]
) -> str:
    """The media key of `path` ("<sha256>.<extension>") once it lies in the library; `owner` is the
    user that posts will be made for."""
    suffix = path.suffix.lstrip(".")
    if suffix not in CATEGORIES:
        raise Refused(f"X takes no .{suffix} file", where=path.name)
    if not path.is_file():
        raise Refused(f"{path.name} is not stored here", mend="accept the plan again")
    known = {"media_category": CATEGORIES[suffix], "additional_owners": owner}
    if suffix in TYPES:
        uploaded = _chunked(client, path, {**known, "media_type": TYPES[suffix]}, sleep)
    else:
        file = {"media": (path.name, path.read_bytes())}
        uploaded = _upload(client, params=known, files=file)
    answer = client.ask(
        "POST",
        f"accounts/{account}/media_library",
        "create media",
        params={"media_key": _told(uploaded, "media_key"), "name": path.name},
    )
    return str(data(answer, "X create media", writes=True)["media_key"])


def _chunked(
    client: AdsClient, path: Path, asked: Mapping[str, Any], sleep: Callable[[float], None]
) -> Mapping[str, Any]:
    """INIT, APPEND and FINALIZE, then STATUS until X has read the file."""
    size = path.stat().st_size
    begun = _upload(client, params={"command": "INIT", "total_bytes": size, **asked})
    media = {"media_id": _told(begun, "media_id_string")}
    for index, chunk in enumerate(_chunks(path)):
        part = {"command": "APPEND", **media, "segment_index": index}
        client.ask(
            "POST", UPLOAD, "upload", params=part, files={"media": (path.name, chunk)}, writes=False
        )
    known = {**begun, **_upload(client, params={"command": "FINALIZE", **media})}
    for _ in range(POLLS):
        doing = known.get("processing_info") or {"state": "succeeded"}
        if doing["state"] == "succeeded":
            return known
        if doing["state"] == "failed":
            raise Refused(f"X cannot read {path.name}", where="X upload", mend="give another file")
        sleep(_poll_s(doing))
        known |= client.ask("GET", UPLOAD, "upload", params={"command": "STATUS", **media})
    raise Retryable(f"X has not read {path.name} yet", where="X upload")


def _poll_s(doing: Mapping[str, Any]) -> float:
    """Seconds until X wants to be asked again; ours where it names none that can be waited."""
    try:
        told = float(doing.get("check_after_secs", POLL_S))
    except (TypeError, ValueError, OverflowError):
        return POLL_S
    return min(bounded(told) or POLL_S, LONGEST_POLL_S)


def _upload(client: AdsClient, **sent: Any) -> Mapping[str, Any]:
    return client.ask("POST", UPLOAD, "upload", writes=False, **sent)


def _told(answer: Mapping[str, Any], name: str) -> str:
    if name not in answer:
        raise Retryable(f"X names no {name}", where="X upload")
    return str(answer[name])


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
