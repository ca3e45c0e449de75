from concurrent.futures import ThreadPoolExecutor

import pytest
from google.ads.googleads.errors import GoogleAdsException
from google.api_core.exceptions import (
    DeadlineExceeded,
    InternalServerError,
    ResourceExhausted,
    ServiceUnavailable,
)


def count(twin, name: str) -> int:
    return len(twin.search(f"SELECT campaign.id FROM campaign WHERE campaign.name = '{name}'"))


def plan(twin, where: str, kind: str, **more) -> None:
    twin.admin("faults", {"where": where, "kind": kind, "method": "Mutate", **more})


def test_an_answer_lost_after_the_commit_leaves_one_campaign(twin):
    """UNAVAILABLE; the query finds it; a second sending is a duplicate."""
    plan(twin, "after", "drop")
    with pytest.raises(ServiceUnavailable):
        twin.mutate(*twin.bundle("lost"))
    assert count(twin, "lost") == 1
    assert twin.refused(*twin.bundle("lost"))[0][1] == "DUPLICATE_CAMPAIGN_NAME"
    assert count(twin, "lost") == 1


def test_a_request_lost_on_its_way_does_nothing(twin):
    """The same UNAVAILABLE, and no campaign."""
    plan(twin, "before", "drop")
    with pytest.raises(ServiceUnavailable):
        twin.mutate(*twin.bundle("unsent"))
    assert count(twin, "unsent") == 0


@pytest.mark.parametrize(
    ("more", "raised"),
    [
        ({"status": 500}, InternalServerError),
        ({"status": 503}, ServiceUnavailable),
        ({"detail": {"grpc": "RESOURCE_EXHAUSTED"}}, ResourceExhausted),
    ],
)
def test_a_status_before_or_after(twin, more, raised):
    """What is refused before is not made; what fails after is."""
    for where, there in (("before", 0), ("after", 1)):
        name = f"{where}-{raised.__name__}-{len(more.get('detail', {}))}"
        plan(twin, where, "status", **more)
        with pytest.raises(raised):
            twin.mutate(*twin.bundle(name))
        assert count(twin, name) == there


def test_too_many_requests_bare_and_with_a_quota_error(twin):
    """The client leaves RESOURCE_EXHAUSTED raw; the failure lies in the trailing metadata."""
    for detail in ({}, {"quota": "RESOURCE_TEMPORARILY_EXHAUSTED", "retry_delay_s": 7}):
        plan(twin, "before", "throttle", detail=detail)
        with pytest.raises(ResourceExhausted) as caught:
            twin.mutate(*twin.bundle("throttled"))
        keys = [key for key, _ in caught.value.errors[0].trailing_metadata()]
        assert any(key.endswith("googleadsfailure-bin") for key in keys) == bool(detail)
    assert count(twin, "throttled") == 0


def test_a_failure_of_googles_own_can_be_planted(twin):
    """Any error of v26 by its family and name."""
    detail = {"error": "database_error.CONCURRENT_MODIFICATION"}
    plan(twin, "before", "status", status=409, detail=detail)
    with pytest.raises(GoogleAdsException) as caught:
        twin.mutate(*twin.bundle("planted"))
    code = caught.value.failure.errors[0].error_code
    assert code.database_error.name == "CONCURRENT_MODIFICATION"


def test_a_silence_outlasts_the_client(twin):
    """The deadline passes, and the campaign is made all the same. The silence is ten times as long:
    a client on a busy machine looks at its clock late."""
    plan(twin, "after", "stall", seconds=3)
    service, request = twin.service("GoogleAdsService"), twin.request(*twin.bundle("silent"))
    with pytest.raises(DeadlineExceeded):
        service.mutate(request, timeout=0.3)
    assert count(twin, "silent") == 1


def test_what_was_answered_outlives_a_kill(tmp_path, start_twin):
    """kill -9 loses nothing: the campaign and the clock are there."""
    process, twin = start_twin(tmp_path)
    twin.make("kept")
    now = twin.admin("clock", {"advance_hours": 5})["now"]
    process.kill()
    process.wait()
    _, twin = start_twin(tmp_path)
    assert count(twin, "kept") == 1
    assert twin.admin("clock")["now"] == now


def test_hundreds_of_calls_are_answered(twin):
    """Many clients at once, none of them dropped."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: twin.make(f"many-{i}"), range(200)))
    assert all(count(twin, f"many-{i}") == 1 for i in range(0, 200, 20))
