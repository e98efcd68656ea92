import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from reelroom.store.errors import EngineBusy
from reelroom.store.lock import EngineLock

HOLDER = """
import sys, time
from pathlib import Path
from reelroom.store.lock import EngineLock
with EngineLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "state" / "engine.lock"


def test_a_second_engine_is_told_who_the_first_is_and_since_when(lock: Path) -> None:
    with EngineLock(lock, clock=lambda: 1_760_000_000.0):
        with pytest.raises(EngineBusy, match=f"process {os.getpid()}.*2025-10-09 08:53 UTC") as caught:
            EngineLock(lock).__enter__()
        assert (caught.value.holder.pid, caught.value.holder.since) == (os.getpid(), 1_760_000_000.0)


def test_the_lock_is_free_again_after_it_was_left_and_after_an_error(lock: Path) -> None:
    with pytest.raises(KeyError), EngineLock(lock):
        raise KeyError
    for _ in range(2):
        with EngineLock(lock):
            assert b"pid" in lock.read_bytes()
    assert lock.read_bytes() == b""


def test_the_lock_lies_in_a_private_folder_and_is_not_inherited(lock: Path) -> None:
    with EngineLock(lock) as held:
        assert stat.S_IMODE(lock.stat().st_mode) == 0o600
        assert stat.S_IMODE(lock.parent.stat().st_mode) == 0o700
        assert not os.get_inheritable(held._descriptor)


def test_the_lock_of_a_killed_engine_is_free_at_once(lock: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(lock)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(EngineBusy) as caught:
            EngineLock(lock).__enter__()
        assert caught.value.holder.pid == holder.pid
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        with EngineLock(lock):
            assert str(os.getpid()).encode() in lock.read_bytes()


def test_a_child_that_outlives_the_engine_does_not_keep_the_lock(lock: Path) -> None:
    with EngineLock(lock):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    with child:
        with EngineLock(lock):
            assert child.poll() is None
        assert child.stdin is not None
        child.stdin.write(b"\n")


@pytest.mark.parametrize("words", [b"", b"{", b"[]", b'{"pid": "x", "since": 1}', b"null"])
def test_a_holder_that_has_not_said_who_it_is_is_called_another_one(lock: Path, words: bytes) -> None:
    with EngineLock(lock):
        lock.write_bytes(words)
        with pytest.raises(EngineBusy, match=r"^Another Reelroom has been at work") as caught:
            EngineLock(lock).__enter__()
        assert caught.value.holder.pid is None


def test_a_lock_file_that_was_removed_is_made_anew(lock: Path) -> None:
    with EngineLock(lock):
        lock.unlink()
        with EngineLock(lock):
            assert lock.exists()
