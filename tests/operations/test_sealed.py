"""Tokens and résumés are sealed: nothing readable in the files, the log or a repr."""

import base64
import stat
from pathlib import Path

import pytest

from domain.errors import NotFound, SetupError
from domain.platform import Network
from resources.security.vault import Vault

TOKEN, REFRESH = "EAAB-secret-token-000", "refresh-secret-token-111"


@pytest.fixture
def connected(world):
    world.store.connections.connect(
        world.team.id,
        Network.META,
        "act_1",
        TOKEN,
        refresh_token=REFRESH,
        scopes=("ads_management",),
    )
    return world


def new_vault(path):
    vault = Vault(path)
    vault.ring.create()
    return vault


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
    found = connected.store.connections.get(connected.team.id, Network.META)
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
    store.connections.set_status(team, Network.META, "act_1", "needs_reauth")
    assert store.connections.get(team, Network.META).status == "needs_reauth"
    store.connections.connect(team, Network.META, "act_1", "new")
    found = store.connections.get(team, Network.META)
    assert (found.token, found.refresh_token, found.status) == ("new", None, "active")


def test_another_teams_connection_is_not_found(connected):
    """Tokens are scoped like everything else."""
    other = connected.store.teams.add("Other", "other.example", "EUR")
    with pytest.raises(NotFound):
        connected.store.connections.get(other.id, Network.META)


def test_a_sealed_token_does_not_open_in_another_accounts_row(connected):
    """Copying ciphertext between rows is detected."""
    connected.store.connections.connect(connected.team.id, Network.META, "act_2", "second")
    connected.sql(
        "UPDATE social_platform_connections SET access_token_sealed = (SELECT "
        "access_token_sealed FROM social_platform_connections "
        "WHERE platform_account_id = 'act_1')"
    )
    with pytest.raises(SetupError, match="does not open"):
        connected.store.connections.get(connected.team.id, Network.META, "act_2")


def test_resumes_are_sealed_and_saved_once(world):
    """The same pairs twice change nothing, and no text is readable in the store."""
    pairs = [("r1", "Maria cooked at the Ritz"), ("r2", "Jo welds 👩‍🏭")]
    assert world.store.resumes.save(world.team.id, pairs)[:3] == (2, 0, 0)
    assert world.store.resumes.save(world.team.id, pairs)[:3] == (0, 0, 2)
    assert world.store.resumes.save(world.team.id, [("r1", "Maria retired")])[:3] == (0, 1, 0)
    assert world.store.resumes.texts(world.team.id) == [("r1", "Maria retired"), pairs[1]]
    assert b"Ritz" not in everything_stored(world) and b"welds" not in everything_stored(world)


def test_the_key_file_is_for_its_owner_only(tmp_path):
    """Mode 0600, and a key that others may read is refused."""
    path = tmp_path / "home" / "vault.key"
    sealed = new_vault(path).seal("x", "c")
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
    with pytest.raises(SetupError, match="no key"):
        Vault(path)


def test_the_key_of_an_earlier_version_is_named_with_the_way_out(tmp_path):
    """It sealed in another way, so nothing of it would open: reset, or connect again."""
    path = tmp_path / "vault.key"
    path.write_bytes(base64.urlsafe_b64encode(bytes(range(32))))
    path.chmod(0o600)
    with pytest.raises(SetupError, match=r"earlier version.*jobads reset.*connect"):
        Vault(path)


def test_what_an_earlier_version_sealed_is_named(connected):
    """A row from before, or a damaged one, says how to mend it."""
    connected.sql("UPDATE social_platform_connections SET access_token_sealed = :v", v=b"gAAAAAB")
    with pytest.raises(SetupError, match=r"earlier version.*connect the account again"):
        connected.store.connections.get(connected.team.id, Network.META)


def test_another_homes_key_does_not_open_what_was_sealed(tmp_path):
    """The message names the key that is missing, and carries neither key nor text."""
    here, there = new_vault(tmp_path / "a"), new_vault(tmp_path / "b")
    sealed, _ = here.seal("secret", "c"), there.seal("other", "c")
    with pytest.raises(SetupError, match="nothing was lost") as caught:
        there.open(sealed, "c")
    assert "secret" not in str(caught.value) and caught.value.__cause__ is None
    assert here.ring.current().version in str(caught.value)


def test_a_wrong_key_under_the_right_name_does_not_open(tmp_path):
    """As when somebody mixes up two backups."""
    sealed = Vault(tmp_path / "a", f"k1:{base64.urlsafe_b64encode(bytes(32)).decode()}").seal(
        "s", "c"
    )
    wrong = Vault(tmp_path / "a", f"k1:{base64.urlsafe_b64encode(bytes([1] * 32)).decode()}")
    with pytest.raises(SetupError, match="JOBADS_KEYS: a sealed value does not open"):
        wrong.open(sealed, "c")


@pytest.mark.parametrize("place", ["c2", ""])
def test_what_is_sealed_for_one_place_opens_in_no_other(tmp_path, place):
    """Team, network, account and which token are bound to the value."""
    vault = new_vault(tmp_path / "a")
    with pytest.raises(SetupError, match="does not open"):
        vault.open(vault.seal("secret", "c"), place)


def test_the_same_text_is_never_sealed_alike(tmp_path):
    """The nonce is random: equal tokens do not show that they are equal."""
    vault = new_vault(tmp_path / "a")
    assert len({vault.seal("secret", "c") for _ in range(50)}) == 50


def test_a_key_and_a_ring_show_no_secret(tmp_path):
    """Not in a repr, not in the message about a broken ring."""
    secret = base64.urlsafe_b64encode(bytes(32)).decode()
    vault = Vault(tmp_path / "a", f"k1:{secret}")
    assert secret not in repr(vault) + repr(vault.ring.current()) + repr(vault.ring.entries())
    with pytest.raises(SetupError, match="entry 2") as caught:
        Vault(tmp_path / "a", f"k1:{secret} k2:{secret}x")
    assert secret not in str(caught.value)


def test_every_sealed_column_is_resealed_and_looked_at_for_a_lost_key():
    """Whoever adds one names it, and what it is bound to, in seals.py."""
    from resources.operations.schema import metadata
    from resources.operations.seals import CONTEXTS, SEALED

    columns = {c for t in metadata.tables.values() for c in t.columns if "sealed" in c.name}
    assert set(SEALED) == columns and {c.name for c in columns} == set(CONTEXTS)
