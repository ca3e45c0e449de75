import hashlib

import pytest

from domain.errors import SetupError
from jobads.cli.weights import PINNED, keep_only_true


def test_a_file_that_is_not_what_was_pinned_is_deleted_and_named(tmp_path):
    """The true file stays; the other goes from the cache's blobs too; the missing one is told."""
    blob, folder = tmp_path / "blob", tmp_path / "snapshot"
    folder.mkdir()
    (folder / "vocab.json").write_bytes(b"true")
    blob.write_bytes(b"tampered")
    (folder / "model.safetensors").symlink_to(blob)
    pins = {
        "vocab.json": hashlib.sha256(b"true").hexdigest(),
        "model.safetensors": hashlib.sha256(b"weights").hexdigest(),
        "config.json": "0" * 64,
    }
    with pytest.raises(SetupError, match=r"model\.safetensors has sha256.*config\.json is missing"):
        keep_only_true(folder, pins)
    assert [path.name for path in folder.iterdir()] == ["vocab.json"]
    assert not blob.exists()


def test_every_pin_is_a_commit_and_whole_checksums():
    """A branch name or a shortened checksum would let the weights change under us."""
    for model in PINNED.values():
        assert len(model.revision) == 40
        assert all(len(digest) == 64 for digest in model.sha256.values())
