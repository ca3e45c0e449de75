"""From rows of text to drafts: each bad row says which field breaks which rule."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.money import Money
from domain.platform import Network


def test_a_row_becomes_a_draft(good_row, write, read):
    """Money is whole, times are UTC, the long text defaults to the short one."""
    (ad,) = read(write([good_row])).good
    assert ad.budget_daily == Money(1550, "EUR") and type(ad.budget_daily.minor) is int
    assert ad.schedule_start == datetime(2026, 3, 1, 9, tzinfo=UTC) and ad.schedule_end is None
    assert (ad.description_long, ad.platforms) == ("Cooks food.", frozenset({Network.META}))


BAD = {
    "NaN budget": ({"budget_daily": "NaN"}, "budget_daily", "not a finite"),
    "infinite budget": ({"budget_daily": "inf"}, "budget_daily", "not a finite"),
    "budget in words": ({"budget_daily": "ten"}, "budget_daily", "not an amount"),
    "budget in thirds": ({"budget_daily": "1.005"}, "budget_daily", "more decimals"),
    "negative budget": ({"budget_daily": "-5"}, "budget_daily", "below zero"),
    "tiny budget": ({"budget_daily": "0.99"}, "budget_daily", "at least 1.00 EUR"),
    "huge budget": ({"budget_daily": "1e999999999"}, "budget_daily", ""),
    "no budget": ({"budget_daily": ""}, "budget_daily", "is empty"),
    "unknown currency": ({"budget_daily": "5 DOGE"}, "budget_daily", "not known"),
    "end before start": ({"schedule_end": "2026-02-01T00:00:00Z"}, "schedule_end", "not after"),
    "no zone": ({"schedule_start": "2026-03-01T09:00:00"}, "schedule_start", "no time zone"),
    "no time": ({"schedule_start": "tomorrow"}, "schedule_start", "not an ISO 8601"),
    "year one": ({"schedule_start": "0001-01-01T00:00:00+14:00"}, "schedule_start", "not an ISO"),
    "http": ({"target_url": "http://acme.example"}, "target_url", "https://"),
    "javascript": ({"target_url": "javascript:alert(1)"}, "target_url", "https://"),
    "broken url": ({"target_url": "https://[half"}, "target_url", "https://"),
    "password in url": ({"target_url": "https://u:p@acme.example"}, "target_url", "password"),
    "endless url": ({"target_url": "https://a.example/" + "x" * 3000}, "target_url", "at most"),
    "http picture": ({"creative_asset_url": "http://a.example/1.png"}, "creative_asset_url", ""),
    "long title": ({"title": "x" * 101}, "title", "at most 100"),
    "empty title": ({"title": "   "}, "title", "is empty"),
    "title of tags": ({"title": "<p></p>"}, "title", "is empty"),
    "long short text": ({"description_short": "x" * 281}, "description_short", "at most 280"),
    "a megabyte": ({"description_long": "x" * 1_000_000}, "description_long", "at most 100000"),
    "two megabytes of tags": ({"description_long": "<p>" * 700_000}, "description_long", "at most"),
    "no network": ({"platforms": ""}, "platforms", "name any of"),
    "unknown network": ({"platforms": "meta,tiktok"}, "platforms", "tiktok"),
    "long place": ({"location": "x" * 301}, "location", "at most 300"),
    "NUL": ({"location": "Ber\x00lin"}, "location", "NUL"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_named_and_the_good_ones_are_kept(good_row, write, read, name):
    """Line, field and rule; the rows around it stay."""
    change, field, rule = BAD[name]
    first, last = good_row, good_row | {"title": "Baker"}
    full = {"schedule_end": "", "creative_asset_url": "", "description_long": ""}
    rows = read(write([full | first, full | first | change, full | last]))
    assert [ad.title for ad in rows.good] == ["Cook", "Baker"]
    (fault,) = rows.faults
    assert (fault.line, fault.field) == (3, field) and rule in fault.rule
    assert len(str(fault)) < 300


def test_every_broken_field_of_a_row_is_named_at_once(good_row, write, read):
    """Nobody wants to mend a file one field at a time."""
    row = good_row | {"budget_daily": "NaN", "platforms": "", "schedule_start": "x"}
    fields = [fault.field for fault in read(write([row])).faults]
    assert fields == ["platforms", "schedule_start", "budget_daily"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<p>Cook <b>well</b> &amp; fast</p><script>x()</script>", "Cook well & fast"),
        ("<ul><li>One<li>Two</ul>", "One\nTwo"),
        ("Knows C++ <string> and a < b", "Knows C++ <string> and a < b"),
        ("Research &amp; development", "Research & development"),
        ("👩‍🍳 Köchin – שלום طبّاخ", "👩‍🍳 Köchin – שלום طبّاخ"),
    ],
)
def test_html_becomes_text_and_text_stays(good_row, write, read, given, kept):
    """Tags go, words stay; emoji and right-to-left letters are words."""
    (ad,) = read(write([good_row | {"description_long": given}])).good
    assert ad.description_long == kept


def test_the_same_file_gives_the_same_ads(good_row, write, read):
    """Identity comes from the row, not from the hour of the import."""
    path = write([good_row, good_row | {"title": "Baker"}])
    assert [ad.id for ad in read(path).good] == [ad.id for ad in read(path).good]


def test_a_job_key_keeps_the_ad_when_its_words_change(good_row, write, read):
    """With a key of its own an ad may change its title and stay the same ad."""
    before = read(write([good_row | {"job_key": "k1"}])).good[0]
    after = read(write([good_row | {"job_key": "k1", "title": "Chef"}])).good[0]
    assert before.id == after.id and before.title != after.title


def test_a_repeated_row_is_a_fault_that_names_the_first(good_row, write, read):
    """Two ads with one identity cannot both be stored."""
    rows = read(write([good_row, good_row]))
    assert len(rows.good) == 1
    assert str(rows.faults[0]) == "line 3: job_key: repeats the ad of line 2"


def test_an_address_elsewhere_is_a_warning_and_no_fault(good_row, write, read):
    """Recruiters do use job boards; the report says so."""
    rows = read(write([good_row | {"target_url": "https://jobs.board.example/1"}]))
    assert len(rows.good) == 1 and rows.faults == ()
    assert "jobs.board.example is not on the team's domain acme.example" in rows.warnings[0].rule


def test_a_budget_may_name_its_currency(good_row, write, read):
    """In the field itself, in a column, or by the team's default."""
    for change, money in (
        ({"budget_daily": "20 usd"}, Money(2000, "USD")),
        ({"currency": "JPY", "budget_daily": "500"}, Money(500, "JPY")),
        ({}, Money(1550, "EUR")),
    ):
        assert read(write([good_row | change])).good[0].budget_daily == money


def test_json_lines_give_the_same_ads_as_csv(good_row, write, read, tmp_path):
    """Lists of networks and plain numbers included."""
    path = tmp_path / "ads.jsonl"
    path.write_text(json.dumps(good_row | {"platforms": ["meta", "x"], "budget_daily": 15.5}))
    other = write([good_row | {"platforms": "x, META"}])
    assert read(path).good == read(other).good


def test_other_column_names_are_mapped(good_row, write, read):
    """A file from another system needs no editing."""
    row = {f"their_{name}": value for name, value in good_row.items()}
    rows = read(write([row]), mapping={name: f"their_{name}" for name in good_row})
    assert len(rows.good) == 1


def test_utf16_from_a_spreadsheet_is_read(good_row, write, read):
    """The whole way, not only the decoder."""
    (ad,) = read(write([good_row | {"title": "Köchin"}], encoding="utf-16")).good
    assert ad.title == "Köchin"


def test_zones_are_kept_as_moments(good_row, write, read):
    """09:00+02:00 is 07:00 UTC."""
    (ad,) = read(write([good_row | {"schedule_start": "2026-03-01T09:00:00+02:00"}])).good
    assert ad.schedule_start == datetime(2026, 3, 1, 7, tzinfo=UTC)
    assert replace(ad, schedule_end=ad.schedule_start + timedelta(days=1)).schedule_end
