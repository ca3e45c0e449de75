"""The adapter over the real SDK, against scripted answers on loopback."""

import sys
import traceback
from datetime import date

import pytest

from domain.errors import Ambiguous, NeedsReauth, Refused, Retryable, SetupError, Throttled
from domain.platform import AdPlatform, Mode
from resources.meta import platform

TOKEN = "EMU-secret-token"


def error(code, subcode=None, **more):
    inner = {"message": f"bad {TOKEN}", "code": code, "error_subcode": subcode, **more}
    return {"error": inner}


def test_the_adapter_keeps_the_contract_of_every_network(meta):
    """All verbs are there, and the SDK's import left the excepthook alone."""
    assert isinstance(meta, AdPlatform)
    assert not sys.excepthook.__module__.startswith("facebook")
    assert TOKEN not in repr(meta)


@pytest.mark.parametrize(
    ("code", "subcode", "status", "kind"),
    [
        (100, 2909034, 400, Refused),
        (368, None, 400, Refused),
        (10, None, 403, Refused),
        (190, 463, 400, NeedsReauth),
        (80004, None, 400, Throttled),
        (17, 2446079, 400, Throttled),
        (613, 1487632, 400, Throttled),
        (2, None, 500, Ambiguous),
        (1, None, 400, Ambiguous),
        (999, None, 503, Ambiguous),
    ],
)
def test_the_code_decides_what_a_write_may_do_next(meta, script, code, subcode, status, kind):
    """Each code of Meta becomes one domain error, and no text holds the token."""
    script.say(error(code, subcode), status)
    with pytest.raises(kind) as caught:
        meta.create("act_1", "campaign", {"name": "x"})
    assert type(caught.value) is kind
    shown = "".join(traceback.format_exception(caught.value))
    assert TOKEN not in shown


@pytest.mark.parametrize(("code", "status"), [(2, 500), (1, 400)])
def test_a_read_that_fails_in_passing_may_be_asked_again(meta, script, code, status):
    """Transient answers to a read are Retryable: a read changes nothing."""
    script.say(error(code), status)
    with pytest.raises(Retryable):
        meta.read("campaign", "1")


def test_a_dropped_answer_is_ambiguous_for_a_write_and_retryable_for_a_read(meta, script):
    """The connection closes after the request was read."""
    script.answers.append("drop")
    with pytest.raises(Ambiguous) as caught:
        meta.create("act_1", "campaign", {"name": "x"})
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    with pytest.raises(Retryable):
        meta.read("campaign", "1")


def test_a_connection_that_never_opened_is_retryable_even_for_a_write(tmp_path):
    """Nothing can have been sent to a port where nobody listens."""
    closed = platform(token=TOKEN, url="http://127.0.0.1:9", images=tmp_path)
    with pytest.raises(Retryable):
        closed.create("act_1", "campaign", {"name": "x"})


@pytest.mark.parametrize("page", ["<html>error 502</html>", "", "[]", "null"])
def test_a_page_that_is_no_answer_of_metas_is_ambiguous(meta, script, page):
    """The SDK trips over it; the adapter does not guess what happened."""
    script.say(page, 502)
    with pytest.raises(Ambiguous):
        meta.create("act_1", "campaign", {"name": "x"})


def test_throttling_waits_as_long_as_the_header_says(meta, script):
    """estimated_time_to_regain_access is in minutes."""
    usage = '{"1":[{"type":"ads_management","estimated_time_to_regain_access":3}]}'
    script.say(error(80004), 400, {"X-Business-Use-Case-Usage": usage})
    with pytest.raises(Throttled) as caught:
        meta.read("campaign", "1")
    assert caught.value.wait_s == 180


def test_a_refusal_names_the_field_to_change(meta, script):
    """blame_field_specs, a dict or a JSON string, becomes the mend."""
    blamed = '{"blame_field_specs": [["targeting", "age_max"]]}'
    script.say(error(100, 2909037, error_data=blamed, error_user_msg="No ages"), 400)
    with pytest.raises(Refused, match=r"No ages.*change targeting\.age_max"):
        meta.create("act_1", "adset", {"name": "x"})


def test_search_answers_are_narrowed_to_names_that_start_with_the_key(meta, script):
    """Meta's filter is "contains"; the oldest comes first."""
    rows = [
        {"id": "9", "name": "aa-k new", "created_time": "2026-11-24T10:00:00+0000"},
        {"id": "3", "name": "copy of aa-k", "created_time": "2026-11-23T10:00:00+0000"},
        {"id": "8", "name": "aa-k old", "created_time": "2026-11-24T09:00:00+0000"},
    ]
    script.say({"data": rows})
    assert meta.find("act_1", "campaign", "aa-k").ids == ("8", "9")


def test_reports_become_micros_link_clicks_and_one_kind_of_apply(meta, script):
    """0.07 EUR is 70,000 micros; variants of one event are not summed."""
    row = {
        "ad_id": "5",
        "date_start": "2026-11-20",
        "spend": "0.07",
        "impressions": "12",
        "clicks": "9",
        "inline_link_clicks": "4",
        "account_currency": "EUR",
        "conversions": [
            {"action_type": "submit_application_total", "value": "2"},
            {"action_type": "submit_application_website", "value": "2"},
        ],
    }
    script.say({"data": [row]})
    (got,) = meta.report("act_1", ["5"], date(2026, 11, 20), date(2026, 11, 20))
    assert (got.spend_micros, got.clicks, got.applies, got.impressions) == (70_000, 4, 2, 12)


def test_a_long_span_is_asked_in_pieces_of_28_days(meta, script):
    """Sixty days are three requests."""
    script.say({"data": []})
    meta.report("act_1", ["5"], date(2026, 1, 1), date(2026, 3, 1))
    assert len(script.requests) == 3


def test_no_ads_ask_nothing(meta, script):
    """An empty list of ads sends no request."""
    assert meta.report("act_1", [], date(2026, 1, 1), date(2026, 1, 2)) == []
    assert script.requests == []


@pytest.mark.parametrize(
    ("url", "token", "mode"),
    [
        ("https://graph.facebook.com", "EMU-1", Mode.SANDBOX),
        ("http://127.0.0.1:1", "EAAB-real", Mode.SANDBOX),
        ("http://127.0.0.1:1", "EAAB-real", Mode.LIVE),
        ("http://graph.facebook.com", "EAAB-real", Mode.LIVE),
        ("https://graph.facebook.com", "EMU-1", Mode.LIVE),
        ("http://10.0.0.1", "EMU-1", Mode.SANDBOX),
    ],
)
def test_host_token_and_mode_belong_together(tmp_path, url, token, mode):
    """Any mixture is refused before a request exists."""
    with pytest.raises(SetupError):
        platform(token=token, url=url, mode=mode, images=tmp_path)


def test_a_redirect_to_another_host_is_stopped(meta, script):
    """The guard sees every hop."""
    script.say("", 302, {"Location": "http://192.0.2.1/steal"})
    with pytest.raises(SetupError, match="was stopped"):
        meta.read("campaign", "1")


FILM = {"name": "n", "object_story_spec": {"page_id": "1", "video_data": {"video_id": "7"}}}


@pytest.mark.parametrize(
    ("held", "kind"),
    [
        ({"status": {"video_status": "processing"}}, Retryable),
        ({}, Retryable),
        ({"status": {"video_status": "ready"}}, Retryable),
        ({"status": {"video_status": "error"}, "picture": "https://x.example/a.jpg"}, Refused),
    ],
)
def test_a_video_that_meta_has_not_read_is_waited_for(meta, script, held, kind):
    """No creative is sent before the video is ready and has a still; one that failed is final."""
    script.say({"id": "7", **held})
    with pytest.raises(kind):
        meta.create("act_1", "creative", FILM)
    assert [method for method, _, _ in script.requests] == ["GET"]
