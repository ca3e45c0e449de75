"""Every command that shows something, over names and answers that would steer a terminal."""

import ast
import io
import json
import unicodedata
from pathlib import Path

import pytest

from jobads.output import as_json, make_table, print_table
from tests.prints.conftest import LONG, SEEN, TITLE, evil

ROOT = Path(__file__).resolve().parents[2]
SHOWS = {
    "teams list": ["Acme-[/b] [m/w/d]", "dom-[/b]"],
    "teams members list TEAM": ["[m/w/d]@acme.com", "Ann-[/b]"],
    "teams set TEAM --dsa-payer NAME": ["payer-[/b]", "Acme-[/b] [m/w/d]"],
    "ads list --team TEAM": [SEEN, LONG, "Berlin-[/b]"],
    "ads show JOB --team TEAM": [SEEN, "long-[/b]", "reason-[/b]", "review-[/b]", "act_[m/w/d]"],
    "ads pause JOB --team TEAM": ["cannot become paused"],
    "ads archive JOB --team TEAM": [SEEN],
    "ads confirm-off JOB --team TEAM --account NAME --as [m/w/d]@acme.com": ["payer-[/b]"],
    "plans list --team TEAM": [SEEN, "act_[m/w/d]"],
    "plans list --team TEAM --waiting": ["digest"],
    "plans show JOB --team TEAM": ["fact-[/b]", "body-[/b]", "why-[/b]", "shared-[/b]"],
    "plans accept JOB --team TEAM --as NAME": ["is not a member of Acme-[/b]"],
    "plans withdraw x --team TEAM --reason NAME": ["0 plans that wait or are in force"],
    "ads edit JOB --team TEAM --set title=NAME --later": [SEEN],
    "plans reject x --team TEAM --reason NAME": ["0 plans that wait"],
    "basis show --team TEAM": ["purpose-[/b]", "author-[/b]"],
    "basis set --team TEAM --purpose NAME --as [m/w/d]@acme.com": ["payer-[/b]", "[m/w/d]@"],
    "basis revoke --team TEAM --as [m/w/d]@acme.com": ["revoked"],
    "caps list --team TEAM": ["team Acme-[/b] [m/w/d]"],
    "caps set --team TEAM --ad JOB --daily 900.00": ["ad "],
    "connections list": ["Acme-[/b]", "act_[m/w/d]", "page-[/b]", "scope-[/b]"],
    "connections check": ["Acme-[/b]", "act_[m/w/d]"],
    "connections remove meta NAME --team TEAM": ["Forget meta payer-[/b]"],
    "doctor": ["operations store"],
    "keys list": ["seals"],
    "explain JOB": [
        SEEN,
        "text-[/b]",
        "arm-[/b]",
        "fit-[/b]",
        "words-[/b]",
        "why-[/b]",
        "object-[/b]",
        "reason-[/b]",
        "review-[/b]",
    ],
    "subject list --team TEAM": ["key-[/b]"],
    "subject export KEY --team TEAM": ["key-[/b]"],
    "forget KEY --team TEAM --as [m/w/d]@acme.com": ["Erase all that is held of key-[/b]"],
    "publish --due": ["failed"],
    "sync": ["Acme-[/b]", "act_[m/w/d]"],
    "compile": ["jobads: "],
    "stop --team TEAM": ["paused"],
    "import ADS --team TEAM": ["has no column", "field-[/b]"],
    "import ROWS --team TEAM": ["refused", "value-[/b]"],
    "compile --network meta": ["error"],
    "ads list --team NAME": ["does not exist"],
    "explain NAME": ["knows no ad"],
    "weights fetch NAME": ["is not known"],
    "taxonomy coverage ADS": ["has no column", "field-[/b]"],
}


def steering(text: str) -> set[str]:
    """Characters that no line may show; ends of lines are ours, and emoji are joined."""
    unseen = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return {c for c in text if unicodedata.category(c) in unseen} - set("\n\u200c\u200d")


@pytest.mark.parametrize("command", SHOWS)
def test_a_command_shows_names_as_they_are_and_nothing_that_steers(
    command, hostile, jobads, tmp_path
):
    """The letters of markup are all there, no control character is, and no traceback either."""
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps([{evil("field"): evil("value"), "title": evil("title")}]))
    rows = tmp_path / "rows.json"
    names = (
        "title",
        "description_short",
        "target_url",
        "platforms",
        "budget_daily",
        "schedule_start",
        "location",
    )
    rows.write_text(json.dumps([dict.fromkeys(names, evil("value"))]))
    named = {
        "TEAM": hostile.team,
        "JOB": hostile.job,
        "NAME": evil("payer"),
        "KEY": evil("key"),
        "ADS": str(bad),
        "ROWS": str(rows),
    }
    line = json.dumps({"job": {"title": evil("title"), "budget_daily": "5.00"}})
    _, said = jobads(*(named.get(word, word) for word in command.split(" ")), given=line)
    assert steering(said) == set() and "Traceback" not in said
    for shown in SHOWS[command]:
        assert shown in said


def test_every_command_is_driven_above():
    """But for those that only say what they did with our own words, or serve until ctrl-c."""
    from jobads import cli

    cli._register()
    found = set()
    for group in cli.app.registered_groups:
        for command in group.typer_instance.registered_commands:
            name = command.name or command.callback.__name__
            found.add(f"{group.name} {name}" if group.name else name)
    driven = {" ".join(command.split(" ")[:n]) for command in SHOWS for n in (1, 2)}
    silent = {
        "demo",
        "up",
        "reset",
        "segment",
        "connect",
        "teams add",
        "ads schedule",
        "ads resume",
        "plans approve",
        "caps clear",
        "keys rotate",
        "keys forget",
        "subject forget",
        "taxonomy check",
        "upgrade",
        "keys new",
    }
    assert found - driven == silent


def test_commands_print_in_one_way_only():
    """No command calls print, rich or click's echo by itself: `jobads.output` does."""
    own = {"demo.py", "up.py"}  # bars, and a screen that has no data of people
    for path in (ROOT / "jobads" / "cli").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                assert name not in {"print", "typer.echo", "typer.confirm", "Table"}, path
                assert name != "Console" or path.name in own, path


def test_json_of_commands_reads_back_as_it_was_stored(hostile, jobads):
    """Nothing is taken away there: what no line shows is written as JSON writes it."""
    _, said = jobads("plans", "show", hostile.job, "--team", hostile.team, "--json")
    plan = json.loads(said)
    assert plan["arms"][0]["bodies"]["adset"]["name"] == evil("body")
    assert plan["arms"][0]["proof"][0]["reason"] == evil("why")
    _, said = jobads("subject", "export", evil("key"), "--team", hostile.team)
    assert json.loads(said)["subject"] == evil("key")


@pytest.mark.parametrize("value", [evil("x"), "\ud800", "\U000e0041", "\u2029\x7f", "ä 👩\u200d🔧"])
def test_json_is_exact_and_shows_letters(value):
    text = as_json({"a": value}, indent=1)
    assert json.loads(text) == {"a": value} and steering(text) == set()
    assert "👩\u200d🔧" in as_json("👩\u200d🔧")


def test_a_traceback_is_printable_too(hostile, jobads, monkeypatch):
    """JOBADS_TRACEBACK shows where an error came from; a fault of ours is always shown whole."""
    monkeypatch.setenv("JOBADS_TRACEBACK", "1")
    code, said = jobads("ads", "list", "--team", evil("x"))
    assert code == 3 and "Traceback" in said and "x-[/b]" in said and steering(said) == set()

    def broken(*_):
        raise ValueError(evil("value"))

    monkeypatch.setattr("resources.operations.store.OperationsStore.open", broken)
    code, said = jobads("teams", "list")
    assert code == 1 and "ValueError: value-[/b]" in said and steering(said) == set()


ROWS = [("a" * 40, TITLE, "act_1234567890"), ("b", LONG, "x")]


def _printed(width, terminal):
    from rich.console import Console

    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=terminal, color_system=None)
    print_table(make_table(("id", "title", "account"), ROWS, whole=("id", "account")), console)
    return out.getvalue()


def test_on_a_pipe_each_row_is_one_whole_line():
    """Nothing is cut or wrapped, however wide it is: programs read it."""
    lines = _printed(20, False).splitlines()
    (first,) = (line for line in lines if "a" * 40 in line)
    assert SEEN in first and "act_1234567890" in first
    assert sum(LONG in line for line in lines) == 1 and "…" not in "".join(lines)


def test_on_a_narrow_terminal_titles_wrap_and_ids_do_not():
    """An id that is cut could not be given to the next command."""
    said = _printed(60, True)
    assert "a" * 40 in said and "act_1234567890" in said and "…" not in said
    assert LONG not in said and "[m/w/d]" in said


def test_a_terminal_without_the_letters_gets_numbers(monkeypatch):
    """Latin-1 has no emoji; the list goes on."""
    from jobads.output import replace_unknown_letters, say

    out = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr("sys.stdout", out)
    replace_unknown_letters()
    say("ä 🔧")
    out.flush()
    assert out.buffer.getvalue() == b"\xe4 \\U0001f527\n"


def test_bars_show_names_as_text():
    from rich.console import Console

    from jobads.progress import bars

    out = io.StringIO()
    with bars(Console(file=out, width=200, force_terminal=True, color_system=None)) as start:
        start(TITLE, 2)(1)
    assert SEEN in out.getvalue() and "\x1b[2J" not in out.getvalue()


@pytest.mark.parametrize("name", ["Acme\x1b[2J", "Ac\u202eme", "Ac\u200bme", "Ac\nme"])
def test_a_name_that_cannot_be_seen_as_it_is_typed_is_refused(name, jobads):
    """What lists show can be typed after --team; brackets and letters of any script can be."""
    code, said = jobads("teams", "add", name, "--domain", "x.com")
    assert code == 2 and "cannot be seen" in said
    code, said = jobads("teams", "add", SEEN.replace("\u200d", ""), "--domain", "x.com")
    assert code == 0 and "[/b] [m/w/d] |" in said
