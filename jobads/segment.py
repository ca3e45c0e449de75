"""Segmentation of a file of texts: rows to texts, the pipeline, and its answer as two files."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from assets.progress import Bar
from assets.segmentation.audiences.audience import Audience, segment_dicts
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.embedding import Vectors, embed
from assets.segmentation.model.fit_inputs import NO_TEXTS, EmbeddedTexts, FitInputs, fit_inputs
from assets.segmentation.model.profiles import Labeller
from assets.segmentation.model.segment_model import SegmentModel
from assets.segmentation.pipeline import ad_audiences, team_model
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.reference.taxonomy import Taxonomy
from assets.segmentation.text.job_text import JobText, job_text
from assets.segmentation.text.languages import reader
from assets.segmentation.text.normalization import content_hash, plain
from assets.segmentation.text.redaction import redact
from domain.errors import InputError
from jobads.output import as_json
from resources.files.faults import Fault
from resources.files.table import read_table

OPTIONAL = ("location", "team_id")


@dataclass(frozen=True)
class Tools:
    """What the outside world lends: the encoder with its cache, vocabulary, labels, reference;
    `head` reads occupations off its vectors, if there is one for them."""

    encode: Callable[[Sequence[str]], Vectors]
    vectors: Any
    taxonomy: Taxonomy
    labeller: Labeller
    head: OccupationHead | None
    load_reference: Callable[[], SegmentModel]
    progress: Bar

    @cached_property
    def reference(self) -> SegmentModel:
        return self.load_reference()


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
        job_text(row["job_key"], row["title"], row["description"], row["location"], row["team_id"])
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
    """Audiences of every ad. Each team is fitted alone; résumés join the fit of the only team."""
    teams: dict[str, list[JobText]] = defaultdict(list)
    for job in jobs:
        teams[job.team_id].append(job)
    texts = {job.job_key: job.text for job in jobs}
    step = tools.progress("encoding", len(texts) + len(resumes))
    # Ads and résumés apart, as the graph encodes them: a vector's last bits depend on its batch.
    ads, new_ads = _embedded(texts, tools, step)
    people, new_resumes = _embedded(resumes, tools, step)
    detect = tools.taxonomy.languages.detect
    languages = {("ad", key): detect(text) for key, text in texts.items()}
    languages |= {("resume", key): detect(text) for key, text in resumes.items()}
    is_read = reader(tools.taxonomy.languages, config.languages)
    shared = people if len(teams) == 1 else NO_TEXTS
    words = {
        **{("ad", k): t for k, t in texts.items()},
        **{("resume", k): t for k, t in resumes.items()},
    }
    found: dict[str, Audience] = {}
    segments: dict[str, list[dict[str, Any]]] = {}
    done = tools.progress("segmenting", len(jobs))
    for team, own in teams.items():
        own_ads = ads.subset([job.job_key for job in own])
        inputs = fit_inputs(own_ads, shared, languages, is_read, config.minimum_cell)
        model = team_model(
            inputs, partial(_words, inputs, words), tools, config, bar=tools.progress
        ).model
        audiences = ad_audiences(own, own_ads, model, tools, config)
        found |= {audience.job_key: audience for audience in audiences}
        used = {audience.cluster_key for audience in audiences}
        whole = model.fit == "team"
        segments[team] = [s for s in segment_dicts(model) if whole or s["cluster_key"] in used]
        done(len(own))
    ordered = tuple(found[job.job_key] for job in jobs)
    return Report(ordered, segments, new_ads + new_resumes, tuple(faults))


def _words(inputs: FitInputs, words: Mapping[tuple[str, str], str]) -> list[str]:
    return [words[key] for key in inputs.hashes]


def _embedded(
    texts: Mapping[str, str], tools: Tools, progress: Callable[[int], None]
) -> tuple[EmbeddedTexts, int]:
    """Texts by key with their vectors, and how many had to be encoded."""
    vectors, encoded = embed([*texts.values()], tools.encode, tools.vectors, progress=progress)
    return EmbeddedTexts({key: content_hash(text) for key, text in texts.items()}, vectors), encoded


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
