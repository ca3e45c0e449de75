"""Uploads by API v1.1, and how long they last."""

from typing import Any

import requests

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


def _upload(x, **more):
    return requests.post(
        f"{x.url}/1.1/media/upload.json",
        files={"media": ("a.png", PNG)},
        data={"media_category": "TWEET_IMAGE", **more},
        auth=x.auth,
        timeout=20,
    ).json()


def test_chunks_become_one_upload(x):
    """INIT, APPEND out of order, FINALIZE, STATUS; sizes that do not add up are refused."""
    url, video = f"{x.url}/1.1/media/upload.json", b"\0\0\0\x18ftypmp42" + b"v" * 5000

    def send(**more: Any) -> requests.Response:
        files = {"media": more.pop("media")} if "media" in more else None
        return requests.post(url, data=more, files=files, auth=x.auth, timeout=20)

    begun = send(
        command="INIT",
        total_bytes=len(video),
        media_type="video/mp4",
        media_category="amplify_video",
    ).json()["media_id_string"]
    assert (
        send(command="APPEND", media_id=begun, segment_index=1, media=video[3000:]).status_code
        == 204
    )
    assert send(command="FINALIZE", media_id=begun).status_code == 400
    assert (
        send(command="APPEND", media_id=begun, segment_index=0, media=video[:3000]).status_code
        == 204
    )
    done = send(command="FINALIZE", media_id=begun).json()
    assert done["media_key"].startswith("13_") and done["size"] == len(video)
    told = requests.get(
        url, params={"command": "STATUS", "media_id": begun}, auth=x.auth, timeout=20
    )
    assert told.json()["processing_info"]["state"] == "succeeded"


def test_upload_has_a_key_only_with_a_category_and_expires_after_a_day(x):
    """media_key comes with media_category; an upload lives for 24 hours outside the library."""
    told = _upload(x)
    assert told["expires_after_secs"] == 86_400
    plain = requests.post(
        f"{x.url}/1.1/media/upload.json", files={"media": ("a.png", PNG)}, auth=x.auth, timeout=20
    ).json()
    assert "media_key" not in plain
    x.admin("clock", {"advance_hours": 25})
    assert x.post("media_library", media_key=told["media_key"]).status_code == 404
