"""What each failure of Google allows next, over the real SDK against scripted answers."""

import logging
import traceback

import pytest

from domain.errors import Ambiguous, NeedsReauth, Refused, Retryable, SetupError, Throttled
from domain.platform import AdPlatform, Mode
from resources.google import platform

TOKEN = "EMU-secret-token"
CAMPAIGN = "customers/7000000001/campaigns/5"
BODY = {"mutate_operations": [{"campaign_operation": {"create": {"name": "aa-1 x"}}}]}


def create(google):
    return google.create("7000000001", "campaign", BODY)


def error(family, name, **more):
    return {"error_code": {family: name}, "message": f"bad {TOKEN}", **more}


@pytest.mark.parametrize(
    ("family", "name", "kind"),
    [
        ("authentication_error", "OAUTH_TOKEN_EXPIRED", NeedsReauth),
        ("authentication_error", "CUSTOMER_NOT_FOUND", Refused),
        ("authorization_error", "USER_PERMISSION_DENIED", Refused),
        ("quota_error", "RESOURCE_EXHAUSTED", Throttled),
        ("quota_error", "RESOURCE_TEMPORARILY_EXHAUSTED", Throttled),
        ("quota_error", "ACCESS_PROHIBITED", Refused),
        ("database_error", "CONCURRENT_MODIFICATION", Retryable),
        ("internal_error", "TRANSIENT_ERROR", Retryable),
        ("internal_error", "INTERNAL_ERROR", Ambiguous),
        ("campaign_error", "DUPLICATE_CAMPAIGN_NAME", Ambiguous),
        ("ad_group_error", "DUPLICATE_ADGROUP_NAME", Ambiguous),
        ("campaign_error", "HEC_AGREEMENT_REQUIRED", Refused),
        ("field_error", "REQUIRED", Refused),
    ],
)
@pytest.mark.parametrize("status", ["INVALID_ARGUMENT", "INTERNAL", "RESOURCE_EXHAUSTED"])
def test_the_code_decides_whatever_the_status(google, script, failure, family, name, kind, status):
    """Failures that the SDK does not unwrap are read too; no text and no log holds the token."""
    script.fail(status, f"see {TOKEN}", failure(error(family, name)))
    with pytest.raises(kind) as caught:
        create(google)
    assert type(caught.value) is kind and caught.value.__cause__ is None
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("status", "write", "read"),
    [
        ("UNAVAILABLE", Ambiguous, Retryable),
        ("DEADLINE_EXCEEDED", Ambiguous, Retryable),
        ("INTERNAL", Ambiguous, Retryable),
        ("UNKNOWN", Ambiguous, Retryable),
        ("CANCELLED", Ambiguous, Retryable),
        ("ABORTED", Retryable, Retryable),
        ("RESOURCE_EXHAUSTED", Throttled, Throttled),
        ("UNAUTHENTICATED", NeedsReauth, NeedsReauth),
        ("PERMISSION_DENIED", Refused, Refused),
        ("UNIMPLEMENTED", Refused, Refused),
    ],
)
def test_a_bare_status_is_ambiguous_when_something_may_have_happened(
    google, script, status, write, read
):
    """Without a failure attached only gRPC's status speaks; no text holds the token."""
    script.fail(status, f"Bearer {TOKEN} ya29.abc")
    with pytest.raises(write) as caught:
        create(google)
    shown = "".join(traceback.format_exception(caught.value))
    assert TOKEN not in shown and "ya29.abc" not in shown
    with pytest.raises(read):
        google.read("campaign", CAMPAIGN)


def test_nothing_was_sent_where_nobody_listens():
    """A connection that never opened is Retryable even for a write."""
    closed = platform(token=TOKEN, address="127.0.0.1:9")
    with pytest.raises(Retryable, match="failed to connect"):
        create(closed)


def test_the_delay_of_the_details_is_kept_for_every_process(address, script, failure):
    """retry_delay becomes the silence that the pace is told; the next call is not sent."""
    details = {"quota_error_details": {"retry_delay": "90s"}}
    limit = error("quota_error", "RESOURCE_TEMPORARILY_EXHAUSTED", details=details)
    script.fail("RESOURCE_EXHAUSTED", "slow", failure(limit))
    heeded = []

    class Pace:
        def check(self):
            if heeded:
                raise Throttled("silence", wait_s=heeded[0])

        def heed(self, wait_s):
            heeded.append(wait_s)

    google = platform(token=TOKEN, address=address, pace=Pace())
    for _ in range(2):
        with pytest.raises(Throttled):
            create(google)
    assert heeded == [90.0] and len(script.requests) == 1


def test_a_refusal_names_field_code_and_policy(google, script, failure):
    """The path of the field becomes the mend, the policy's topic is in the words."""
    steps = [{"field_name": "mutate_operations", "index": 0}, {"field_name": "campaign_operation"}]
    details = {"policy_finding_details": {"policy_topic_entries": [{"topic": "CLICKBAIT"}]}}
    found = error(
        "policy_finding_error",
        "POLICY_FINDING",
        details=details,
        location={"field_path_elements": steps},
    )
    script.fail(failure=failure(found))
    with pytest.raises(Refused, match="CLICKBAIT") as caught:
        create(google)
    assert caught.value.mend == "change mutate_operations[0].campaign_operation"


def test_a_policy_that_nobody_accepted_says_who_must(google, script, failure):
    """HEC_AGREEMENT_REQUIRED is mended by an administrator, not by another request."""
    script.fail(failure=failure(error("campaign_error", "HEC_AGREEMENT_REQUIRED")))
    with pytest.raises(Refused) as caught:
        create(google)
    assert "administrator" in caught.value.mend


def test_a_taken_name_is_ambiguous_only_for_what_creates(google, script, rows, failure):
    """A change that would take another object's name is refused."""
    script.fail(failure=failure(error("campaign_error", "DUPLICATE_CAMPAIGN_NAME")))
    with pytest.raises(Refused):
        google.activate("campaign", CAMPAIGN)


def test_a_failure_that_cannot_be_read_leaves_the_status(google, script):
    """Garbage in the trailing metadata is no answer."""
    script.fail("INTERNAL", "odd", b"\xff\xff\xff")
    with pytest.raises(Ambiguous, match="INTERNAL"):
        create(google)


@pytest.mark.parametrize(("status", "kind"), [("UNAVAILABLE", Retryable), ("INTERNAL", Throttled)])
def test_a_stream_that_breaks_is_no_short_answer(google, script, rows, part, failure, status, kind):
    """Rows that came before the failure are not taken for the whole."""
    limit = error("quota_error", "RESOURCE_TEMPORARILY_EXHAUSTED")
    attached = failure(limit) if kind is Throttled else None
    first = rows({"campaign": {"id": 1, "name": "aa", "resource_name": "c/1"}})
    script.say(part(first))
    script.fail(status, "gone", attached)
    with pytest.raises(kind):
        google.find("7000000001", "campaign", "aa")


def test_the_sdk_writes_no_request_into_a_log(google, script, failure, caplog):
    """At the finest level the SDK's own logger stays silent."""
    script.fail(failure=failure(error("field_error", "REQUIRED")))
    with caplog.at_level(logging.DEBUG), pytest.raises(Refused):
        create(google)
    assert TOKEN not in caplog.text and "aa-1" not in caplog.text


def test_the_token_arrives_and_no_developer_token_is_needed(address, script, made):
    """Bearer in the metadata; a developer token only where one is given."""
    script.say(made({"campaign_result": {"resource_name": CAMPAIGN}}))
    create(platform(token=TOKEN, address=address))
    create(platform(token=TOKEN, address=address, developer_token="EMU-dev"))
    assert [m["authorization"] for m in script.metadata] == [f"Bearer {TOKEN}"] * 2
    assert [m.get("developer-token") for m in script.metadata] == [None, "EMU-dev"]


def test_the_adapter_keeps_the_contract_of_every_network(google):
    """All verbs are there, and its repr shows no token."""
    assert isinstance(google, AdPlatform)
    assert TOKEN not in repr(google) and TOKEN not in repr(google.wire)


@pytest.mark.parametrize(
    ("address", "token", "mode"),
    [
        ("googleads.googleapis.com", "EMU-1", Mode.SANDBOX),
        ("10.0.0.1:50051", "EMU-1", Mode.SANDBOX),
        ("127.0.0.1:1", "ya29.real", Mode.SANDBOX),
        ("127.0.0.1:1", "ya29.real", Mode.LIVE),
        ("example.com", "ya29.real", Mode.LIVE),
        ("googleads.googleapis.com", "EMU-1", Mode.LIVE),
    ],
)
def test_host_token_and_mode_belong_together(address, token, mode):
    """Any mixture is refused before a channel exists."""
    with pytest.raises(SetupError):
        platform(token=token, address=address, mode=mode)


def test_a_sandbox_token_is_never_renewed_at_google(address):
    """The address of renewal is guarded like the other."""
    with pytest.raises(SetupError, match="oauth2"):
        platform(token=TOKEN, address=address, refresh_token="EMU-refresh")


def test_live_is_the_unmodified_client_at_google_itself():
    """No channel is opened and no token renewed before the first call."""
    from google.ads.googleads.client import GoogleAdsClient

    live = platform(token="ya29.real", mode=Mode.LIVE, refresh_token="1//real", client_id="id")
    assert type(live.wire.client) is GoogleAdsClient
    assert live.wire.client.endpoint == "googleads.googleapis.com"
    assert "real" not in repr(live)
