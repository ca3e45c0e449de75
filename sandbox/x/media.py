"""Uploads by API v1.1, simple or in chunks, and the account's media library. Only digests of the
content are kept."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sandbox.x.consent import Refused
from sandbox.x.errors import XError
from sandbox.x.lists import Body, stored_page
from sandbox.x.parameters import Field, read, shown
from sandbox.x.state import State, Stored
from sandbox.x.world import Account

_SCHEMA = """
CREATE TABLE IF NOT EXISTS chunks (
    media TEXT NOT NULL, segment INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (media, segment));
"""
LIFE = timedelta(hours=24)
MOST_IMAGE, MOST_VIDEO = 5 << 20, 512 << 20
# By content: the first bytes, the offset they stand at, the type, and the key's first part.
_KINDS = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png", "3"),
    (b"\xff\xd8\xff", 0, "image/jpeg", "3"),
    (b"GIF8", 0, "image/gif", "16"),
    (b"WEBP", 8, "image/webp", "3"),
    (b"ftyp", 4, "video/mp4", "13"),
)
_LIST = {
    "count": Field("int"),
    "cursor": Field(),
    "media_type": Field(values=("GIF", "IMAGE", "VIDEO")),
    "q": Field(most=255),
    "media_keys": Field("list", most=50),
    "with_deleted": Field("bool"),
}
_ADD = {
    "media_key": Field(required=True),
    "description": Field(most=200),
    "file_name": Field(most=255),
    "name": Field(most=100),
    "poster_media_key": Field(),
    "title": Field(most=70),
}


class Media:
    """An upload is an object without an account; in the library it has one."""

    def __init__(self, state: State) -> None:
        self._state = state
        state.prepare(_SCHEMA)

    def upload(self, method: str, given: Mapping[str, Any], data: bytes | None) -> Body | None:
        """media/upload.json; None where it answers without a body. Refused: as v1.1 words it."""
        command = str(given.get("command") or "").upper()
        if method == "GET" and command == "STATUS":
            return self._told(self._upload(given))
        if method != "POST":
            raise Refused(86, "The requested method is not supported.", 405)
        if data is None and given.get("media_data"):
            data = _decoded(str(given["media_data"]))
        if command == "INIT":
            return self._begin(given)
        if command == "APPEND":
            self._append(given, data)
            return None
        if command == "FINALIZE":
            return self._finish(given)
        if command or data is None:
            raise Refused(38, "media parameter is missing.", 400)
        return self._told(self._keep(data, given))

    def page(self, account: Account, given: Mapping[str, Any]) -> Body:
        asked = read(given, _LIST)
        also: list[tuple[str, Any]] = []
        if asked.get("media_type"):
            also.append(("json_extract(fields, '$.media_type') = ?", asked["media_type"]))
        if asked.get("q"):
            named = "coalesce(json_extract(fields, '$.file_name'), '')"
            title = "coalesce(json_extract(fields, '$.title'), '')"
            also.append(
                (
                    f"instr(lower(name || ' ' || {named} || ' ' || {title}), ?) > 0",
                    str(asked.pop("q")).lower(),
                )
            )
        if asked.get("media_keys") is not None:
            asked["ids"] = [key.partition("_")[2] for key in asked["media_keys"]]
        return stored_page(
            self._state,
            "media",
            account.id,
            asked,
            self.show,
            ids="ids",
            also=also,
            most=50,
            usual=20,
        )

    def create(self, account: Account, given: Mapping[str, Any]) -> Body:
        """Take an upload into the library; once there it does not expire."""
        fields = read(given, _ADD)
        stored = self.find(account.id, str(fields["media_key"]))
        if stored is None:
            raise XError("MEDIA_NOT_FOUND", f"no media {fields['media_key']}", "media_key")
        with self._state.change():
            self._state.rows("UPDATE objects SET account = ? WHERE seq = ?", account.id, stored.seq)
            kept = self._state.replace(stored, {**stored.fields, **fields})
        return {"data": self.show(kept)}

    def delete(self, stored: Stored) -> Body:
        return {"data": self.show(self._state.replace(stored, stored.fields, deleted=True))}

    def find(self, account: str, media_key: str) -> Stored | None:
        """Media of the account's library, or an upload that is not a day old."""
        stored = self._state.get("media", media_key.partition("_")[2])
        if stored is None or stored.deleted or stored.fields.get("media_key") != media_key:
            return None
        fresh = stored.account == "" and self._state.now() < stored.created + LIFE
        return stored if stored.account == account or fresh else None

    def show(self, stored: Stored) -> Body:
        fields = stored.fields
        return {
            name: fields.get(name)
            for name in (
                "name",
                "file_name",
                "media_category",
                "media_key",
                "media_type",
                "title",
                "description",
                "poster_media_key",
            )
        } | {
            "tweeted": False,
            "media_url": f"https://pbs.twimg.com/media/{stored.id}",
            "media_status": "TRANSCODE_COMPLETED",
            "created_at": shown(stored.created),
            "updated_at": shown(stored.updated),
            "deleted": stored.deleted,
        }

    def _begin(self, given: Mapping[str, Any]) -> Body:
        total = str(given.get("total_bytes") or "")
        if not total.isdigit() or not given.get("media_type"):
            raise Refused(38, "total_bytes and media_type are needed.", 400)
        fields = {"total_bytes": int(total), "media_category": given.get("media_category")}
        return self._told(self._state.add("media", "", fields))

    def _append(self, given: Mapping[str, Any], data: bytes | None) -> None:
        stored, segment = self._upload(given), str(given.get("segment_index", ""))
        if data is None or not segment.isdigit() or "digest" in stored.fields:
            raise Refused(38, "media and segment_index are needed, before FINALIZE.", 400)
        self._state.rows(
            "INSERT OR REPLACE INTO chunks VALUES (?, ?, ?)", stored.id, int(segment), data
        )

    def _finish(self, given: Mapping[str, Any]) -> Body:
        stored = self._upload(given)
        if "digest" in stored.fields:
            return self._told(stored)
        rows = self._state.rows(
            "SELECT data FROM chunks WHERE media = ? ORDER BY segment", stored.id
        )
        data = b"".join(row[0] for row in rows)
        if len(data) != stored.fields["total_bytes"]:
            raise Refused(324, "Segments do not add up to provided total file size.", 400)
        with self._state.change():
            self._state.rows("DELETE FROM chunks WHERE media = ?", stored.id)
            category = stored.fields.get("media_category")
            return self._told(self._state.replace(stored, _facts(stored.id, data, category)))

    def _keep(self, data: bytes, given: Mapping[str, Any]) -> Stored:
        category = given.get("media_category")
        _kind(data)
        with self._state.change():
            stored = self._state.add("media", "", {})
            return self._state.replace(stored, _facts(stored.id, data, category))

    def _upload(self, given: Mapping[str, Any]) -> Stored:
        stored = self._state.get("media", str(given.get("media_id") or ""))
        if stored is None or self._state.now() >= stored.created + LIFE:
            raise Refused(324, "Invalid media id", 400)
        return stored

    def _told(self, stored: Stored) -> Body:
        left = stored.created + LIFE - self._state.now()
        told: Body = {
            "media_id": int(stored.id),
            "media_id_string": stored.id,
            "expires_after_secs": int(left.total_seconds()),
        }
        fields = stored.fields
        if "digest" not in fields:
            return told
        told |= {"size": fields["size"]}
        if fields.get("media_category"):
            told["media_key"] = fields["media_key"]
        if fields["media_type"] == "VIDEO":
            done = {"state": "succeeded", "progress_percent": 100}
            told |= {"video": {"video_type": fields["mime"]}, "processing_info": done}
        else:
            told["image"] = {"image_type": fields["mime"], "w": 1200, "h": 628}
        return told


def _facts(media_id: str, data: bytes, category: Any) -> Body:
    mime, prefix = _kind(data)
    video = mime.startswith("video")
    return {
        "digest": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "mime": mime,
        "media_type": "VIDEO" if video else "GIF" if mime == "image/gif" else "IMAGE",
        "media_category": str(category) if category else None,
        "media_key": f"{prefix}_{media_id}",
    }


def _kind(data: bytes) -> tuple[str, str]:
    for mark, at, mime, prefix in _KINDS:
        if data[at : at + len(mark)] == mark:
            most = MOST_VIDEO if mime.startswith("video") else MOST_IMAGE
            if len(data) > most:
                raise Refused(324, f"File size exceeds {most} bytes.", 400)
            return mime, prefix
    raise Refused(324, "The type of the media is not supported.", 400)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Refused(324, "media_data is no base64.", 400) from None
