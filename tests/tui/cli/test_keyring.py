"""The FAL key in a system keyring: there only where one answers, asked only where it was given a key."""

import time
from pathlib import Path

import pytest

from tests.tui.cli.script import Reelroom

SECRET = "0123abcd-key-id:5ec7e7c0ffee5ec7e7c0ffee"
KEYRING = """
import os, pathlib, time
FILE = pathlib.Path(os.environ["REELROOM_HOME"]) / "a-keyring"
class Ring:
    priority = float(os.environ.get("RING_PRIORITY", "5"))
    def get_password(self, service, name):
        if os.environ.get("RING") == "hangs":
            time.sleep(60)
        if os.environ.get("RING") == "fails":
            raise RuntimeError("it fell over " + FILE.read_text())
        if os.environ.get("RING") == "forgets" or not FILE.exists():
            return None
        return FILE.read_text()
    def set_password(self, service, name, text):
        assert (service, name) == ("reelroom", "FAL key")
        FILE.write_text(text)
    def delete_password(self, service, name):
        FILE.unlink()
def get_keyring():
    return Ring()
"""


@pytest.fixture
def ringed(reelroom: Reelroom, tmp_path: Path) -> Reelroom:
    """With a package `keyring` that keeps things in a file of its own."""
    folder = tmp_path / "packages"
    folder.mkdir()
    (folder / "keyring.py").write_text(KEYRING)
    return reelroom.at(PYTHONPATH=str(folder))


def file_of(reelroom: Reelroom) -> Path:
    return reelroom.home / "config" / "key"


def test_a_keyring_that_answers_keeps_the_key_and_the_file_only_its_id(ringed: Reelroom) -> None:
    kept = ringed.run("key", "set", text=SECRET)
    assert (kept.code, kept.err) == (0, "Kept in the system keyring. Key id 0123abcd-key-id.\n")
    assert (ringed.home / "a-keyring").read_text() == SECRET
    assert file_of(ringed).read_text() == "in the system keyring: 0123abcd-key-id\n"
    assert ringed.run("key", "show").out == "Key id 0123abcd-key-id, from the system keyring.\n"
    assert "(the system keyring)" in ringed.run("info").out
    assert ringed.at(FAL_KEY="own:1234123412341234").run("key", "show").out == "Key id own, from FAL_KEY.\n"
    assert ringed.run("key", "forget").code == 0
    assert not (ringed.home / "a-keyring").exists()
    assert ringed.run("key", "show").out == "No key. Reelroom works in its sandbox.\n"


@pytest.mark.parametrize(
    ("ring", "why"),
    [
        ({"RING": "hangs"}, "did not answer within 2 s"),
        ({"RING": "fails"}, "failed (RuntimeError)"),
        ({"RING": "forgets"}, "did not keep the key"),
        ({"RING_PRIORITY": "0.5"}, "There is no system keyring here"),
    ],
)
def test_without_a_keyring_that_answers_a_file_keeps_the_key_and_is_said_to(
    ringed: Reelroom, ring: dict[str, str], why: str
) -> None:
    began = time.monotonic()
    kept = ringed.at(**ring).run("key", "set", text=SECRET)
    assert time.monotonic() - began < 20
    assert kept.code == 0
    assert why in kept.err
    assert f"Kept in {file_of(ringed)}, which only you can read (mode 0600)." in kept.err
    assert file_of(ringed).read_text().strip() == SECRET
    assert file_of(ringed).stat().st_mode & 0o777 == 0o600
    assert "from key file, mode 0600." in ringed.run("key", "show").out


@pytest.mark.parametrize("ring", ["hangs", "fails", "forgets"])
def test_a_key_that_the_keyring_does_not_give_ends_with_3_and_never_in_practice(
    ringed: Reelroom, ring: str
) -> None:
    ringed.run("key", "set", text=SECRET)
    ended = ringed.at(RING=ring).run("generate", "a fox", "-m", "pixverse-v6")
    assert ended.code == 3
    assert "The FAL key is kept there." in ended.err
    assert "5ec7e7c0ffee" not in ended.out + ended.err
    assert ringed.at(RING=ring).run("key", "show").code == 0


def test_a_keyring_is_never_asked_where_nothing_was_kept_in_it(ringed: Reelroom, sandbox: str) -> None:
    there = ringed.at(RING="hangs", REELROOM_FAL_URL=sandbox)
    assert there.run("jobs").code == 0
    assert there.run("key", "show").out == "No key. Reelroom works in its sandbox.\n"


def test_a_key_from_the_keyring_is_written_nowhere_else(ringed: Reelroom, sandbox: str) -> None:
    ringed.run("key", "set", text=SECRET)
    there = ringed.at(REELROOM_FAL_URL=sandbox)
    ended = there.run(
        *("generate", "a fox", "-m", "pixverse-v6", "--json"),
        *("--set", "duration=1", "--set", "resolution=360p"),
    )
    assert ended.code == 0
    assert [path for path in there.home.rglob("*") if path.is_file() and holds(path)] == [
        ringed.home / "a-keyring"
    ]


def holds(path: Path) -> bool:
    return b"5ec7e7c0ffee5ec7" in path.read_bytes()
