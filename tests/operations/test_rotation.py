"""Keys change while processes work, and nothing that was sealed is lost."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import InputError, SetupError
from domain.platform import Network
from resources.operations.store import OperationsStore
from resources.security.keys import Keyring
from resources.security.vault import Vault


@pytest.fixture
def full(world):
    """Two accounts and three résumés, all sealed with the first key."""
    for account in ("act_1", "act_2"):
        world.store.connections.connect(
            world.team.id,
            Network.META,
            account,
            f"token of {account}",
            refresh_token=f"refresh of {account}",
        )
    world.store.resumes.save(world.team.id, RESUMES)
    return world


RESUMES = [("r1", "Maria cooks"), ("r2", "Jo welds"), ("r3", "Ann flies")]


def everything(store, team):
    accounts = [store.connections.get(team, Network.META, a) for a in ("act_1", "act_2")]
    return [(c.token, c.refresh_token) for c in accounts], store.resumes.texts(team)


def test_all_is_resealed_and_reads_as_before(full):
    """After it the old key may go, and the store still opens."""
    store, team = full.store, full.team.id
    before, old = everything(store, team), store.keys.vault.ring.current().version
    new = store.keys.vault.ring.rotate().version
    assert everything(store, team) == before
    assert store.keys.reseal() == (7, 0) and store.keys.reseal() == (0, 0)
    assert store.keys.sealed_by() == {new: 7}
    store.keys.forget(old)
    assert everything(store, team) == before


def test_resumes_are_known_again_after_a_rotation(full):
    """Before resealing, after it, and with the old key gone: the same file changes nothing."""
    store, team = full.store, full.team.id
    old = store.keys.vault.ring.current().version
    for step in (store.keys.vault.ring.rotate, store.keys.reseal, lambda: store.keys.forget(old)):
        step()
        assert store.resumes.save(team, RESUMES)[:3] == (0, 0, 3)


def test_a_key_in_use_is_not_forgotten(full):
    """Neither the one that seals nor an old one that something needs."""
    first = full.store.keys.vault.ring.current().version
    full.store.keys.vault.ring.rotate()
    for version in (first, full.store.keys.vault.ring.current().version):
        with pytest.raises(InputError, match="in use"):
            full.store.keys.forget(version)
    with pytest.raises(SetupError, match="no old key"):
        full.store.keys.forget("k9")


def another_key(path):
    """As when somebody mixes up the key files of two homes."""
    path.unlink()
    Keyring(path).create()


def the_secret_of_another(path):
    """As when somebody edits the file: the version's name is right."""
    version, _, _ = path.read_text().partition(":")
    path.write_text(f"{version}:{'A' * 43}=\n")


@pytest.mark.parametrize("lose", [Path.unlink, another_key, the_secret_of_another])
def test_a_lost_or_wrong_key_stops_all_sealing_until_it_is_put_back(full, tmp_path, lose):
    """Whoever would seal, mark or reseal is told; no file and no row changes; it mends at once."""
    team, path = full.team.id, tmp_path / "vault.key"
    kept, before = path.read_text(), full.sql(ROWS)
    lose(path)
    left = path.read_text() if path.exists() else None
    fresh = OperationsStore(full.url, vault=Vault(path))
    for sealing in (
        lambda: fresh.connections.connect(team, Network.META, "act_3", "third"),
        lambda: fresh.resumes.save(team, [("r4", "Kim bakes")]),
        lambda: renewed(fresh, team),
        fresh.keys.rotate,
        fresh.keys.reseal,
        fresh.keys.create,
        lambda: fresh.connections.get(team, Network.META),
    ):
        with pytest.raises(SetupError, match=r"vault\.key.*(nothing was lost|restore the key)"):
            sealing()
    assert (path.read_text() if path.exists() else None) == left and full.sql(ROWS) == before
    path.write_text(kept)
    path.chmod(0o600)
    assert everything(fresh, team)[1] == RESUMES and fresh.keys.reseal() == (0, 0)
    fresh.connections.connect(team, Network.META, "act_3", "third")
    fresh.close()


ROWS = "SELECT platform_account_id, access_token_sealed FROM social_platform_connections ORDER BY 1"


def renewed(store, team):
    claim = store.connections.claim_refresh(team, Network.META, "act_1", seen=None, for_s=60)
    store.connections.refreshed(
        team, Network.META, "act_1", claim=claim, token="t", refresh_token="r", expires_at=claim
    )


def test_a_key_that_only_marks_need_is_not_replaced_unasked(full, tmp_path):
    """Erased persons are known again by it; `keys new` is for who has lost it for good."""
    team, path = full.team.id, tmp_path / "vault.key"
    for key, _ in RESUMES:
        full.store.erasures.begin(team, key, {})
        full.store.erasures.end(team, key, {}, "ann")
    for account in ("act_1", "act_2"):
        full.store.connections.disconnect(team, Network.META, account)
    path.unlink()
    fresh = OperationsStore(full.url, vault=Vault(path))
    with pytest.raises(SetupError, match="3 erased persons are known again"):
        fresh.connections.connect(team, Network.META, "act_3", "third")
    assert not path.exists()
    fresh.keys.create()
    fresh.connections.connect(team, Network.META, "act_3", "third")
    assert fresh.connections.get(team, Network.META).token == "third"
    fresh.close()


def test_a_lost_key_is_no_reason_to_keep_a_person(full, tmp_path):
    """The erasure ends, makes no new key, and its entry carries no digest."""
    team, path = full.team.id, tmp_path / "vault.key"
    path.unlink()
    fresh = OperationsStore(full.url, vault=Vault(path))
    fresh.erasures.begin(team, "r1", {})
    fresh.erasures.end(team, "r1", {}, "ann")
    assert not path.exists() and fresh.resumes.get(team, "r1", closed=True) is None
    (entry,) = [e for e in fresh.audit.entries(team) if e["action"] == "subject.forgotten"]
    assert "missing" in entry["subject"]
    fresh.close()


def test_a_killed_rotation_leaves_no_ring_behind(tmp_path, monkeypatch):
    """The draft holds secrets; the next process that opens or changes the ring removes it."""
    path = tmp_path / "vault.key"
    ring = Keyring(path)
    ring.create()
    monkeypatch.setattr(Path, "replace", killed)
    for mend in (lambda: Keyring(path), lambda: Keyring(path).entries()):
        with pytest.raises(KeyboardInterrupt):
            ring.rotate()
        assert len(list(tmp_path.iterdir())) == 2
        mend()
        assert [p.name for p in tmp_path.iterdir()] == ["vault.key"]
    with pytest.raises(KeyboardInterrupt):
        ring.rotate()
    monkeypatch.undo()
    ring.rotate()
    assert [p.name for p in tmp_path.iterdir()] == ["vault.key"]


def killed(*_):
    raise KeyboardInterrupt


def test_the_ring_is_on_the_disk_before_anything_is_sealed_with_it(tmp_path, monkeypatch):
    """The file and then its folder are synced, when it is made and when it changes."""
    synced = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(stat.S_ISDIR(os.fstat(fd).st_mode)))
    ring = Keyring(tmp_path / "vault.key")
    ring.create()
    ring.rotate()
    assert synced == [False, True, False, True]


def test_a_running_process_says_that_the_key_file_is_gone(full, tmp_path):
    """It makes no new key of its own."""
    (tmp_path / "vault.key").unlink()
    with pytest.raises(SetupError, match="key file is gone"):
        full.store.connections.connect(full.team.id, Network.META, "act_3", "third")


def test_keys_of_the_environment_are_rotated_by_who_sets_them(full, tmp_path):
    """A new one in front, then reseal; the file is not touched."""
    ring = (tmp_path / "vault.key").read_text()
    given = f"new:{'A' * 43}= {ring}"
    store = OperationsStore(full.url, vault=Vault(tmp_path / "vault.key", given))
    with pytest.raises(SetupError, match="come from the environment"):
        store.keys.vault.ring.rotate()
    assert store.keys.reseal() == (7, 0) and set(store.keys.sealed_by()) == {"new"}
    assert (tmp_path / "vault.key").read_text() == ring
    store.close()


WORK = """
import sys
from pathlib import Path
from domain.errors import Retryable
from domain.platform import Network
from resources.operations.store import OperationsStore
from resources.security.vault import Vault
url, key, team, account = sys.argv[1:5]
store = OperationsStore(url, vault=Vault(Path(key)))
print("ready", flush=True); sys.stdin.readline()
"""
WRITER = """
for n in range(150):
    try:
        access, refresh = f"{account} {n}", f"r {n}"
        store.connections.connect(team, Network.META, account, access, refresh_token=refresh)
    except Retryable:
        continue  # the key went while this was being sealed: nothing was written
    found = store.connections.get(team, Network.META, account)
    assert (found.token, found.refresh_token) == (f"{account} {n}", f"r {n}"), n
    assert len(store.resumes.texts(team)) == 3
"""
ROTATER = """
for _ in range(8):
    store.keys.vault.ring.rotate()
    assert store.keys.reseal().closed == 0
    for old in store.keys.vault.ring.entries()[1:]:
        try:
            store.keys.forget(old.version)
        except Exception as error:
            assert "in use" in str(error) or "no old key" in str(error), error
"""


def test_keys_change_under_writers_and_readers(full, tmp_path):
    """Two processes rotate and forget while three write and read: every token reads back."""
    team, key = str(full.team.id), str(tmp_path / "vault.key")
    jobs = [(WRITER, f"w{i}") for i in range(3)] + [(ROTATER, "a"), (ROTATER, "b")]
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WORK + code, full.url, key, team, name],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            text=True,
        )
        for code, name in jobs
    ]
    for process in processes:
        process.stdout.readline()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    full.store.keys.reseal()
    assert set(full.store.keys.sealed_by()) == {full.store.keys.vault.ring.current().version}
    assert everything(full.store, team)[1] == RESUMES


@pytest.mark.parametrize("what", ["connection", "resume_texts", "resume"])
def test_a_key_that_goes_between_reading_and_opening_is_no_loss(full, monkeypatch, what):
    """Whoever had read the older value reads again and finds it under the new key."""
    store, team = full.store, str(full.team.id)
    read = {
        "connection": lambda: store.connections.get(team, Network.META).token,
        "resume_texts": lambda: store.resumes.texts(team),
        "resume": lambda: store.resumes.get(team, sorted(RESUMES)[0][0], closed=True).text,
    }[what]
    before, opens, overtaken = read(), store.keys.vault.open, []

    def overtake(sealed: bytes, context: str) -> str:
        if not overtaken:
            overtaken.append(store.keys.vault.ring.current().version)
            store.keys.vault.ring.rotate()
            store.keys.reseal()
            store.keys.forget(overtaken[0])
        return opens(sealed, context)

    monkeypatch.setattr(store.keys.vault, "open", overtake)
    assert read() == before and before
    assert overtaken and overtaken[0] not in store.keys.sealed_by()


def test_two_that_rotate_at_once_lose_no_key(tmp_path):
    """The second puts its key in front of the first one's."""
    code = """
import sys; from pathlib import Path; from resources.security.keys import Keyring
ring = Keyring(Path(sys.argv[1])); ring.create()
for _ in range(20): print(ring.rotate())
"""
    command = [sys.executable, "-c", code, str(tmp_path / "vault.key")]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    made = {line for p in processes for line in p.communicate(timeout=60)[0].split()}
    ring = Keyring(tmp_path / "vault.key")
    assert len(made) == 60 and made <= {str(key) for key in ring.entries()}
