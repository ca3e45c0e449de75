"""What X answers, as what may be done next; scripted answers on loopback."""

import time
import traceback

import pytest

from domain.errors import Ambiguous, NeedsReauth, Refused, Retryable, SetupError, Throttled
from domain.platform import AdPlatform, Mode

SECRETS = ("EMU-secret-token", "EMU-token-secret", "EMU-x-app-secret")
CAMPAIGN = {"name": "aa-k", "entity_status": "PAUSED"}


def error(code, **more):
    return {"errors": [{"code": code, "message": f"bad {' '.join(SECRETS)}", **more}]}


def shown(caught):
    return "".join(traceback.format_exception(caught.value)) + repr(caught.value)


def test_the_adapter_keeps_the_contract_of_every_network_and_shows_no_secret(x):
    """All verbs are there; neither the adapter nor its client tells a key."""
    assert isinstance(x, AdPlatform)
    assert not any(secret in repr(x) + repr(x.client) for secret in SECRETS)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("INVALID_PARAMETER", 400, Refused),
        ("ACCOUNT_NOT_FOUND", 403, Refused),
        ("UNAUTHORIZED_CLIENT_APPLICATION", 403, Refused),
        ("UNAUTHORIZED_ACCESS", 401, NeedsReauth),
        (89, 401, NeedsReauth),
        ("TOO_MANY_REQUESTS", 429, Throttled),
        ("TWEET_RATE_LIMIT_EXCEEDED", 429, Throttled),
        ("INTERNAL_ERROR", 500, Ambiguous),
        ("OVER_CAPACITY", 503, Ambiguous),
        ("LOCK_ACQUISITION_TIMEOUT", 423, Ambiguous),
        ("CANCELLED_REQUEST", 408, Ambiguous),
        ("DUPLICATE_TWEET", 400, Ambiguous),
        (135, 401, Retryable),
    ],
)
def test_the_code_decides_what_a_write_may_do_next(x, script, code, status, kind):
    """Each code becomes one domain error, chained to nothing, and no text holds a secret."""
    script.say(error(code), status)
    with pytest.raises(kind) as caught:
        x.create("x1usd", "campaign", CAMPAIGN)
    assert type(caught.value) is kind and caught.value.__cause__ is None
    assert not any(secret in shown(caught) for secret in SECRETS)


@pytest.mark.parametrize(("code", "status"), [("INTERNAL_ERROR", 500), ("OVER_CAPACITY", 503)])
def test_a_read_that_fails_in_passing_may_be_asked_again(x, script, code, status):
    """A read changes nothing."""
    script.say(error(code), status)
    with pytest.raises(Retryable):
        x.read("campaign", "1")


def test_a_dropped_answer_is_ambiguous_for_a_write_and_retryable_for_a_read(x, script):
    """The connection closes after the request was read."""
    script.answers.append("drop")
    with pytest.raises(Ambiguous) as caught:
        x.create("x1usd", "campaign", CAMPAIGN)
    assert not any(secret in shown(caught) for secret in SECRETS)
    with pytest.raises(Retryable):
        x.read("campaign", "1")


def test_a_connection_that_never_opened_is_retryable_even_for_a_write(connect):
    """Nothing can have been sent to a port where nobody listens."""
    with pytest.raises(Retryable):
        connect(address="http://127.0.0.1:9").create("x1usd", "campaign", CAMPAIGN)


@pytest.mark.parametrize("status", [200, 302, 502])
@pytest.mark.parametrize("page", ["<html>error</html>", "", "[]", "null"])
def test_a_page_that_is_no_answer_of_xs_is_ambiguous(x, script, page, status):
    """A proxy answered; nobody knows what X did. No redirect is followed."""
    script.say(page, status, {"Location": "http://192.0.2.1/steal"} if status == 302 else None)
    with pytest.raises(Ambiguous):
        x.create("x1usd", "campaign", CAMPAIGN)


def test_a_failed_batch_is_refused_in_the_words_of_its_items(x, script):
    """Items' errors stand apart from the request's, one list for each item; either status."""
    body = {
        "data": [],
        "operation_errors": [
            [],
            [{"code": "INVALID_PARAMETER", "message": "No place", "parameter": "targeting_value"}],
        ],
    }
    for status in (400, 200):
        script.answers.clear()
        script.say(body, status)
        operations = [{"operation_type": "Create", "params": {"line_item_id": "l"}}]
        with pytest.raises(Refused, match=r"No place.*change targeting_value"):
            x.create("x1usd", "targeting", {"operations": operations})


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"x-account-rate-limit-reset": 300, "x-rate-limit-reset": 900}, 300),
        ({"x-rate-limit-reset": 900}, 900),
        ({"retry-after": "7"}, 7),
        ({}, 60),
        (
            {
                "x-account-rate-limit-remaining": "5",
                "x-account-rate-limit-reset": 100,
                "x-rate-limit-remaining": "0",
                "x-rate-limit-reset": 400,
            },
            400,
        ),
    ],
)
def test_a_throttle_lasts_until_the_window_ends(x, script, pace, headers, wait_s):
    """The account's own limit first, unless it has calls left; all processes hear of it."""
    now = int(time.time())
    told = {k: str(v + now) if k.endswith("-reset") else v for k, v in headers.items()}
    script.say(error("TOO_MANY_REQUESTS"), 429, told)
    with pytest.raises(Throttled) as caught:
        x.read("campaign", "1")
    assert caught.value.wait_s == pytest.approx(wait_s, abs=3)
    assert pace.heeded == [caught.value.wait_s]


def test_the_last_call_of_a_window_is_answered_and_then_there_is_silence(x, script, pace):
    """Nothing remains: the answer is good, and the next call waits."""
    spent = {
        "x-account-rate-limit-remaining": "0",
        "x-account-rate-limit-reset": str(int(time.time()) + 100),
        "x-rate-limit-remaining": "9000",
    }
    script.say({"data": {"id": "1", "entity_status": "PAUSED"}}, 200, spent)
    assert x.read("campaign", "1").status == "PAUSED"
    assert pace.heeded == [pytest.approx(100, abs=3)]


def test_questions_about_no_account_do_not_silence_the_account(x, script, pace):
    """X may allow five lookups of places in fifteen minutes; posting goes on."""
    spent = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(time.time()) + 900)}
    script.say({"data": []}, 200, spent)
    x.lookup("location", {"q": "Berlin", "country_code": "DE", "location_type": "CITIES"})
    assert pace.heeded == []


def test_an_overloaded_network_is_left_alone_as_long_as_it_asks(x, script, pace):
    """503 with retry-after: a read is throttled, a write is looked for after the silence."""
    script.say(error("OVER_CAPACITY"), 503, {"retry-after": "30"})
    with pytest.raises(Throttled):
        x.read("campaign", "1")
    with pytest.raises(Ambiguous):
        x.create("x1usd", "campaign", CAMPAIGN)
    assert pace.heeded == [30, 30]


def test_nothing_is_sent_while_the_account_is_silent(x, script, pace):
    """The pace is asked before each request."""
    pace.silent = Throttled("silence", wait_s=5)
    with pytest.raises(Throttled):
        x.read("campaign", "1")
    assert script.requests == []


@pytest.mark.parametrize(
    ("address", "token", "key", "mode"),
    [
        ("https://ads-api.x.com", "EMU-1:s", "EMU-app", Mode.SANDBOX),
        ("http://127.0.0.1:1", "real:s", "EMU-app", Mode.SANDBOX),
        ("http://127.0.0.1:1", "EMU-1:s", "real", Mode.SANDBOX),
        ("http://127.0.0.1:1", "EMU-1", "EMU-app", Mode.SANDBOX),
        ("http://127.0.0.1:1", "real:s", "real", Mode.LIVE),
        ("https://ads-api.x.com", "real:s", "EMU-app", Mode.LIVE),
        ("http://ads-api.x.com", "real:s", "real", Mode.LIVE),
    ],
)
def test_host_keys_and_mode_belong_together(connect, address, token, key, mode):
    """Any mixture, or half a token, is refused before a request exists."""
    with pytest.raises(SetupError):
        connect(address=address, token=token, consumer_key=key, mode=mode)


def test_live_uploads_and_ads_have_a_guarded_host_each(connect):
    """Neither session reaches the other's host, nor any third."""
    live = connect(token="real:s", mode=Mode.LIVE, consumer_key="real", consumer_secret="s").client
    strangers = {"https://upload.x.com": live.session, "https://ads-api.x.com": live._media_session}
    for stranger, session in strangers.items():
        with pytest.raises(SetupError, match="was stopped"):
            session.get(f"{stranger}/12/accounts")
