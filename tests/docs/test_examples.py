"""The examples in docstrings are run."""

import doctest
import importlib

import pytest

SEGMENTATION = (
    "audiences.arms",
    "clustering.consensus",
    "clustering.hierarchy",
    "clustering.kmeans",
    "clustering.methods",
    "clustering.reduction",
    "clustering.silhouette",
    "model.embedding",
    "model.profiles",
    "primitives.extraction",
    "reference.label_scores",
    "reference.occupation_head",
    "text.job_text",
    "text.normalization",
    "text.phrases",
    "text.redaction",
    "trust.clusterability",
    "trust.gender_swap_test",
    "trust.stability",
)


@pytest.mark.parametrize("name", SEGMENTATION)
def test_the_examples_of_a_module_give_what_they_say(name):
    """Each of these modules has one at least."""
    result = doctest.testmod(importlib.import_module(f"assets.segmentation.{name}"))
    assert result.attempted > 0 and result.failed == 0
