"""One system call of a command made to fail, or to be its last, with strace."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from .forks import Child
from .stage import FOX, Stage

CALLS = (
    "openat",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat2",
    "linkat",
    "unlink",
    "ftruncate",
    "fallocate",
)
FAULTS = ("EIO", "ENOSPC", "EINTR", "SIGKILL")


@dataclass(frozen=True, slots=True)
class Injection:
    """The `when`-th call of that name, counted in each thread, fails so, or is followed by a kill."""

    call: str
    fault: str
    when: int

    @property
    def words(self) -> list[str]:
        how = "signal=SIGKILL" if self.fault == "SIGKILL" else f"error={self.fault}"
        # Alternative names of one call, of which a library may use either.
        call = {"rename": "rename,renameat", "linkat": "link,linkat", "unlink": "unlink,unlinkat"}.get(
            self.call, self.call
        )
        return ["-e", f"trace={call}", "-e", f"inject={call}:{how}:when={self.when}"]


def injected(stage: Stage, injection: Injection, *, prompt: str = FOX) -> bool:
    """Run `generate` from its first own step on with one fault; whether it came to that call at all."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not here: not run")
    child = stage.start(*stage.order(prompt=prompt), hold=True)
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        command = ["strace", "-f", "-qq", "-o", str(told), *injection.words, "-p", str(child.pid)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as tracer:
            try:
                _attached(child, tracer)
                os.kill(child.pid, signal.SIGCONT)
                child.wait()
                tracer.wait(20)
            finally:
                tracer.kill()
        text = told.read_text(errors="replace")
    return "INJECTED" in text or "killed by SIGKILL" in text


def _attached(child: Child, tracer: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while "TracerPid:\t0\n" in Path(f"/proc/{child.pid}/status").read_text():
        if tracer.poll() is not None:
            child.kill()
            child.wait()
            pytest.skip("strace may not attach here: not run")
        assert time.monotonic() < deadline
        time.sleep(0.005)
