"""What a team's fit is made of: the texts that the encoder reads and that may be used."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from assets.segmentation.audiences.audience import JobText
from assets.segmentation.model.current_fit import Hashes, Reader
from assets.segmentation.model.embedding import Vectors
from assets.segmentation.table_rows import job_text
from assets.segmentation.text.normalization import ad_text

EMPTY = np.zeros((0, 0), np.float32)


@dataclass(frozen=True)
class Ads:
    """Ads in the order of their keys: their content's hashes by key, vectors (n, d)."""

    hashes: dict[str, str]
    vectors: Vectors


@dataclass(frozen=True)
class Texts:
    """A team's ads and résumés in the order of their keys; `vectors` has the ads' rows first.
    `unread` are its ads in a language that the encoder cannot place: they take no part in a fit,
    which would find the languages. `without` says which texts are not among these, and why. The
    words themselves stay in the warehouse until a fit or a new ad needs them."""

    ads: Ads
    people: dict[str, str]
    vectors: Vectors
    unread: Ads
    without: tuple[str, ...] = ()

    @property
    def all(self) -> Hashes:
        people = {("resume", key): content for key, content in self.people.items()}
        return {("ad", key): content for key, content in self.ads.hashes.items()} | people

    @property
    def person_vectors(self) -> Vectors:
        return self.vectors[len(self.ads.hashes) :]

    @property
    def every_ad(self) -> Ads:
        """Also those that are not read: each has an audience."""
        if not self.unread.hashes:
            return self.ads
        return Ads(
            self.ads.hashes | self.unread.hashes, _stacked(self.ads.vectors, self.unread.vectors)
        )


def read_texts(
    warehouse: Reader, team_id: str, minimum: int, reads: Callable[[str], bool]
) -> Texts:
    """The team's texts that have a vector; no résumé without a lawful basis or in a language that
    `reads` denies, and none at all when there are fewer than `minimum`, which no segment could
    show."""
    rows, vectors = _texts(warehouse, "job_ads", "embeddings", team_id)
    read = np.array([reads(language) for _, _, language in rows], bool)
    ads, unread = (_ads(rows, vectors, mask) for mask in (read, ~read))
    people, person_vectors = _texts(warehouse, "resumes", "resume_embeddings", team_id)
    without = [_barred(warehouse, team_id)]
    known = np.array([reads(language) for _, _, language in people], bool)
    if not known.all():
        without.append(f"{(~known).sum()} résumés stay out: the encoder reads another language")
        people = [row for row, k in zip(people, known, strict=True) if k]
        person_vectors = person_vectors[known]
    if 0 < len(people) < minimum:
        people, person_vectors = [], person_vectors[:0]
        without.append(f"résumés stay out: there are fewer than {minimum} that may be used")
    if unread.hashes:
        without.append(f"{len(unread.hashes)} ads stay out: the encoder reads another language")
    return Texts(
        ads,
        {key: content for key, content, _ in people},
        _stacked(ads.vectors, person_vectors),
        unread,
        tuple(filter(None, without)),
    )


def ads_of(warehouse: Reader, team_id: str, keys: Collection[str]) -> list[JobText]:
    """The words of a team's ads, in the order of their keys."""
    rows = warehouse.sql(
        "SELECT * FROM job_ads WHERE team_id = ? AND job_id IN (SELECT unnest(?)) ORDER BY job_id",
        [team_id, list(keys)],
    )
    return [job_text(row) for row in rows.iter_rows(named=True)]


def words_of(warehouse: Reader, team_id: str, texts: Texts) -> list[str]:
    """The words of all texts that take part in a fit, in their order."""
    ads = ads_of(warehouse, team_id, texts.ads.hashes)
    people = warehouse.sql(
        "SELECT text FROM resumes WHERE team_id = ? AND resume_key IN (SELECT unnest(?)) "
        "ORDER BY resume_key",
        [team_id, list(texts.people)],
    )
    return [ad_text(job.title, job.description) for job in ads] + people["text"].to_list()


Text = tuple[str, str, str]
"""A text's key, its content's hash and its language."""


def _ads(rows: list[Text], vectors: Vectors, mask: Any) -> Ads:
    kept = np.flatnonzero(mask)
    return Ads({rows[i][0]: rows[i][1] for i in kept}, vectors[kept] if len(kept) else EMPTY)


def _stacked(*parts: Vectors) -> Vectors:
    some = [part for part in parts if len(part)]
    return np.concatenate(some) if some else EMPTY


def _barred(warehouse: Reader, team_id: str) -> str:
    count = warehouse.sql(
        "SELECT count(*) AS n FROM resumes WHERE team_id = ? AND basis IS NULL", [team_id]
    ).item()
    return f"{count} résumés stay out: no lawful basis holds (jobads basis set)" if count else ""


def _texts(warehouse: Reader, texts: str, vectors: str, team_id: str) -> tuple[list[Text], Vectors]:
    """A team's texts in the order of their keys, and their vectors."""
    key = "job_id" if texts == "job_ads" else "resume_key"
    lawful = "" if texts == "job_ads" else "AND t.basis IS NOT NULL "
    frame = warehouse.sql(
        f"SELECT t.{key}, t.content_hash, t.language, v.vector "
        f"FROM {texts} AS t JOIN {vectors} AS v USING (content_hash) "
        f"WHERE t.team_id = ? {lawful}ORDER BY t.{key}",
        [team_id],
    )
    rows = [(k, content, language or "") for k, content, language in frame.drop("vector").rows()]
    if not rows:
        return [], EMPTY
    flat = frame["vector"].explode().to_numpy().astype(np.float32)
    return rows, flat.reshape(len(rows), -1)
