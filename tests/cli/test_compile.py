"""`jobads compile --network`: JSON lines in, payload and proof out, nothing else needed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
JOBADS = Path(sys.executable).with_name("jobads")
EVIDENCE = [{"field": "title", "start": 0, "end": 6, "text": "Python"}]
LINE = {
    "job": {
        "title": "Senior Python Developer (m/w/d)",
        "description_short": "Build data pipelines in Berlin. Salary €70,000 per year.",
        "target_url": "https://jobs.example/1",
        "location": "Berlin, Germany",
        "budget_daily": {"minor": 2500, "currency": "EUR"},
    },
    "primitives": {
        "industries": [],
        "seniority": {},
        "skills_keywords": [
            {
                "id": "s:python",
                "label": "Python",
                "score": 0.9,
                "source": "text",
                "evidence": EVIDENCE,
            }
        ],
        "locations": [
            {
                "id": "geo:2950159",
                "label": "Berlin",
                "score": 1.0,
                "source": "text",
                "evidence": EVIDENCE,
            }
        ],
        "age": {"min": 25},
    },
}


def run(network, *lines, options=()):
    """Answers in order; the command runs where no home and no server is."""
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    done = subprocess.run(
        [
            JOBADS,
            "compile",
            "--network",
            network,
            "--country",
            "DE",
            "--on",
            "2026-11-24",
            *options,
        ],
        input=text,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        env={"PATH": "/usr/bin:/bin", "JOBADS_HOME": "/nonexistent/home"},
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(answer) for answer in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("network", "kinds"),
    [
        ("meta", {"campaign", "adset", "creative", "ad"}),
        ("x", {"campaign", "line_item", "targeting_criteria", "tweet", "promoted_tweet"}),
        ("google", {"mutate"}),
    ],
)
def test_each_network_gets_its_own_bodies_and_every_fact_its_fate(network, kinds):
    """The age reaches no payload, and the proof says by which rule and source."""
    (answer,) = run(network, LINE)
    assert answer["error"] is None and set(answer["payload"]) == kinds
    assert '"min"' not in json.dumps(answer["payload"])
    fates = {line["primitive"]: line for line in answer["proof"]}
    assert fates["age"]["fate"] == "drop" and fates["age"]["source"]
    assert {"geo:2950159", "s:python"} <= set(fates)


def test_placeholders_are_ids_and_lookups_only():
    """What only a network knows stands as $id or $lookup, and nothing else does."""
    texas = [
        {"id": "geo:4736286", "label": "Texas", "score": 1, "source": "text", "evidence": EVIDENCE}
    ]
    line = {**LINE, "primitives": {**LINE["primitives"], "locations": texas}}
    found = set()
    for network in ("meta", "x", "google"):
        (answer,) = run(network, line, options=("--country", "US"))
        found |= {part.split('"')[0] for part in json.dumps(answer["payload"]).split('"$')[1:]}
    assert found == {"id", "lookup"}


def test_a_text_is_shortened_without_losing_pay_and_says_so():
    """X takes 280: the salary stays whole, and `fitted` names text, before and after."""
    text = "Salary €70,000 per year. " + "We build data pipelines for many clients. " * 6
    (answer,) = run("x", {**LINE, "job": {**LINE["job"], "description_short": text[:280]}})
    assert "€70,000 per year" in answer["payload"]["tweet"]["text"]
    (fitted,) = [f for f in answer["fitted"] if f["text"] == "x.text"]
    assert fitted["before"] > fitted["after"]


def test_interests_are_named_only_by_the_accounts_own_list(tmp_path):
    """Without a list none is targeted; with one, the interest of the very name."""
    stored = tmp_path / "allowed.json"
    stored.write_text(json.dumps([{"id": "6003", "name": "Python"}, {"id": "1", "name": "Men"}]))
    (without,) = run("meta", LINE)
    (answer,) = run("meta", LINE, options=("--interests", str(stored)))
    assert "flexible_spec" not in without["payload"]["adset"]["targeting"]
    spec = answer["payload"]["adset"]["targeting"]["flexible_spec"]
    assert spec == [{"interests": [{"id": "6003"}]}]


@pytest.mark.parametrize(
    "line",
    [
        "[" * 200_000,
        json.dumps({**LINE, "primitives": {"skills_keywords": 5}}),
        json.dumps({**LINE, "job": {**LINE["job"], "title": "\ud800"}}),
        json.dumps({**LINE, "job": {**LINE["job"], "schedule_end": "9999-12-31T23:59:59Z"}}),
        json.dumps({**LINE, "job": {**LINE["job"], "schedule_start": "0001-01-01T00:00:00Z"}}),
    ],
    ids=["nested", "number for facts", "half a letter", "last moment", "first moment"],
)
def test_no_line_keeps_the_lines_after_it_from_their_answers(line):
    """Each has its own error, at most."""
    first, second = run("google", line, LINE, options=("--timezone", "Pacific/Kiritimati"))
    assert first["error"] or first["payload"]
    assert second["error"] is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "no JSON"),
        ("[]", "no object"),
        ({"job": {}}, "budget_daily"),
        ({**LINE, "job": {**LINE["job"], "description_short": "Men only."}}, "men only"),
        ({**LINE, "job": {**LINE["job"], "target_url": "http://a.example"}}, "https"),
        ({**LINE, "job": {**LINE["job"], "budget_daily": "NaN"}}, "budget_daily"),
        ({**LINE, "primitives": {"skills_keywords": [{"id": "x"}]}}, "primitives"),
        ({**LINE, "primitives": [1]}, "primitives"),
    ],
)
def test_a_bad_line_says_what_is_wrong_and_the_next_goes_on(line, said):
    """Each error names its place; the good line after it is compiled."""
    bad, good = run("google", line, LINE)
    assert said in bad["error"] and bad["payload"] is None
    assert good["error"] is None and good["payload"]
