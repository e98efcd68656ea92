"""A program on a pty of 120x40, for benches: what it writes and when, its CPU, and keys for it."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

WIDTH, HEIGHT = 120, 40
PATIENCE = 30.0
"""Seconds after which a program that has not painted what is waited for is given up."""


class Window:
    """A program that runs until the block ends."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self.began = time.monotonic()
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            colours = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
            os.execvpe(command[0], list(command), {**environ, **colours})
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        self.written = b""
        """The last that it wrote."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.kill(self._pid, signal.SIGTERM)
        # A full pty would hold up what it has to say at its end.
        try:
            while os.read(self._terminal, 65536):
                pass
        except OSError:
            pass
        os.waitpid(self._pid, 0)
        os.close(self._terminal)

    @property
    def cpu(self) -> float:
        """CPU seconds of the process so far: the clock is that of clock_getcpuclockid(3)."""
        return time.clock_gettime((~self._pid << 3) | 2)

    def until(self, so: Callable[[bytes], object], what: str) -> float:
        """Read until what was written since `forget` is so; when that was, by the monotonic clock."""
        deadline = time.monotonic() + PATIENCE
        while not so(self.written):
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"{what} was not painted in {PATIENCE:g} s")
            if select.select([self._terminal], [], [], left)[0]:
                self.written = (self.written + self._read())[-400_000:]
        return time.monotonic()

    def _read(self) -> bytes:
        try:
            return os.read(self._terminal, 65536)
        except OSError as error:
            said = self.written[-2000:].decode(errors="replace")
            raise RuntimeError(f"the program ended, and had said: {said}") from error

    def forget(self) -> None:
        """What was written so far is of no interest any more."""
        self.written = b""

    def send(self, keys: bytes) -> None:
        """Type."""
        os.write(self._terminal, keys)
