"""Power cuts: a disk of its own in a file, which is copied while it is in use; the copy is what a cut leaves.

What was never brought to the disk is not in the copy. It needs root, a loop device and ext4; otherwise the
test is skipped: not run.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .forks import Child
from .outside import Snapshot, snapshot
from .stage import Stage

SIZE = 128 << 20


def _ran(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, timeout=30)


@contextmanager
def loop_disk(folder: Path) -> Iterator[Path]:
    """An ext4 disk mounted at `folder`, which brings nothing to its file by itself; its file."""
    file = folder.with_name(f"{folder.name}.disk")
    folder.mkdir(parents=True)
    try:
        with file.open("wb") as image:
            image.truncate(SIZE)
        _ran("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=1", "-J", "size=4", str(file))
        _ran("mount", "-o", "loop,commit=300", str(file), str(folder))
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no loop disk can be mounted here: {error}")
    (folder / "lost+found").rmdir()
    try:
        yield file
    finally:
        unmount(folder)


def unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=False, capture_output=True, timeout=30)


def stopped(stage: Stage, point: str, *words: str) -> Child | None:
    """A command that stands still at a point (name:n); None where it ended before it came there."""
    child = stage.start(*(words or stage.order()), point=f"{point}:stop")
    deadline = time.monotonic() + 20
    while child.poll() is None:
        if Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T":
            return child
        assert time.monotonic() < deadline, f"{point} was never seen"
        time.sleep(0.003)
    return None


@contextmanager
def cut(stage: Stage, disk: Path, point: str, at: Path | None = None) -> Iterator[tuple[Snapshot, Snapshot]]:
    """The power goes at a point: what the database had said by then, and what is there afterwards.

    While the block lasts the copy is mounted in the place of the disk: at the home, unless it is said where.
    """
    at = at or stage.home
    child = stopped(stage, point)
    assert child is not None, f"the program ended before {point}"
    copy = disk.with_suffix(".copy")
    try:
        said = snapshot(stage.home)
        _ran("cp", "--sparse=always", str(disk), str(copy))
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    unmount(at)
    _ran("mount", "-o", "loop,commit=300", str(copy), str(at))
    yield said, snapshot(stage.home)
