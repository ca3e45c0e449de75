"""Images, named by their content, and videos."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any

from sandbox.meta import parameters
from sandbox.meta.errors import GraphError
from sandbox.meta.state import State
from sandbox.meta.world import Account

IMAGE_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
MOST_IMAGE = 30 * 1024 * 1024
MOST_VIDEO = 1024 * 1024 * 1024
READY = {"video_status": "ready", "processing_progress": 100}


class Media:
    def __init__(self, state: State) -> None:
        self._state = state

    def image(self, account: Account, given: Mapping[str, Any]) -> dict[str, Any]:
        """A file of any field's name, or base64 in `bytes`; the same bytes are the same image."""
        name, data = _image(given)
        if not data.startswith(IMAGE_STARTS):
            raise GraphError("(#100) The image file is not a supported format", 100, 1487242)
        if len(data) > MOST_IMAGE:
            raise GraphError("(#100) The image file is too large", 100, 1487411)
        digest = hashlib.md5(data).hexdigest()  # noqa: S324 the length that the network's have
        object_id = f"{account.id.removeprefix('act_')}:{digest}"
        if self._state.get(object_id) is None:
            fields = {"hash": digest, "name": name, "status": "ACTIVE"}
            self._state.add("image", account.id, fields, object_id)
        url = f"https://scontent.example/{digest}"
        return {"images": {name: {"hash": digest, "url": url}}}

    def has_image(self, account: Account, digest: str) -> bool:
        return self._state.get(f"{account.id.removeprefix('act_')}:{digest}") is not None

    def video(self, account: Account, given: Mapping[str, Any]) -> dict[str, Any]:
        """One file in `source`. Each upload is a video of its own, unlike images."""
        parameters.check("create", "video", given)
        if given.get("file_url"):
            raise GraphError("Unable to fetch video file from URL.", 389)
        source = given.get("source")
        if not isinstance(source, dict) or not source.get("data"):
            raise GraphError("(#100) No video file: source is required", 100, 1363026)
        data = source["data"]
        if len(data) > MOST_VIDEO:
            raise GraphError("(#100) The video file is too large", 100, 1363023)
        # An ISO base media file (MP4, MOV) names its brand from the fifth byte on.
        if data[4:8] not in (b"ftyp", b"moov", b"mdat", b"wide"):
            raise GraphError("(#352) The video file is not a supported format", 352, 1363024)
        title = str(given.get("title") or given.get("name") or source["filename"])
        fields = {
            "name": title,
            "title": title,
            "description": given.get("description"),
            "size": len(data),
            "published": False,
        }
        return {"id": self._state.add("video", account.id, fields)}

    def has_video(self, account: Account, video_id: str) -> bool:
        stored = self._state.get(video_id)
        return stored is not None and stored.kind == "video" and stored.account == account.id


def _image(given: Mapping[str, Any]) -> tuple[str, bytes]:
    files = [v for v in given.values() if isinstance(v, dict) and "data" in v]
    if files:
        return str(files[0]["filename"]), files[0]["data"]
    if "bytes" not in given:
        raise GraphError("(#100) One of filename or bytes is required")
    try:
        data = base64.b64decode(str(given["bytes"]), validate=True)
    except (binascii.Error, ValueError):
        raise GraphError("(#100) bytes is not base64") from None
    return str(given.get("name", "bytes")), data
