"""The real SDK, unmodified, against the twin."""

import pytest
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.advideo import AdVideo
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession


def connected(twin, secret: str = "EMU-meta-app-secret") -> FacebookAdsApi:
    """The SDK sends an appsecret_proof with every request when it knows a secret."""
    session = FacebookSession("EMU-meta-app", secret, "EMU-meta", timeout=(3, 30))
    session.GRAPH, session.requests.trust_env = twin.url, False
    return FacebookAdsApi(session)


def test_the_sdks_own_proof_is_right(twin):
    """And the proof of another secret is refused."""
    assert connected(twin).call("GET", ("me",)).json()["id"] == "2000000009"
    with pytest.raises(FacebookRequestError) as refused:
        connected(twin, "other").call("GET", ("me",))
    assert refused.value.api_error_code() == 100


def test_the_sdk_uploads_a_video_and_reads_its_status(twin, tmp_path):
    """From a path, as its documentation has it."""
    film = tmp_path / "film.mp4"
    film.write_bytes(b"\x00\x00\x00\x18ftypmp42" + b"0" * 99)
    api = connected(twin)
    video = AdAccount("act_1000000002", api=api).create_ad_video(params={"source": str(film)})
    held = AdVideo(video["id"], api=api).api_get(fields=["status"])
    assert held["status"]["video_status"] == "ready"


def test_the_sdk_polls_a_report(twin):
    """get_insights(is_async=True) answers a job that is read when it is done."""
    ad = twin.ad(name="polled")
    twin.admin("clock", {"advance_hours": 24})
    account = AdAccount("act_1000000002", api=connected(twin))
    asked = {"level": "ad", "time_range": {"since": "2026-01-01", "until": "2028-01-01"}}
    job = account.get_insights(fields=["ad_id"], params=asked, is_async=True)
    looks = [job.api_get()["async_status"] for _ in range(2)]
    assert looks == ["Job Running", "Job Completed"]
    assert ad in {row["ad_id"] for row in job.get_result()}


def test_the_sdk_reads_what_is_wrong(twin):
    """Code and blamed field arrive in the SDK's exception."""
    account = AdAccount("act_1000000002", api=connected(twin))
    with pytest.raises(FacebookRequestError) as refused:
        account.create_ad_set(params={"name": "x", "job_titles": ["nurse"]})
    assert refused.value.api_error_code() == 100
    assert refused.value.api_blame_field_specs() == [["job_titles"]]
