"""Child processes, and what they cost."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


def cost(command: Sequence[str | Path]) -> tuple[float, float]:
    """CPU seconds of a command and its children (user and system), and wall seconds; raises if it fails."""
    began = time.monotonic()
    words = [str(word) for word in command]
    quiet = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    child = os.posix_spawnp(words[0], words, os.environ, file_actions=quiet)
    _, status, used = os.wait4(child, 0)
    if status:
        raise subprocess.CalledProcessError(os.waitstatus_to_exitcode(status), words)
    return used.ru_utime + used.ru_stime, time.monotonic() - began


@contextmanager
def serving(*words: str | Path) -> Iterator[str]:
    """A child that prints `READY <base>`, until the block ends; gives the base."""
    command = [str(word) for word in words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            ready = child.stdout.readline().split()
            if ready[:1] != ["READY"]:
                raise RuntimeError(f"{command} is not ready")
            yield ready[1]
        finally:
            child.terminate()


def static_files(folder: Path) -> tuple[str, ...]:
    """The command that serves a folder."""
    return sys.executable, "-m", "tests.bench.static", str(folder)
