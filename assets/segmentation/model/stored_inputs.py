"""A team's texts and vectors in the warehouse, as inputs of its fit."""

from collections.abc import Callable, Collection

import numpy as np

from assets.segmentation.model.current_fit import Reader
from assets.segmentation.model.fit_inputs import NO_TEXTS, EmbeddedTexts, FitInputs, fit_inputs
from assets.segmentation.text.job_text import JobText, stored_job_text


def stored_inputs(
    warehouse: Reader, team_id: str, minimum_cell: int, is_read: Callable[[str], bool]
) -> FitInputs:
    """The team's texts that have a vector; no résumé without a lawful basis. The words themselves
    stay in the warehouse until a fit or a new ad needs them."""
    ads, ad_languages = _stored(warehouse, "ad", team_id)
    resumes, resume_languages = _stored(warehouse, "resume", team_id)
    languages = {("ad", key): language for key, language in ad_languages.items()}
    languages |= {("resume", key): language for key, language in resume_languages.items()}
    exclusions = _without_basis(warehouse, team_id)
    return fit_inputs(ads, resumes, languages, is_read, minimum_cell, exclusions)


def stored_ads(warehouse: Reader, team_id: str, keys: Collection[str]) -> list[JobText]:
    """The words of a team's ads, in the order of their keys."""
    rows = warehouse.sql(
        "SELECT * FROM job_ads WHERE team_id = ? AND job_id IN (SELECT unnest(?)) ORDER BY job_id",
        [team_id, list(keys)],
    )
    return [stored_job_text(row) for row in rows.iter_rows(named=True)]


def stored_words(warehouse: Reader, team_id: str, inputs: FitInputs) -> list[str]:
    """The words of all texts that take part in a fit, in their order."""
    ads = stored_ads(warehouse, team_id, inputs.ads.hashes)
    resumes = warehouse.sql(
        "SELECT text FROM resumes WHERE team_id = ? AND resume_key IN (SELECT unnest(?)) "
        "ORDER BY resume_key",
        [team_id, list(inputs.resumes.hashes)],
    )
    return [job.text for job in ads] + resumes["text"].to_list()


_TABLES = {
    "ad": ("job_ads", "job_id", "embeddings", ""),
    "resume": ("resumes", "resume_key", "resume_embeddings", "AND t.basis IS NOT NULL "),
}


def _stored(warehouse: Reader, kind: str, team_id: str) -> tuple[EmbeddedTexts, dict[str, str]]:
    """A team's texts in the order of their keys with their vectors, and their languages by key."""
    texts, key, vectors, lawful = _TABLES[kind]
    frame = warehouse.sql(
        f"SELECT t.{key}, t.content_hash, coalesce(t.language, ''), v.vector "
        f"FROM {texts} AS t JOIN {vectors} AS v USING (content_hash) "
        f"WHERE t.team_id = ? {lawful}ORDER BY t.{key}",
        [team_id],
    )
    if frame.is_empty():
        return NO_TEXTS, {}
    rows = frame.drop("vector").rows()
    flat = frame["vector"].explode().to_numpy().astype(np.float32)
    hashes = {name: content for name, content, _ in rows}
    return (
        EmbeddedTexts(hashes, flat.reshape(len(rows), -1)),
        {name: language for name, _, language in rows},
    )


def _without_basis(warehouse: Reader, team_id: str) -> list[str]:
    count = warehouse.sql(
        "SELECT count(*) AS n FROM resumes WHERE team_id = ? AND basis IS NULL", [team_id]
    ).item()
    said = f"{count} résumés stay out: no lawful basis holds (jobads basis set)"
    return [said] if count else []
