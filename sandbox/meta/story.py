"""What a creative may say: one story of a page, with a link or with a video."""

from collections.abc import Mapping
from typing import Any

from sandbox.meta import parameters
from sandbox.meta.errors import GraphError, missing
from sandbox.meta.media import Media
from sandbox.meta.world import Account

_WEB = ("http://", "https://")


def check(fields: Mapping[str, Any], account: Account, media: Media) -> None:
    """GraphError unless Graph would take the creative."""
    story = fields.get("object_story_spec")
    if not isinstance(story, dict):
        raise missing("object_story_spec")
    parameters.check_nested("object_story_spec", story)
    if str(story.get("page_id", "")) not in account.pages:
        raise GraphError("(#100) The page_id does not exist or may not be used", 100, 1443048)
    given = [kind for kind in ("link_data", "video_data") if kind in story]
    if len(given) != 1 or not isinstance(story[given[0]], dict):
        raise GraphError("(#100) object_story_spec needs link_data or video_data", 100, 1443048)
    data, path = story[given[0]], ("object_story_spec", given[0])
    parameters.check_nested(given[0], data, *path)
    if data.get("image_hash") and not media.has_image(account, str(data["image_hash"])):
        raise GraphError("(#100) The image hash does not exist in this account", 100, 1487411)
    if given[0] == "video_data":
        _video(data, account, media)
    elif not str(data.get("link", "")).startswith(_WEB):
        raise GraphError("(#100) link_data needs a valid link", 100, 1815520)
    if "call_to_action" in data:
        _button(data["call_to_action"], path)


def _video(data: Mapping[str, Any], account: Account, media: Media) -> None:
    if not media.has_video(account, str(data.get("video_id", ""))):
        raise GraphError(
            "(#100) The video does not exist in this account",
            100,
            1885252,
            blame=[["object_story_spec", "video_data", "video_id"]],
        )
    if not data.get("image_hash") and not data.get("image_url"):
        raise GraphError(
            "(#100) Please specify one of image_hash or image_url in the video_data field of "
            "object_story_spec",
            100,
            1443226,
            title="Your ad needs a video thumbnail",
            blame=[["object_story_spec", "video_data"]],
        )


def _button(button: Any, path: tuple[str, ...]) -> None:
    if not isinstance(button, dict) or button.get("type") not in parameters.CALLS_TO_ACTION:
        raise GraphError(
            "(#100) Param call_to_action[type] must be one of the types that Graph knows",
            blame=[[*path, "call_to_action", "type"]],
        )
    parameters.check_nested("call_to_action", button, *path, "call_to_action")
    link = (button.get("value") or {}).get("link")
    if link is not None and not str(link).startswith(_WEB):
        raise GraphError(
            "(#100) call_to_action needs a valid link",
            100,
            1815520,
            blame=[[*path, "call_to_action", "value", "link"]],
        )
