"""What a team's fit is made of: the texts that the encoder reads and that may be used."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from assets.segmentation.audiences import JobText
from assets.segmentation.embedding import Vectors
from assets.segmentation.rows import Row, job_text
from assets.segmentation.standing import Hashes, Reader
from assets.segmentation.text import ad_text

EMPTY = np.zeros((0, 0), np.float32)


@dataclass(frozen=True)
class Ads:
    """Ads in the order of their keys: as texts, their content's hashes by key, vectors (n, d)."""

    jobs: list[JobText]
    hashes: dict[str, str]
    vectors: Vectors


@dataclass(frozen=True)
class Texts:
    """A team's ads and résumés in the order of their keys; `vectors` has the ads' rows first.
    `unread` are its ads in a language that the encoder cannot place: they take no part in a fit,
    which would find the languages. `without` says which texts are not among these, and why."""

    ads: Ads
    people: dict[str, str]
    words: list[str]
    vectors: Vectors
    unread: Ads
    without: tuple[str, ...] = ()

    @property
    def all(self) -> Hashes:
        people = {("resume", key): content for key, content in self.people.items()}
        return {("ad", key): content for key, content in self.ads.hashes.items()} | people

    @property
    def person_vectors(self) -> Vectors:
        return self.vectors[len(self.ads.jobs) :]

    @property
    def every_ad(self) -> Ads:
        """Also those that are not read: each has an audience."""
        if not self.unread.jobs:
            return self.ads
        return Ads(
            self.ads.jobs + self.unread.jobs, self.ads.hashes | self.unread.hashes,
            _stacked(self.ads.vectors, self.unread.vectors),
        )  # fmt: skip


def read_texts(
    warehouse: Reader, team_id: str, minimum: int, reads: Callable[[str], bool]
) -> Texts:
    """The team's texts that have a vector; no résumé without a lawful basis or in a language that
    is not read, and none at all when there are fewer than `minimum`, which no segment could
    show."""
    rows, vectors = _texts(warehouse, "job_ads", "embeddings", team_id)
    jobs = [job_text(row) for row in rows]
    words = [ad_text(job.title, job.description) for job in jobs]
    read = np.array([reads(text) for text in words], bool)
    ads, unread = (_ads(jobs, rows, vectors, mask) for mask in (read, ~read))
    people, person_vectors = _texts(warehouse, "resumes", "resume_embeddings", team_id)
    without = [_barred(warehouse, team_id)]
    known = np.array([reads(row["text"]) for row in people], bool)
    if not known.all():
        without.append(f"{(~known).sum()} résumés stay out: the encoder reads another language")
        people = [row for row, k in zip(people, known, strict=True) if k]
        person_vectors = person_vectors[known]
    if 0 < len(people) < minimum:
        people, person_vectors = [], person_vectors[:0]
        without.append(f"résumés stay out: there are fewer than {minimum} that may be used")
    if unread.jobs:
        without.append(f"{len(unread.jobs)} ads stay out: the encoder reads another language")
    return Texts(
        ads,
        {row["resume_key"]: row["content_hash"] for row in people},
        [w for w, r in zip(words, read, strict=True) if r] + [p["text"] for p in people],
        _stacked(ads.vectors, person_vectors),
        unread,
        tuple(filter(None, without)),
    )


def _ads(jobs: list[JobText], rows: list[Row], vectors: Vectors, mask: Any) -> Ads:
    kept = np.flatnonzero(mask)
    return Ads(
        [jobs[i] for i in kept],
        {rows[i]["job_id"]: rows[i]["content_hash"] for i in kept},
        vectors[kept] if len(kept) else EMPTY,
    )


def _stacked(*parts: Vectors) -> Vectors:
    some = [part for part in parts if len(part)]
    return np.concatenate(some) if some else EMPTY


def _barred(warehouse: Reader, team_id: str) -> str:
    count = warehouse.sql(
        "SELECT count(*) AS n FROM resumes WHERE team_id = ? AND basis IS NULL", [team_id]
    ).item()
    return f"{count} résumés stay out: no lawful basis holds (jobads basis set)" if count else ""


def _texts(warehouse: Reader, texts: str, vectors: str, team_id: str) -> tuple[list[Row], Vectors]:
    """Rows of a team's texts in the order of their keys, and their vectors."""
    key = "job_id" if texts == "job_ads" else "resume_key"
    lawful = "" if texts == "job_ads" else "AND t.basis IS NOT NULL "
    frame = warehouse.sql(
        f"SELECT t.*, v.vector FROM {texts} AS t JOIN {vectors} AS v USING (content_hash) "
        f"WHERE t.team_id = ? {lawful}ORDER BY t.{key}",
        [team_id],
    )
    rows = frame.drop("vector").to_dicts()
    if not rows:
        return [], EMPTY
    return rows, np.array(frame["vector"].to_list(), dtype=np.float32)
