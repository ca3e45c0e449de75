"""Tokens and résumés are sealed: nothing readable in the files, the log or a repr."""

import stat
from pathlib import Path

import pytest

from domain.errors import NotFound, SetupError
from domain.platform import Network
from resources.vault import Vault

TOKEN, REFRESH = "EAAB-secret-token-000", "refresh-secret-token-111"


@pytest.fixture
def connected(world):
    world.store.connect(world.team.id, Network.META, "act_1", TOKEN,
                        refresh_token=REFRESH, scopes=("ads_management",))  # fmt: skip
    return world


def everything_stored(world):
    """Every cell of every table, as text, and for SQLite the bytes of its files."""
    from resources.operations.schema import metadata

    cells = "".join(
        str([bytes(c) if isinstance(c, memoryview) else c for c in row])
        for table in metadata.tables
        for row in world.sql(f"SELECT * FROM {table}")
    )
    path = world.url.removeprefix("sqlite:///")
    files = Path(path).parent.glob("operations.db*") if path != world.url else []
    return cells.encode() + b"".join(file.read_bytes() for file in files)


def test_a_token_comes_back_and_shows_in_no_repr(connected):
    """The adapter gets it; a log line that prints the record does not."""
    found = connected.store.connection(connected.team.id, Network.META)
    assert (found.token, found.refresh_token) == (TOKEN, REFRESH)
    assert TOKEN not in repr(found) and REFRESH not in f"{found}"


def test_a_token_is_nowhere_in_the_database_or_the_audit_log(connected):
    """Only sealed bytes are stored."""
    stored = everything_stored(connected)
    assert b"ads_management" in stored
    assert TOKEN.encode() not in stored and REFRESH.encode() not in stored


def test_renewing_replaces_the_token_and_revives_the_connection(connected):
    """One row per account; needs_reauth ends with a new token."""
    store, team = connected.store, connected.team.id
    store.set_connection_status(team, Network.META, "act_1", "needs_reauth")
    assert store.connection(team, Network.META).status == "needs_reauth"
    store.connect(team, Network.META, "act_1", "new")
    found = store.connection(team, Network.META)
    assert (found.token, found.refresh_token, found.status) == ("new", None, "active")


def test_another_teams_connection_is_not_found(connected):
    """Tokens are scoped like everything else."""
    other = connected.store.add_team("Other", "other.example", "EUR")
    with pytest.raises(NotFound):
        connected.store.connection(other.id, Network.META)


def test_a_sealed_token_does_not_open_in_another_accounts_row(connected):
    """Copying ciphertext between rows is detected."""
    connected.store.connect(connected.team.id, Network.META, "act_2", "second")
    connected.sql("UPDATE social_platform_connections SET access_token_sealed = (SELECT "
                  "access_token_sealed FROM social_platform_connections "
                  "WHERE platform_account_id = 'act_1')")  # fmt: skip
    with pytest.raises(SetupError, match="does not open"):
        connected.store.connection(connected.team.id, Network.META, "act_2")


def test_resumes_are_sealed_and_saved_once(world):
    """The same pairs twice change nothing, and no text is readable in the store."""
    pairs = [("r1", "Maria cooked at the Ritz"), ("r2", "Jo welds 👩‍🏭")]
    assert world.store.save_resumes(world.team.id, pairs)[:3] == (2, 0, 0)
    assert world.store.save_resumes(world.team.id, pairs)[:3] == (0, 0, 2)
    assert world.store.save_resumes(world.team.id, [("r1", "Maria retired")])[:3] == (0, 1, 0)
    assert world.store.resume_texts(world.team.id) == [("r1", "Maria retired"), pairs[1]]
    assert b"Ritz" not in everything_stored(world) and b"welds" not in everything_stored(world)


def test_the_key_file_is_for_its_owner_only(tmp_path):
    """Mode 0600, and a key that others may read is refused."""
    path = tmp_path / "home" / "vault.key"
    sealed = Vault(path).seal("x", "c")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Vault(path).open(sealed, "c") == "x"
    path.chmod(0o644)
    with pytest.raises(SetupError, match="chmod 600"):
        Vault(path)


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe not base64"])
def test_a_broken_key_file_is_named(tmp_path, content):
    """Never silently replaced: what it sealed would be lost."""
    path = tmp_path / "vault.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SetupError, match="not a key file"):
        Vault(path)


def test_another_key_does_not_open_what_was_sealed(tmp_path):
    """And the message carries neither key nor text."""
    sealed = Vault(tmp_path / "a").seal("secret", "c")
    with pytest.raises(SetupError) as caught:
        Vault(tmp_path / "b").open(sealed, "c")
    assert "secret" not in str(caught.value) and caught.value.__cause__ is None
