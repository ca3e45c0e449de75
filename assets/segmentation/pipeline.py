"""One team's segmentation in memory: texts and vectors in, segments and audiences out.

The file command, the graph and the tests call this; they differ in where texts come from and where
the answer goes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from assets.progress import Bar, silent
from assets.segmentation.audiences.audience import Audience, audiences
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.embedding import EmbeddingStore, Vectors
from assets.segmentation.model.fit import fit
from assets.segmentation.model.fit_inputs import EmbeddedTexts, FitInputs
from assets.segmentation.model.profiles import Labeller
from assets.segmentation.model.segment_model import Fitted, SegmentModel
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.reference.taxonomy import Taxonomy
from assets.segmentation.text.job_text import JobText
from assets.segmentation.trust.gender_swap_test import reject_gendered_segments
from assets.segmentation.trust.minimum_cell import hide_small_segments


class Models(Protocol):
    """What a segmentation needs beside the texts; `head` reads occupations off the encoder's
    vectors, if there is one for them."""

    @property
    def encode(self) -> Callable[[Sequence[str]], Vectors]: ...
    @property
    def vectors(self) -> EmbeddingStore: ...
    @property
    def taxonomy(self) -> Taxonomy: ...
    @property
    def labeller(self) -> Labeller: ...
    @property
    def head(self) -> OccupationHead | None: ...
    @property
    def reference(self) -> SegmentModel: ...


@dataclass(frozen=True)
class TeamModel:
    """The segments that a team's ads are assigned to; `fitted` is the new fit, where there is one,
    whose rows are the ads and then the résumés of the inputs."""

    model: SegmentModel
    fitted: Fitted | None = None


def team_model(
    inputs: FitInputs,
    words: Callable[[], Sequence[str]],
    models: Models,
    config: SegmentationConfig,
    *,
    previous: SegmentModel | None = None,
    refit: str = "no fit yet",
    log: Callable[[str], None] = lambda line: None,
    bar: Bar = silent,
) -> TeamModel:
    """Choose or make the model of one team.

    Fewer than `minimum_texts` texts: the reference model. Else `previous`, if `refit` is empty.
    Else a new fit, checked for small cells and by the gender swap test; segments of `previous` keep
    their keys in it.

    Args:
        words: gives the texts in the order of `inputs`; called for a new fit alone.
        refit: why the previous fit does not serve.
    """
    if len(inputs) < config.minimum_texts:
        log(f"{len(inputs)} texts: assigned to the reference model")
        return TeamModel(models.reference)
    if previous is not None and not refit:
        log("the fit serves; what is new is assigned to it")
        return TeamModel(previous)
    log(f"fitting {len(inputs)} texts: {refit}")
    texts, n_ads = list(words()), len(inputs.ads.hashes)
    keys = [*inputs.ads.hashes, *inputs.resumes.hashes]
    fitted = fit(keys, texts, inputs.vectors, config, models.labeller, previous, models.head)
    fitted = hide_small_segments(fitted, n_ads, config.minimum_cell)
    people = texts[n_ads:]
    fitted = reject_gendered_segments(fitted, people, models.encode, models.vectors, config, bar)
    return TeamModel(fitted.model, fitted)


def ad_audiences(
    jobs: Sequence[JobText],
    ads: EmbeddedTexts,
    model: SegmentModel,
    models: Models,
    config: SegmentationConfig,
) -> list[Audience]:
    """The audience of each of `jobs`, which are among `ads`, in the order of `jobs`."""
    vectors = ads.subset([job.job_key for job in jobs]).vectors
    return audiences(jobs, vectors, model, models.taxonomy, config)
