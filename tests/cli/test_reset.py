from jobads.reset import empty


def test_reset_removes_only_what_the_workbench_wrote(tmp_path):
    (tmp_path / "lake").mkdir()
    (tmp_path / "operations.db").write_text("x")
    (tmp_path / "thesis.txt").write_text("mine")
    gone = {path.name for path in empty(tmp_path)}
    assert gone == {"lake", "operations.db"}
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_linked_store_is_unlinked_and_its_target_kept(tmp_path):
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "kept").write_text("x")
    home = tmp_path / "home"
    home.mkdir()
    (home / "lake").symlink_to(outside)
    empty(home)
    assert (outside / "kept").exists() and not (home / "lake").exists()
