"""Any table of texts: formats, encodings, broken rows and broken files."""

import json
from datetime import UTC, datetime

import polars as pl
import pytest

from domain.errors import InputError
from resources.files.faults import Fault
from resources.files.table import read_table


@pytest.fixture
def table(tmp_path):
    """table(bytes or text, name) → what read_table answers for columns a and b."""

    def read(content, name="t.csv", **kw):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(path, required=("a", "b"), optional=("c",), **kw)

    return read


def test_rows_carry_the_line_on_which_they_start(table):
    """A field with line breaks does not shift the count."""
    rows = table('a,b\n1,"two\nlines"\n\n3,4\n')
    assert rows.good == (
        (2, {"a": "1", "b": "two\nlines", "c": ""}),
        (5, {"a": "3", "b": "4", "c": ""}),
    )


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_unicode_encodings_are_recognised(table, encoding):
    """Excel writes a mark, PowerShell writes UTF-16, some write neither."""
    text = "a,b\nKöchin 👩‍🍳,طبّاخ\n" + "plain,row\n" * 20
    assert table(text.encode(encoding)).good[0][1]["a"] == "Köchin 👩‍🍳"


def test_a_wrong_encoding_is_an_error_that_names_the_line(table):
    """Latin-1 is refused: a guess would store wrong letters without a word."""
    with pytest.raises(InputError, match=r"0xf6 on line 3.*save it as UTF-8"):
        table("a,b\n1,2\nKöchin,4\n".encode("latin-1"))


@pytest.mark.parametrize("name", ["t.csv", "t.json", "t.jsonl", "t.parquet"])
def test_an_empty_file_is_an_error(table, name):
    """Zero bytes are nobody's intention."""
    with pytest.raises(InputError, match=r"is empty"):
        table(b"", name)


@pytest.mark.parametrize(
    ("content", "name"),
    [("a,b\n", "t.csv"), ("[]", "t.json"), ("\n\n", "t.jsonl"), ("\ufeff", "t.csv")],
)
def test_a_file_without_rows_is_an_error(table, content, name):
    """A header alone imports nothing, and says so."""
    with pytest.raises(InputError, match=r"has no (rows|header)"):
        table(content, name)


def test_a_missing_file_and_an_unknown_ending_are_errors(tmp_path):
    """With what to do about it."""
    with pytest.raises(InputError, match="is not there"):
        read_table(tmp_path / "no.csv", required=("a",))
    with pytest.raises(InputError, match=r"\.csv"):
        read_table(tmp_path / "ads.xlsx", required=("a",))


def test_missing_columns_are_named_with_the_way_to_map_each(table):
    """The error lists what the file does have."""
    with pytest.raises(InputError, match=r"no column b; it has a, wage.*--map b=YOUR_COLUMN"):
        table("a,wage\n1,2\n")
    with pytest.raises(InputError, match=r"--map a=YOUR_COLUMN --map b=YOUR_COLUMN$"):
        table("wage,pay\n1,2\n")


def test_a_duplicate_header_is_refused(table):
    """Nobody can say which of the two is meant, in whatever case they are written."""
    with pytest.raises(InputError, match="column a appears twice"):
        table("a,b,A\n1,2,3\n")


def test_a_mapping_reads_a_field_from_another_column(table):
    """--map a=First reads field a from the column First, even beside a column a."""
    rows = table("First,b,a\n1,2,3\n", mapping={"a": "First"})
    assert rows.good[0][1] == {"a": "1", "b": "2", "c": ""}


def test_a_mapping_of_an_unknown_field_or_column_is_refused(table):
    """Both typing errors are told apart."""
    with pytest.raises(InputError, match="mapping names d"):
        table("a,b\n1,2\n", mapping={"d": "a"})
    with pytest.raises(InputError, match="no column nope"):
        table("a,b\n1,2\n", mapping={"c": "nope"})


def test_rows_of_the_wrong_width_are_faults_and_the_others_are_kept(table):
    """Too many or too few fields cost one row each."""
    rows = table("a,b\n1,2\n1,2,3\n1\n5,6\n")
    assert [line for line, _ in rows.good] == [2, 5]
    assert rows.faults == (
        Fault(3, "", "has 3 fields, the header has 2"),
        Fault(4, "", "has 1 fields, the header has 2"),
    )


def test_a_quote_that_is_never_closed_is_reported_where_it_opens(table):
    """What it swallowed is said to be unread, and what came before is kept."""
    rows = table('a,b\n1,2\n3,"four\n5,6\n')
    assert [line for line, _ in rows.good] == [2]
    assert rows.faults[0].line == 3 and "never closed; lines up to 4" in rows.faults[0].rule


def test_lines_that_a_broken_quote_swallowed_are_told(table):
    """The quote that line 3 opens is closed on line 4, which is lost with it."""
    rows = table('a,b\n1,2\n3,"four\n5,"six"\n7,8\n')
    assert [line for line, _ in rows.good] == [2, 5]
    assert [fault.line for fault in rows.faults] == [3]
    assert "lines up to 4 are unread" in rows.faults[0].rule


def test_a_folder_is_told_from_a_file(tmp_path):
    with pytest.raises(InputError, match="is a folder - name the file in it"):
        read_table(tmp_path, required=("a",))


def test_a_nul_or_half_a_character_costs_one_row(table):
    """No database and no encoder takes them."""
    rows = table("a,b\n1,x\x00y\n3,4\n")
    assert [line for line, _ in rows.good] == [3] and "NUL" in rows.faults[0].rule
    rows = table('{"a": "\\ud800", "b": ""}\n{"a": "1", "b": "2"}', "t.jsonl")
    assert [line for line, _ in rows.good] == [2] and "surrogate" in rows.faults[0].rule


@pytest.mark.parametrize("sign", [";", "\t"])
def test_semicolons_and_tabs_separate_as_well(table, sign):
    """German Excel writes semicolons."""
    assert table(f"a{sign}b\n1,5{sign}2\n").good[0][1]["a"] == "1,5"


def test_json_numbers_stay_the_digits_that_were_written(table):
    """No float stands between the file and the money."""
    text = '[{"a": 0.1, "b": 12345678901234567890.10},\n {"a": NaN, "b": [1, "x"], "c": null}]'
    rows = table(text, "t.json")
    assert rows.good == (
        (1, {"a": "0.1", "b": "12345678901234567890.10", "c": ""}),
        (2, {"a": "NaN", "b": "1,x", "c": ""}),
    )


def test_broken_json_keeps_what_stands_before_it(table):
    """The fault has the line; what follows is said to be unread."""
    rows = table('[{"a": 1, "b": 2},\n{"a": 3, "b": 4},\n{"a": oops}]', "t.json")
    assert [line for line, _ in rows.good] == [1, 2]
    assert rows.faults[0].line == 3 and "unread" in rows.faults[0].rule


def test_a_truncated_list_keeps_its_whole_objects(table):
    """A download that stopped half way."""
    rows = table('[{"a": 1, "b": 2},\n{"a": 3, "b"', "t.json")
    assert len(rows.good) == 1 and rows.faults[0].line == 2


@pytest.mark.parametrize(
    "line", ["{", "[1]", "7", '{"a": 1, "a": 2}', '{"a": 1, "A": 2}', "[" * 100_000]
)
def test_a_broken_json_line_costs_only_itself(table, line):
    """Each line stands for itself."""
    rows = table(f'{{"a": 1, "b": 2}}\n{line}\n{{"a": 3, "b": 4}}\n', "t.jsonl")
    assert [number for number, _ in rows.good] == [1, 3]
    assert [fault.line for fault in rows.faults] == [2]


def test_json_that_is_no_list_is_refused(table):
    """One object is not a table."""
    with pytest.raises(InputError, match="not a list"):
        table('{"a": 1}', "t.json")


def test_parquet_gives_the_same_rows(tmp_path):
    """Numbers, lists, nulls and zoned times become the text that CSV would hold."""
    path = tmp_path / "t.parquet"
    moment = datetime(2026, 3, 1, 9, tzinfo=UTC)
    pl.DataFrame({"A": [1.5, None], "b": [["x", "y"], []], "c": [moment, None]}).write_parquet(path)
    rows = read_table(path, required=("a", "b"), optional=("c",))
    assert rows.good == (
        (1, {"a": "1.5", "b": "x,y", "c": "2026-03-01T09:00:00+00:00"}),
        (2, {"a": "", "b": "", "c": ""}),
    )


def test_a_file_that_only_calls_itself_parquet_is_refused(table):
    """One line, without a stack of Arrow."""
    with pytest.raises(InputError, match="is not Parquet"):
        table(b"PAR1 not really", "t.parquet")


def test_a_megabyte_in_one_field_is_read(table):
    """Length is the record's rule, not the reader's."""
    big = "x" * 1_000_000
    assert table(f"a,b\n{big},2\n").good[0][1]["a"] == big
    assert table(json.dumps({"a": big, "b": 1}), "t.jsonl").good[0][1]["a"] == big
