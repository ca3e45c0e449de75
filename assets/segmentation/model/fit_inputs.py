"""What a team's fit is made of: the texts that the encoder reads and that may be used."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assets.segmentation.model.current_fit import Hashes
from assets.segmentation.model.embedding import Vectors

NO_VECTORS = np.zeros((0, 0), np.float32)


@dataclass(frozen=True)
class EmbeddedTexts:
    """Texts of one kind: content hashes by key, and unit vectors (n, d) float32 in that order."""

    hashes: Mapping[str, str]
    vectors: Vectors

    def subset(self, keys: Sequence[str]) -> "EmbeddedTexts":
        """Those of `keys`, which are among these, in the order of `keys`."""
        rows = {key: row for row, key in enumerate(self.hashes)}
        chosen = [rows[key] for key in keys]
        vectors = self.vectors[chosen] if chosen else NO_VECTORS
        return EmbeddedTexts({key: self.hashes[key] for key in keys}, vectors)


NO_TEXTS = EmbeddedTexts({}, NO_VECTORS)


@dataclass(frozen=True)
class FitInputs:
    """A team's ads and résumés that take part in a fit. `unread_ads` do not: they are in a language
    that the encoder does not read, and the groups would be the languages. `exclusions` say in words
    which texts are left out, and why."""

    ads: EmbeddedTexts
    resumes: EmbeddedTexts = NO_TEXTS
    unread_ads: EmbeddedTexts = NO_TEXTS
    exclusions: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ads.hashes) + len(self.resumes.hashes)

    @property
    def hashes(self) -> Hashes:
        """Content hashes of all texts of the fit by kind and key, ads first."""
        kinds = (("ad", self.ads), ("resume", self.resumes))
        return {(kind, key): h for kind, texts in kinds for key, h in texts.hashes.items()}

    @property
    def vectors(self) -> Vectors:
        """Unit rows (n, d) of all texts of the fit, ads first."""
        return _stacked(self.ads.vectors, self.resumes.vectors)

    @property
    def all_ads(self) -> EmbeddedTexts:
        """Also those that are not read: each has an audience."""
        return EmbeddedTexts(
            {**self.ads.hashes, **self.unread_ads.hashes},
            _stacked(self.ads.vectors, self.unread_ads.vectors),
        )


def fit_inputs(
    ads: EmbeddedTexts,
    resumes: EmbeddedTexts,
    languages: Mapping[tuple[str, str], str],
    is_read: Callable[[str], bool],
    minimum_cell: int,
    exclusions: Sequence[str] = (),
) -> FitInputs:
    """Which of a team's texts take part in its fit.

    Args:
        languages: of each text by kind ("ad" or "resume") and key, "" where it is not known.
        is_read: whether the encoder reads a language.
        minimum_cell: with fewer résumés than this none takes part, since no segment could show it.
        exclusions: what was left out before.

    >>> ads = EmbeddedTexts({"a1": "h1", "a2": "h2"}, np.eye(3, dtype=np.float32)[:2])
    >>> people = EmbeddedTexts({"p1": "h3"}, np.eye(3, dtype=np.float32)[2:])
    >>> languages = {("ad", "a1"): "en", ("ad", "a2"): "xx", ("resume", "p1"): "en"}
    >>> inputs = fit_inputs(ads, people, languages, lambda code: code == "en", minimum_cell=10)
    >>> list(inputs.hashes), len(inputs.exclusions)
    ([('ad', 'a1')], 2)
    """
    read = [key for key in ads.hashes if is_read(languages["ad", key])]
    unread = [key for key in ads.hashes if not is_read(languages["ad", key])]
    people = [key for key in resumes.hashes if is_read(languages["resume", key])]
    said = list(exclusions)
    if foreign := len(resumes.hashes) - len(people):
        said.append(f"{foreign} résumés stay out: the encoder reads another language")
    if 0 < len(people) < minimum_cell:
        people = []
        said.append(f"résumés stay out: there are fewer than {minimum_cell} that may be used")
    if unread:
        said.append(f"{len(unread)} ads stay out: the encoder reads another language")
    return FitInputs(ads.subset(read), resumes.subset(people), ads.subset(unread), tuple(said))


def _stacked(*parts: Vectors) -> Vectors:
    filled = [part for part in parts if len(part)]
    return np.concatenate(filled) if filled else NO_VECTORS
