"""Segmentation of a file of texts: no database, no warehouse, two files out."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.segmentation.audiences.audience import Audience, JobText, audiences, segment_dict
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.embedding import Vectors, embed
from assets.segmentation.model.fit import fit
from assets.segmentation.model.profiles import Labeller
from assets.segmentation.model.segment_model import SegmentModel
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.reference.taxonomy import Taxonomy
from assets.segmentation.text.languages import reader
from assets.segmentation.text.normalization import ad_text, plain
from assets.segmentation.text.redaction import redact
from assets.segmentation.trust.gender_swap_test import swapped
from assets.segmentation.trust.minimum_cell import judged
from domain.errors import InputError
from jobads.output import as_json
from resources.files.faults import Fault
from resources.files.table import read_table

OPTIONAL = ("location", "team_id")


@dataclass(frozen=True, slots=True)
class Tools:
    """What the outside world lends: the encoder with its cache, vocabulary, labels, reference;
    `head` reads occupations off its vectors, if there is one for them."""

    encode: Callable[[Sequence[str]], Vectors]
    cache: Any
    taxonomy: Taxonomy
    labeller: Labeller
    head: OccupationHead | None
    reference: Callable[[], SegmentModel]
    progress: Callable[[str, int], Callable[[int], None]]


@dataclass(frozen=True, slots=True)
class Report:
    """What was done, for the person who asked."""

    audiences: tuple[Audience, ...]
    segments: Mapping[str, Sequence[Mapping[str, Any]]]
    encoded: int
    faults: tuple[Fault, ...]

    @property
    def templates(self) -> Counter[str]:
        return Counter(a.template for a in self.audiences)

    @property
    def reasons(self) -> Counter[str]:
        """Why ads are broad, in how many ads."""
        return Counter(a.arms[0].reason for a in self.audiences if a.template == "broad")


def read_jobs(path: Path, mapping: Mapping[str, str]) -> tuple[list[JobText], list[Fault]]:
    """Ads of a file, plain and redacted; a key that stands twice is a fault at its second place."""
    rows = read_table(
        path, required=("job_key", "title", "description"), optional=OPTIONAL, mapping=mapping
    )
    good, faults = _usable(rows.good, "job_key", "description")
    jobs = [
        JobText(
            row["job_key"],
            redact(plain(row["title"]), of="ad").text,
            redact(plain(row["description"]), of="ad").text,
            plain(row["location"]),
            row["team_id"],
        )
        for row in good
    ]
    return jobs, [*rows.faults, *faults]


def read_resumes(path: Path, mapping: Mapping[str, str]) -> tuple[dict[str, str], list[Fault]]:
    """Redacted texts by résumé key: nothing else of a résumé goes further than this function."""
    rows = read_table(path, required=("resume_key", "text"), mapping=mapping)
    good, faults = _usable(rows.good, "resume_key", "text")
    texts = {row["resume_key"]: redact(plain(row["text"])).text for row in good}
    return texts, [*rows.faults, *faults]


def _usable(
    rows: Sequence[tuple[int, dict[str, str]]], key: str, *needed: str
) -> tuple[list[dict[str, str]], list[Fault]]:
    """Rows whose key is new and whose `needed` fields hold words, and why the others are out."""
    seen: set[str] = set()
    good: list[dict[str, str]] = []
    faults: list[Fault] = []
    for line, row in rows:
        empty = next((name for name in (key, *needed) if not row[name].strip()), None)
        if empty:
            faults.append(Fault(line, empty, "is empty"))
        elif row[key] in seen:
            faults.append(Fault(line, key, f"{row[key][:80]!r} stands twice"))
        else:
            seen.add(row[key])
            good.append(row)
    return good, faults


def segment(
    jobs: Sequence[JobText],
    resumes: Mapping[str, str],
    config: SegmentationConfig,
    tools: Tools,
    faults: Sequence[Fault] = (),
) -> Report:
    """Audiences of every ad. Each team is fitted alone; résumés join the fit of the only team.

    A team of fewer than `minimum_texts` texts is assigned to the reference model; fewer résumés
    than `minimum_cell` stay out, since no segment could show them, and so does in a fit what the
    encoder does not read: the groups would be the languages.
    """
    texts = [ad_text(job.title, job.description) for job in jobs]
    every = [*texts, *resumes.values()]
    step = tools.progress("encoding", len(every))
    vectors, encoded = embed(every, tools.encode, tools.cache, progress=step)
    teams: dict[str, list[int]] = defaultdict(list)
    for i, job in enumerate(jobs):
        teams[job.team_id].append(i)
    reads = reader(tools.taxonomy.languages, config.languages)
    read = [reads(tools.taxonomy.languages.detect(text)) for text in every]
    shared = [i for i in range(len(jobs), len(every)) if read[i]]
    if len(teams) > 1 or len(shared) < config.minimum_cell:
        shared = []
    keys = [*(job.job_key for job in jobs), *resumes]
    found: dict[str, Audience] = {}
    segments: dict[str, list[dict[str, Any]]] = {}
    done = tools.progress("segmenting", len(jobs))
    for team, members in teams.items():
        own = [i for i in members if read[i]]
        rows = [*own, *shared]
        if len(rows) >= config.minimum_texts:
            fitted = fit(
                [keys[i] for i in rows],
                [every[i] for i in rows],
                vectors[rows],
                config,
                tools.labeller,
                head=tools.head,
            )
            people = [every[i] for i in shared]
            fitted = judged(fitted, len(own), config.minimum_cell)
            model = swapped(fitted, people, tools.encode, tools.cache, config, tools.progress).model
        else:
            model = tools.reference()
        mine = [jobs[i] for i in members]
        for audience in audiences(mine, vectors[members], model, tools.taxonomy, config):
            found[audience.job_key] = audience
        used = {found[job.job_key].cluster_key for job in mine}
        whole = model.fit == "team"
        segments[team] = [s for s in segment_dict(model) if whole or s["cluster_key"] in used]
        done(len(members))
    ordered = tuple(found[job.job_key] for job in jobs)
    return Report(ordered, segments, encoded, tuple(faults))


def make_folder(out: Path) -> None:
    """Where results will go, before the work that makes them; InputError where none can be."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot be a folder: {error.strerror}", where=str(out), mend="name another with --out"
        ) from None


def write(report: Report, out: Path) -> None:
    """audiences.jsonl and segments.json in that folder, each whole or not at all."""
    lines = (as_json(a.as_dict()) for a in report.audiences)
    _replace(out / "audiences.jsonl", "".join(f"{line}\n" for line in lines))
    body = report.segments
    flat = body[next(iter(body))] if len(body) == 1 else body
    _replace(out / "segments.json", as_json(flat, indent=2) + "\n")


def _replace(path: Path, text: str) -> None:
    temporary = path.with_suffix(path.suffix + ".part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
