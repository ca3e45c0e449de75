import pytest

REASON = {"Discrimination": "Job ads may not ask for an age."}


def status(twin, ad: str) -> str:
    return twin.get(ad, fields="effective_status").json()["effective_status"]


def plant(twin, ad: str, decision: str = "DISAPPROVED") -> dict:
    return twin.admin("review", {"id": ad, "decision": decision, "reasons": REASON})


def test_a_planted_decision_shows_when_the_half_hour_is_over(twin):
    """Pending first, then disapproved, with the network's words for it."""
    ad = twin.ad(name="refused")
    plant(twin, ad)
    assert status(twin, ad) == "PENDING_REVIEW"
    twin.admin("clock", {"advance_hours": 0.51})
    held = twin.get(ad, fields="effective_status,ad_review_feedback,issues_info,status").json()
    assert (held["effective_status"], held["status"]) == ("DISAPPROVED", "ACTIVE")
    assert held["ad_review_feedback"] == {"global": REASON}
    assert held["issues_info"][0]["error_message"] == REASON["Discrimination"]


def test_without_a_decision_an_ad_is_approved(twin):
    """And has no feedback."""
    ad = twin.ad(name="fine")
    twin.admin("clock", {"advance_hours": 0.51})
    held = twin.get(ad, fields="effective_status,ad_review_feedback,issues_info").json()
    assert held == {"id": ad, "effective_status": "ACTIVE"}


def test_a_new_creative_is_reviewed_anew(twin):
    """What was decided about the old one is void."""
    ad, other = twin.ad(name="mended"), twin.ad(name="other", message="Nurse wanted")
    plant(twin, ad)
    twin.admin("clock", {"advance_hours": 1})
    creative = twin.get(other, fields="creative").json()["creative"]["id"]
    assert twin.post(ad, creative={"creative_id": creative}).json() == {"success": True}
    assert status(twin, ad) == "PENDING_REVIEW"
    twin.admin("clock", {"advance_hours": 0.51})
    assert status(twin, ad) == "ACTIVE"


def test_a_disapproved_ad_stops_spending(twin):
    """From the decision on there is no delivery, until another decision lifts it."""
    ad = twin.ad(name="stopped")
    twin.admin("clock", {"advance_hours": 24})
    assert plant(twin, ad)["effective"] == "DISAPPROVED"
    before = twin.days(ad)
    assert before
    twin.admin("clock", {"advance_hours": 48})
    assert [d["spend"] for d in twin.days(ad)] == [d["spend"] for d in before]
    plant(twin, ad, "APPROVED")
    twin.admin("clock", {"advance_hours": 48})
    assert len(twin.days(ad)) > len(before)


@pytest.mark.parametrize("body", [{"id": "1", "decision": "DISAPPROVED"}, {"decision": "NO"}])
def test_only_ads_are_reviewed(twin, body):
    """An unknown ad or decision is an error, not a silent success."""
    assert "error" in twin.admin("review", body)


def test_a_paused_ad_is_reviewed_before_it_is_paused(twin):
    """PENDING_REVIEW, then the status that was chosen for it."""
    ad = twin.ad(name="waits", status="PAUSED")
    assert status(twin, ad) == "PENDING_REVIEW"
    twin.admin("clock", {"advance_hours": 0.51})
    assert status(twin, ad) == "PAUSED"
