import pytest

from assets.segmentation.reference.taxonomy_files import load_taxonomy


@pytest.fixture(scope="session")
def taxonomy():
    return load_taxonomy()
