import pytest

from sandbox.meta import insights

SPAN = {"since": "2026-01-01", "until": "2028-01-01"}


@pytest.fixture(scope="module")
def ran(twin):
    """Two ads over six days."""
    ads = [twin.ad(name=f"report-{i}") for i in range(2)]
    twin.admin("clock", {"advance_hours": 24 * 6})
    return ads


def rows(twin, path, **params):
    answer = twin.get(path, time_range=SPAN, limit=500, **params).json()
    return answer["data"]


def test_a_job_must_be_polled_before_it_is_read(twin, ran):
    """Running, then completed; its rows are those of the synchronous report."""
    asked = {"fields": "ad_id,impressions,spend", "time_increment": 1, "level": "ad"}
    begun = twin.post("act_1000000002/insights", time_range=SPAN, **asked).json()
    job = begun["report_run_id"]
    assert twin.get(job).json()["async_status"] == "Job Running"
    assert twin.get(f"{job}/insights").json()["error"]["code"] == 2601
    assert twin.get(job).json()["async_percent_completion"] == 100
    read = twin.get(f"{job}/insights", limit=500).json()["data"]
    assert read and read == rows(twin, "act_1000000002/insights", **asked)


def test_only_applies_are_restated_and_only_upwards(twin, ran):
    """Impressions, clicks and spend of a past day stand; its applies grow for three days, then
    stand too."""
    fields = "impressions,clicks,inline_link_clicks,spend,conversions"
    seen = []
    for _ in range(6):
        found = rows(twin, ran[0] + "/insights", fields=fields, time_increment=1)
        seen.append({r["date_start"]: r for r in found})
        twin.admin("clock", {"advance_hours": 24})
    day = sorted(seen[0])[-2]
    told = [held[day] for held in seen]
    applies = [int(r.get("conversions", [{"value": 0}])[0]["value"]) for r in told]
    assert applies == sorted(applies) and applies[3] == applies[-1]
    fixed = [{k: v for k, v in r.items() if k != "conversions"} for r in told]
    assert all(r == fixed[0] for r in fixed)


def test_levels_add_up(twin, ran):
    """What ads spent is what their campaigns and the account spent."""

    def total(level):
        found = rows(twin, "act_1000000002/insights", level=level, fields="spend,impressions")
        return sum(int(r["impressions"]) for r in found)

    assert total("ad") == total("adset") == total("campaign") == total("account") > 0


def test_a_report_can_be_filtered_by_ad(twin, ran):
    """Only the ads that were named."""
    filtering = [{"field": "ad.id", "operator": "IN", "value": ran[:1]}]
    found = rows(twin, "act_1000000002/insights", level="ad", fields="ad_id", filtering=filtering)
    assert {r["ad_id"] for r in found} == set(ran[:1])


@pytest.mark.parametrize(("currency", "said"), [("EUR", "12.34"), ("HUF", "1234"), ("JPY", "1234")])
def test_spend_is_said_in_major_units(currency, said):
    """Budgets of currencies such as the forint are counted in whole units."""
    row = {"spend": 1234, "impressions": 1, "clicks": 0, "inline_link_clicks": 0, "applies": 0}
    row |= {"date_start": "2026-01-01", "date_stop": "2026-01-01"}
    assert insights._shown(row, ["spend"], currency)["spend"] == said
