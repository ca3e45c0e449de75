"""What a person waits for before and around the work itself.

python -m benchmarks.starting --cache FOLDER/vectors.db --home HOME [--runs 5]

HOME was filled by `jobads demo`. (Needs JOBADS_CORPUS_DIR and BERTopic:
`pip install --no-deps -r requirements-bench.lock`)

Cold: from the start of a process to the audience of one ad with 300 résumés whose vectors are
known; beside it BERTopic on 1,000 ads, vectors given. Warm graph: the two jobs that read texts and
segment over an unchanged corpus, beside the assets called as plain functions, which read, compute
and write the same, in one process, in turn.
"""

import argparse
import logging
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl

from benchmarks.large import corpus
from benchmarks.machine import machine
from benchmarks.timing import interleaved

ROOT = Path(__file__).resolve().parents[1]
BERTOPIC = """
import sys, numpy as np
from bertopic import BERTopic
given = np.load(sys.argv[1], allow_pickle=True)
BERTopic().fit_transform(list(given["texts"]), embeddings=given["vectors"])
"""


# scikit-learn imports pandas where it is there, which of both only BERTopic asks for.
OURS = """
import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Without())
from jobads.cli import main
main()
"""


def cold(folder: Path, cache: Path, runs: int) -> dict[str, list[float]]:
    texts, vectors = corpus(1_000, cache)
    np.savez(folder / "given.npz", texts=np.array(texts, dtype=object), vectors=vectors)
    people = pl.read_parquet(Path(os.environ["JOBADS_CORPUS_DIR"]) / "resumes.parquet")
    some = people.unique("text_group", maintain_order=True).sample(300, seed=1)
    some.select("resume_key", "text").write_parquet(folder / "resumes.parquet")
    ad = pl.DataFrame({"job_key": ["1"], "title": ["Ad"], "description": [texts[0]]})
    ad.write_parquet(folder / "ad.parquet")
    env = {**os.environ, "JOBADS_HOME": str(folder / "home")}
    segment = [
        "segment",
        "--jobs",
        str(folder / "ad.parquet"),
        "--resumes",
        str(folder / "resumes.parquet"),
        "--out",
        str(folder / "out"),
    ]
    theirs = [sys.executable, "-W", "ignore", "-c", BERTOPIC, str(folder / "given.npz")]

    def run(command: list[str]) -> None:
        subprocess.run(command, check=True, cwd=ROOT, env=env, capture_output=True)

    ours = [sys.executable, "-c", OURS, *segment]
    plain = "from jobads.cli import main; main()"
    run([sys.executable, "-c", plain, *segment])  # so that the vectors are known
    return interleaved(
        {"cold: ours": lambda: run(ours), "cold: BERTopic on 1,000": lambda: run(theirs)}, runs
    )


def graph(home: Path, runs: int) -> dict[str, list[float]]:
    os.environ["JOBADS_HOME"] = str(home)
    from assets.intake import job_ads, resumes
    from assets.resources import from_env
    from assets.segmentation.assets import embeddings, segments
    from benchmarks.planning import own
    from jobads.graph import Graph
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    settings = Settings.from_env()
    team = str(OperationsStore.open(settings).teams.get("Magneto").id)
    jobs, opened = Graph(settings, {}), from_env()

    def graphed() -> None:
        jobs.run("texts")
        jobs.run("segments", team)

    def plainly() -> None:
        """What the assets do, called as functions: no run, no events, no log."""
        here = SimpleNamespace(log=logging.getLogger("benchmark"), partition_key=team)
        for asset in (job_ads, resumes, embeddings):
            own(asset, here, opened)
        list(own(segments, here, opened))

    graphed(), plainly()
    return interleaved({"warm: plain functions": plainly, "warm: the graph's jobs": graphed}, runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        taken = cold(Path(name), given.cache, given.runs)
    taken |= graph(given.home.resolve(), given.runs)
    print(f"{machine()}\n\n| what | median s | range |\n|---|---|---|")
    for what, seconds in taken.items():
        middle = statistics.median(seconds)
        print(f"| {what} | {middle:.2f} | {min(seconds):.2f} to {max(seconds):.2f} |")


if __name__ == "__main__":
    main()
