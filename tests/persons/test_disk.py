"""The whole way: import, encode, fit, then forget one person, by the commands that people type."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from resources.encoders.minilm_encoder import VectorCache
from resources.settings import Settings
from resources.warehouse.ducklake import Warehouse
from tests.persons.conftest import EMAIL, KEY, NAME, PERSON, PHRASE, Home, vector_in_words
from tests.persons.searching import leaks

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.timeout(600)  # the encoder is loaded, and a fit compiled

GRAPH = """
import sys
from jobads.graph import Graph
from jobads.home import prepare
from resources.operations.store import OperationsStore
from resources.settings import Settings
settings = Settings.from_env()
prepare(settings)
graph = Graph(settings, {})
team = str(OperationsStore.open(settings).teams.get("Acme").id)
graph.add_partition("teams", team)
for job in ("texts", "segments"):
    graph.run(job, team if job == "segments" else None)
if sys.argv[1:]:
    import dagster as dg

    @dg.op
    def careless(context):
        context.log.error("cannot read " + sys.argv[1])
        print(sys.argv[1], flush=True)

    @dg.job
    def stray():
        careless()

    stray.execute_in_process(instance=graph.instance)
"""
WORK = (
    ("Registered Nurse", "patients nursing ward care medication vital signs hospital shift"),
    ("Line Cook", "kitchen menus sauces grill food safety stock plates service"),
    ("Paralegal", "contracts court filings discovery litigation briefs clients law"),
)


class Acme:
    def __init__(self, path: Path) -> None:
        self.home = Home(path)

    def jobads(self, *words: str, code: int = 0) -> str:
        return self._run(
            [sys.executable, "-c", "from jobads.cli import main; main()", *words], code
        )

    def graph(self, *words: str) -> str:
        return self._run([sys.executable, "-W", "ignore", "-c", GRAPH, *words], 0)

    def _run(self, command: list[str], code: int) -> str:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("JOBADS_", "DAGSTER_"))}
        env = {**clean, "JOBADS_HOME": str(self.home.path), "COLUMNS": "200"}
        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=500
        )
        assert done.returncode == code, done.stdout[-2000:] + done.stderr[-3000:]
        return done.stdout

    def fitted(self) -> list[dict]:
        settings = Settings.from_env({"JOBADS_HOME": str(self.home.path)})
        warehouse = Warehouse(settings.home)
        rows = warehouse.table("segment_model").to_dicts()
        warehouse.close()
        return rows


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Acme:
    """48 ads and 30 résumés of three kinds of work, fitted; and one person among them."""
    folder = tmp_path_factory.mktemp("acme")
    ads, people = folder / "ads.jsonl", folder / "people.jsonl"
    ads.write_text(
        "\n".join(
            json.dumps(
                {
                    "title": f"{title} {i}",
                    "description_short": f"{title} wanted.",
                    "description_long": f"{title}. {words}. Team {i}.",
                    "target_url": f"https://jobs.acme.example/{i}",
                    "platforms": "meta",
                    "budget_daily": "15.00",
                    "currency": "USD",
                    "location": "Chicago, Illinois",
                    "schedule_start": "2026-01-01T00:00:00Z",
                }
            )
            for i in range(16)
            for title, words in WORK
        )
    )
    people.write_text(
        "\n".join(
            json.dumps(
                {
                    "resume_key": f"person-{i:02}-{n}",
                    "text": f"Experience as {title}\n- {words} {i}\n",
                }
            )
            for i in range(10)
            for n, (title, words) in enumerate(WORK)
        )
        + "\n"
        + json.dumps({"resume_key": KEY, "text": PERSON})
    )
    acme = Acme(folder / "home")
    acme.jobads("teams", "add", "Acme", "--domain", "acme.example", "--currency", "USD")
    acme.jobads("import", str(ads), "--team", "Acme")
    acme.jobads("import", str(people), "--team", "Acme", "--resumes")
    acme.jobads("basis", "set", "--team", "Acme", "--purpose", "consent of who applied")
    acme.graph(f"{PHRASE} of {EMAIL}")
    return acme


def test_a_person_is_forgotten_on_a_real_home(acme):
    """Found in the store, the lake, the cache and Dagster's events before; nowhere after; the next
    fit is made without them, and a second time says that nothing is left."""
    data = json.loads(acme.jobads("subject", "export", KEY, "--team", "Acme"))
    hashed = data["tables"]["resumes"][0]["content_hash"]
    (vector,) = VectorCache(acme.home.path / "cache" / "vectors.db").of_text(hashed).values()
    reduced = np.array(data["tables"]["resume_reduced_vectors"][0]["vector"], np.float32)
    wanted = {
        "name": NAME.encode(),
        "e-mail": EMAIL.encode(),
        "phrase": PHRASE.encode(),
        "key": KEY.encode(),
        "hash": hashed.encode(),
        "vector": vector.tobytes()[:64],
        "spelled vector": vector_in_words(vector),
        "reduced": reduced.tobytes()[:32],
        "spelled reduced": vector_in_words(reduced),
    }
    before = {leak.split(" in ")[0] for leak in leaks(acme.home.path, wanted)}
    assert before >= set(wanted) - {"name", "reduced"}, before
    assert data["dagster"] and data["ads_touched"] and len(data["fits"]) == 1

    said = acme.jobads("forget", KEY, "--team", "Acme", "--yes")
    assert leaks(acme.home.path, wanted) == []
    for words in ("ad touched: ", "fit that had seen them", "copies made elsewhere"):
        assert words in said
    assert "nothing was left" in acme.jobads("forget", KEY, "--team", "Acme", "--yes")
    acme.jobads("subject", "export", KEY, "--team", "Acme", code=3)

    first = acme.fitted()
    acme.graph()
    renewed = acme.fitted()
    assert {row["n_resumes"] for row in first} == {31}
    assert {row["n_resumes"] for row in renewed} == {30}
    assert "gone or changed" in renewed[0]["reason"]
    assert leaks(acme.home.path, wanted) == []


def test_nothing_is_erased_without_a_yes(acme):
    """The question is asked, and silence is a no."""
    acme.jobads("forget", "person-01-1", "--team", "Acme", code=1)
    acme.jobads("forget", "nobody", "--team", "Acme", code=3)  # of whom nothing is asked
    assert "person-01-1" in acme.jobads("subject", "list", "--team", "Acme")
