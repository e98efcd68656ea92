"""The real console script in its own home."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCRIPT = str(Path(sys.executable).with_name("reelroom"))
KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
HAILUO = "fal-ai/minimax/hailuo-2.3/pro/text-to-video"
LIMIT = 60.0


@dataclass
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Stdout as JSON, which nothing else may stand in."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def paths(self) -> list[Path]:
        return [Path(line) for line in self.out.splitlines()]


@dataclass
class Reelroom:
    """The console script with a home of its own."""

    home: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return kept | {"REELROOM_HOME": str(self.home), "LANG": "C.UTF-8", "TERM": "xterm"} | self.more

    def at(self, **more: str) -> "Reelroom":
        return Reelroom(self.home, self.more | more)

    def start(self, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.home.mkdir(exist_ok=True)
        return subprocess.Popen([SCRIPT, *words], env=self.environ, cwd=self.home, **(pipes | options))

    def run(self, *words: str, text: str | None = None) -> Ended:
        with self.start(*words, stdin=subprocess.PIPE if text is not None else subprocess.DEVNULL) as process:
            try:
                out, err = process.communicate(None if text is None else text.encode(), timeout=LIMIT)
            finally:
                process.kill()
        return Ended(process.returncode, out.decode(), err.decode())

    def run_on_terminal(self, *words: str, typed: bytes = b"", after: bytes = b"") -> tuple[int, bytes]:
        """Run with a terminal at all ends; what it wrote there. `typed` is sent once `after` was seen."""
        master, slave = pty.openpty()
        try:
            with self.start(
                *words, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
            ) as process:
                os.close(slave)
                try:
                    seen = _read_all(master, typed, after)
                    process.wait(LIMIT)
                finally:
                    process.kill()
            return process.returncode, seen
        finally:
            os.close(master)


def _read_all(master: int, typed: bytes, after: bytes) -> bytes:
    seen = b""
    until = time.monotonic() + LIMIT
    while time.monotonic() < until:
        if typed and after in seen:
            os.write(master, typed)
            typed = b""
        if not select.select([master], [], [], 0.1)[0]:
            continue
        try:
            some = os.read(master, 65536)
        except OSError:  # Linux says so when the other end was closed
            return seen
        if not some:
            return seen
        seen += some
    raise AssertionError(f"The command did not end in {LIMIT} s: {seen[-2000:]!r}")


@contextmanager
def running(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Ends the process whatever happens, and closes its pipes."""
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def wait_for(process: subprocess.Popen[bytes], word: str) -> str:
    """Read stderr up to the line that holds `word`."""
    assert process.stderr is not None
    seen = ""
    while word not in seen:
        line = process.stderr.readline().decode()
        assert line, f"“{word}” was never said: {seen}"
        seen += line
    return seen
