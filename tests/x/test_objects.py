"""How objects of X are found, made and read; scripted answers on loopback."""

import json

import pytest

from domain.errors import Refused

ACCOUNT = "x1usd"


def test_a_search_keeps_what_lives_and_begins_with_the_key_from_all_pages(x, script):
    """X ignores case and pages; the oldest comes first."""
    old, new = "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"
    script.page(
        {"id": "b", "name": "aa-k new", "created_at": new},
        {"id": "c", "name": "AA-K other", "created_at": old},
        cursor="n",
    )
    script.page(
        {"id": "a", "name": "aa-k old", "created_at": old},
        {"id": "d", "name": "aa-k gone", "created_at": old, "deleted": True},
    )
    assert x.find(ACCOUNT, "line_item", "aa-k", parent="c1").ids == ("a", "b")
    asked = [script.sent(n)[2] for n in (0, 1)]
    assert asked[0]["campaign_ids"] == "c1" and asked[1]["cursor"] == "n"


def test_posts_are_sought_among_those_that_are_ads_only(x, script):
    """Long numbers stay exact because X names them by a string; smaller ones are older."""
    rows = [{"id_str": i, "id": int(i), "name": "aa-k"} for i in ("1790000000000000001", "99")]
    script.page(*rows)
    assert x.find(ACCOUNT, "tweet", "aa-k").ids == ("99", "1790000000000000001")
    assert (
        script.sent()[2].items() >= {"timeline_type": "NULLCAST", "tweet_type": "PUBLISHED"}.items()
    )


def test_lists_and_flags_are_written_as_x_spells_them(x, script):
    """A signed form, not JSON: places joined by commas, true in small letters."""
    script.say({"data": {"id": "l1"}})
    body = {"name": "aa-k é&+", "placements": ["A", "B"], "flag": True, "money": 5}
    assert x.create(ACCOUNT, "line_item", body).id == "l1"
    verb, path, form, _ = script.sent()
    assert (verb, path) == ("POST", "/12/accounts/x1usd/line_items")
    assert form == {"name": "aa-k é&+", "placements": "A,B", "flag": "true", "money": "5"}


def test_a_card_is_made_from_json_and_goes_by_its_uri(x, script):
    """Cards take no form."""
    script.say({"data": {"id": "1", "card_uri": "card://1"}})
    body = {"name": "aa-k", "components": [{"type": "MEDIA", "media_key": "3_1"}]}
    assert x.create(ACCOUNT, "card", body).id == "card://1"
    assert json.loads(script.sent()[3]) == body


def test_a_post_reads_as_it_was_written(x, script):
    """X shortens links and escapes &, < and >."""
    row = {
        "id_str": "7",
        "name": "aa-k",
        "nullcast": True,
        "user": {"id_str": "30"},
        "card_uri": "card://1",
        "full_text": "R&amp;D &lt;now&gt; &amp;amp; more\nhttps://t.co/a",
        "entities": {
            "urls": [{"url": "https://t.co/a", "expanded_url": "https://example.com/1?a=b"}]
        },
    }
    script.page(row)
    assert x.read("tweet", "7").fields == {
        "name": "aa-k",
        "text": "R&D <now> &amp; more\nhttps://example.com/1?a=b",
        "as_user_id": "30",
        "nullcast": True,
        "card_uri": "card://1",
    }


def test_a_deleted_object_says_that_it_is_gone(x, script):
    """Any status but ACTIVE and PAUSED means so."""
    script.say(
        {
            "data": {
                "id": "1",
                "entity_status": "ACTIVE",
                "deleted": True,
                "reasons_not_servable": ["DELETED"],
            }
        }
    )
    held = x.read("campaign", "1")
    assert held.status == "DELETED" and held.issues == ("DELETED",)


def test_zero_clears_a_field(x, script):
    """X takes nothing for nothing."""
    script.say({"data": {"id": "l1", "entity_status": "PAUSED"}})
    x.update("line_item", "l1", {"end_time": 0, "daily_budget_amount_local_micro": 5})
    assert script.sent()[:2] == ("PUT", "/12/accounts/x1usd/line_items/l1")
    assert script.sent()[3] == b"end_time=&daily_budget_amount_local_micro=5"


def test_what_never_changes_is_not_sent(x, script):
    """Posts and cards of X are made anew."""
    with pytest.raises(Refused, match="never changes"):
        x.update("card", "card://1", {"name": "b"})
    assert script.requests == []


def test_a_picture_is_uploaded_for_the_poster_and_named_by_content(x, script, tmp_path):
    """The upload, which the signature does not cover, then an entry in the library."""
    (tmp_path / "ab.png").write_bytes(b"\x89PNG")
    script.page({"user_id": "30", "promotable_user_type": "FULL"})
    script.say({"media_id_string": "9", "media_key": "3_9"})
    script.say({"data": {"media_key": "3_9"}})
    assert x.create(ACCOUNT, "image", {"name": "ab.png"}).id == "3_9"
    _, path, _, body = script.sent(1)
    assert path == "/1.1/media/upload.json" and b'name="additional_owners"\r\n\r\n30' in body
    assert script.sent()[2] == {"media_key": "3_9", "name": "ab.png"}


def test_a_video_goes_in_chunks_and_is_waited_for(connect, url, script, tmp_path):
    """INIT, APPEND, FINALIZE, STATUS as long as X says, by a clock that is not ours."""
    slept = []
    x = connect(address=url, sleep=slept.append)
    (tmp_path / "ab.mp4").write_bytes(b"0" * (4 * 2**20 + 1))
    known = {"media_id_string": "9", "media_key": "13_9"}
    script.page({"user_id": "30", "promotable_user_type": "FULL"})
    script.say({"media_id_string": "9"})
    script.say("")
    script.say("")
    script.say(known | {"processing_info": {"state": "pending", "check_after_secs": 3}})
    script.say({"processing_info": {"state": "succeeded"}})
    script.say({"data": {"media_key": "13_9"}})
    assert x.create(ACCOUNT, "image", {"name": "ab.mp4"}).id == "13_9"
    assert [verb for verb, _, _ in script.requests] == ["GET", *["POST"] * 4, "GET", "POST"]
    assert slept == [3]


def test_a_file_that_is_not_stored_is_refused(x, script):
    """Nothing is sent for it but the question who posts."""
    script.page({"user_id": "30", "promotable_user_type": "FULL"})
    with pytest.raises(Refused, match="not stored here"):
        x.create(ACCOUNT, "image", {"name": "ab.png"})


def test_another_account_is_not_spoken_for(x, script):
    """A connection is for one account."""
    with pytest.raises(Refused, match="speaks for account x1usd"):
        x.find("x1eur", "campaign", "aa-k")
