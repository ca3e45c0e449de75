import pytest

from assets.resources import from_env
from assets.segmentation.config_file import load_numbers
from domain.errors import InputError
from resources.encoders.minilm_encoder import Encoder


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("k_max: [1", "is not YAML in line"),
        ("- 1", "is not a mapping"),
        ("k_max: six", "k_max is 'six' - give a whole number"),
        ("silhouette_floor: -5", "silhouette_floor is -5 - give a number from -1 to 1"),
        ("minimum_cell: 0", "minimum_cell is 0 - give 1 or more"),
        ("k_max: 6\nk_min: 2\nk_max: 7", "gives k_max twice"),
        ("clusterer: kmeans", "clusterer is 'kmeans'"),
        ("colour: red", "'colour' is not a setting"),
    ],
)
def test_a_wrong_file_of_numbers_is_named_with_its_fault(tmp_path, text, said):
    """One line: which file, what is wrong, and what may stand there."""
    path = tmp_path / "numbers.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        load_numbers(path)
    assert str(error.value).startswith(f"{path}: ") and said in str(error.value)
    assert error.value.mend and "\n" not in str(error.value)


def test_a_file_of_numbers_that_is_none_is_named(tmp_path):
    """Not there, a folder, or in another encoding."""
    (tmp_path / "latin.yaml").write_bytes("# größer\nk_max: 6\n".encode("latin-1"))
    for name, said in (("none.yaml", "No such file"), ("", "directory"), ("latin.yaml", "UTF-8")):
        with pytest.raises(InputError, match=said) as error:
            load_numbers(tmp_path / name)
        assert error.value.where == str(tmp_path / name) and error.value.mend


def test_the_graph_takes_its_numbers_from_the_named_file(tmp_path, monkeypatch):
    """The specified pipeline is two lines; without a file the defaults hold, and MiniLM."""
    path = tmp_path / "specified.yaml"
    path.write_text("clusterer: umap-kmeans\nk_max: 6\n")
    monkeypatch.setenv("JOBADS_HOME", str(tmp_path / "home"))
    encoder = from_env()["encoder"]
    assert encoder.numbers.clusterer == "pca-kmeans"
    assert encoder.encoder_id == Encoder.model_id
    monkeypatch.setenv("JOBADS_SEGMENTATION", str(path))
    numbers = from_env()["models"].numbers
    assert (numbers.clusterer, numbers.k_max) == ("umap-kmeans", 6)


def test_the_graph_encodes_with_the_named_encoder(tmp_path, monkeypatch):
    """Another model's vectors are kept apart in the cache by its own id."""
    path = tmp_path / "numbers.yaml"
    path.write_text(f"encoder: {Encoder.check_weights()}\nencoder_reads: en,de\n")
    monkeypatch.setenv("JOBADS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JOBADS_SEGMENTATION", str(path))
    encoder = from_env()["encoder"]
    assert encoder.numbers.languages == ("en", "de")
    assert encoder.encoder_id == encoder.encode.model_id != Encoder.model_id
    assert encoder.encode(["a nurse"]).shape == (1, 384)
