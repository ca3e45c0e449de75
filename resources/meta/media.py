"""Stored pictures and videos on Meta: found by their content's name, uploaded, shown as a still.

Pictures with the same bytes get the same hash, however often they are sent. Each upload of a video
is a video of its own, so its title tells the content and a second one is looked for first.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from domain.errors import Refused, Retryable
from resources.meta.pages import rows


def find(account: Any, account_id: str, kind: str, name: str) -> list[Mapping[str, Any]]:
    """Rows with `id`, `name` and, for videos, their age; called inside the adapter's guard."""
    if kind == "image":
        cursor = account.get_ad_images(fields=["hash", "name"], params={"name": name})
        images = rows(cursor, account_id, "find image")
        return [{"id": row["hash"], "name": row["name"]} for row in images]
    fields = ["id", "title", "created_time"]
    cursor = account.get_ad_videos(fields=fields, params={"title": name})
    videos = rows(cursor, account_id, "find video")
    return [{**row.export_all_data(), "name": row["title"]} for row in videos]


def upload(api: Any, account: Any, kind: str, path: Path) -> str:
    """The hash of a picture, the id of a video."""
    if kind == "image":
        return str(account.create_ad_image(params={"filename": str(path)})["hash"])
    with path.open("rb") as file:
        answer = api.call(
            "POST",
            (account.get_id_assured(), "advideos"),
            params={"title": path.name},
            files={"source": (path.name, file)},
        )
    return str(answer.json()["id"])


def stored(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise Refused(f"{name} is not stored here", mend="accept the plan again")
    return path


def film(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a creative says of its video, if it has one and no still picture of its own."""
    told: Mapping[str, Any] = body.get("object_story_spec", {}).get("video_data", {})
    still = "image_hash" in told or "image_url" in told
    return None if not told or still else told


def with_still(body: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    """The creative with the picture that Meta took from its video; Retryable until Meta has read
    the video, Refused when it cannot."""
    story = body["object_story_spec"]
    where = f"video {story['video_data']['video_id']}"
    status = str((held.get("status") or {}).get("video_status", ""))
    if status == "error":
        raise Refused("Meta cannot read the video", where=where, mend="give another file")
    if status != "ready" or not held.get("picture"):
        raise Retryable(f"Meta has not read the video yet ({status or 'no status'})", where=where)
    told = {**story["video_data"], "image_url": held["picture"]}
    return {**body, "object_story_spec": {**story, "video_data": told}}
