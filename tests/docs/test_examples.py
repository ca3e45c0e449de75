"""The examples in docstrings are run."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("domain", "assets", "resources", "jobads", "sandbox", "loopback")
FOR_NOTEBOOKS = {"jobads.magic", "jobads.workbench"}
"""Their examples are cells of a notebook, about a workbench that is open there."""
EXAMPLES = (
    "assets.isolation",
    "assets.performance.reports",
    "assets.persons.sweep",
    "assets.publishing.networks.bodies",
    "assets.publishing.networks.copy",
    "assets.publishing.networks.truncation",
    "assets.publishing.payload_validator",
    "assets.publishing.planning.budgets",
    "assets.publishing.planning.plan_compiler",
    "assets.publishing.policy.compiler",
    "assets.publishing.policy.text_normalization",
    "assets.publishing.policy.words",
    "assets.publishing.posting.object_names",
    "assets.publishing.posting.readback_diff",
    "assets.segmentation.audiences.arms",
    "assets.segmentation.clustering.consensus",
    "assets.segmentation.clustering.hierarchy",
    "assets.segmentation.clustering.kmeans",
    "assets.segmentation.clustering.methods",
    "assets.segmentation.clustering.reduction",
    "assets.segmentation.clustering.silhouette",
    "assets.segmentation.model.embedding",
    "assets.segmentation.model.fit_inputs",
    "assets.segmentation.model.profiles",
    "assets.segmentation.primitives.extraction",
    "assets.segmentation.reference.label_scores",
    "assets.segmentation.reference.occupation_head",
    "assets.segmentation.text.job_text",
    "assets.segmentation.text.normalization",
    "assets.segmentation.text.phrases",
    "assets.segmentation.text.redaction",
    "assets.segmentation.trust.clusterability",
    "assets.segmentation.trust.gender_swap_test",
    "assets.segmentation.trust.stability",
    "domain.ad_versions",
    "domain.approval",
    "domain.caps",
    "domain.errors",
    "domain.job_ad",
    "domain.lawful_basis",
    "domain.lifecycle",
    "domain.money",
    "domain.networks.facts",
    "domain.plain_text",
    "domain.plan",
    "domain.retention",
    "jobads",
    "jobads.costs",
    "jobads.notes",
    "jobads.offline",
    "jobads.output",
    "jobads.summary",
    "loopback.guard",
    "resources.files.addresses",
    "resources.files.job_ads",
    "resources.files.jsonish",
    "resources.files.markup",
    "resources.files.resumes",
    "resources.files.retention_rules",
    "resources.files.table",
    "resources.fingerprints",
    "resources.meta.errors",
    "resources.oauth.flow",
    "resources.operations.ads",
    "resources.operations.caps",
    "resources.operations.rate_limits",
    "resources.operations.stops",
    "resources.operations.store",
    "resources.security.keys",
    "resources.security.network_guard",
    "resources.security.vault",
    "resources.settings",
    "resources.shared_rate_limits",
    "resources.warehouse.ducklake",
    "resources.warehouse.read_queries",
    "sandbox.clock",
    "sandbox.distances",
    "sandbox.faults",
    "sandbox.google.query",
    "sandbox.meta.parameters",
    "sandbox.x.text",
)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_a_module_give_what_they_say(name):
    """Each of these modules has one at least; `...` stands for any text."""
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert result.attempted > 0 and result.failed == 0


def test_every_module_with_an_example_is_among_them():
    written = {
        name_of(path)
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if ">>> " in path.read_text("utf-8")
    }
    assert written - FOR_NOTEBOOKS == set(EXAMPLES)
