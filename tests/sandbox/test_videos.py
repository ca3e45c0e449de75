import json

import pytest

MOVIE = b"\x00\x00\x00\x18ftypmp42" + b"0" * 100
LINK = {"type": "APPLY_NOW", "value": {"link": "https://jobs.example/1"}}


@pytest.fixture
def video(twin) -> str:
    return twin.upload("advideos", "source", "film.mp4", MOVIE, title="Film").json()["id"]


def creative(twin, **data):
    story = {"page_id": "2000000001", "video_data": data}
    return twin.post("act_1000000002/adcreatives", name="v", object_story_spec=story)


def test_an_uploaded_video_is_ready(twin, video):
    """Its status, title and thumbnail can be read, and it is listed by name."""
    held = twin.get(video, fields="status,title,picture").json()
    assert held["status"]["video_status"] == "ready" and held["title"] == "Film"
    named = [{"field": "name", "operator": "CONTAIN", "value": "Film"}]
    rows = twin.get("act_1000000002/advideos", filtering=named, fields="title").json()["data"]
    assert video in {row["id"] for row in rows}


@pytest.mark.parametrize("data", [b"not a film", b"\x89PNG\r\n\x1a\n" + b"0" * 40])
def test_what_is_no_video_is_refused(twin, data):
    """By its content, whatever its name says."""
    answer = twin.upload("advideos", "source", "film.mp4", data)
    assert answer.json()["error"]["code"] == 352


def test_a_video_creative_makes_an_ad_that_delivers(twin, video):
    """Video, thumbnail, button, text: accepted, and its words are what people react to."""
    made = creative(
        twin,
        video_id=video,
        image_url="https://jobs.example/i.png",
        call_to_action=LINK,
        message="Nurse: patients, hospital, clinical care",
        title="Nurse",
    ).json()["id"]
    adset = twin.adset(twin.campaign(status="ACTIVE"), status="ACTIVE").json()["id"]
    ad = twin.make("ads", name="v", adset_id=adset, creative={"creative_id": made}, status="ACTIVE")
    told = twin.admin(f"expected/{ad}")
    assert told["clicks"] > twin.admin(f"expected/{twin.ad(message='Come and join')}")["clicks"]


@pytest.mark.parametrize(
    ("change", "subcode"),
    [({"image_url": None}, 1443226), ({"video_id": "1"}, 1885252), ({"image_hash": "0"}, 1487411)],
)
def test_a_video_creative_needs_its_video_and_a_thumbnail(twin, video, change, subcode):
    """Each omission has its own subcode."""
    whole = {"video_id": video, "image_url": "https://jobs.example/i.png", "call_to_action": LINK}
    given = {k: v for k, v in {**whole, **change}.items() if v is not None}
    assert creative(twin, **given).json()["error"]["error_subcode"] == subcode


def test_a_button_is_one_that_meta_has(twin, video):
    """An unknown type is blamed."""
    image = "https://jobs.example/i.png"
    answer = creative(twin, video_id=video, image_url=image, call_to_action={"type": "HIRE_ME"})
    blame = json.loads(answer.json()["error"]["error_data"])["blame_field_specs"]
    assert blame == [["object_story_spec", "video_data", "call_to_action", "type"]]
