"""The terminal while a clip plays on it: its second screen, raw keys, its size, and the way back."""

import os
import select
import signal
import termios
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from .keys import WAIT, Keys
from .link import Link

ENTER = b"\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?1004h\x1b[0m\x1b[2J"
LEAVE = b"\x1b[?2026l\x1b[0m\x1b[?1004l\x1b[?7h\x1b[?25h\x1b[?1049l"
ENDINGS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
GRACE = 1.0
"""Seconds that a terminal has for what it was sent last."""


class Console:
    """Raw keys in, output through a link, never waiting for the terminal."""

    def __init__(self, way: int, wake: int) -> None:
        self._way, self._wake = way, wake
        self._keys = Keys()
        self.link = Link(self._write)
        self.ended: signal.Signals | None = None
        """The signal that asks to leave, if one came."""
        self.gone = False
        """Whether there is no terminal any more."""

    @property
    def size(self) -> tuple[int, int]:
        """Cells across and down."""
        try:
            found = os.get_terminal_size(self._way)
        except OSError:
            return 80, 24
        return (found.columns or 80), (found.lines or 24)

    def listen(self, seconds: float) -> Iterator[str]:
        """Wait for keys or a signal, at most so many seconds, and write meanwhile; gives what was typed."""
        if self._keys.unsure:
            seconds = min(seconds, WAIT)
        out = [self._way] if self.link.blocked else []
        ready, _, _ = select.select([self._way, self._wake], out, [], max(0.0, seconds))
        if self._wake in ready:
            with suppress(BlockingIOError):
                os.read(self._wake, 512)
        if self._way in ready:
            yield from self._heard(self._read())
        elif self._keys.unsure:
            yield from self._keys.settle()
        self.link.pump(time.monotonic())

    def close(self) -> None:
        """The way back, within a second or two also where the terminal takes nothing any more."""
        self.link.forget()
        self.link.say(LEAVE, time.monotonic())
        until = time.monotonic() + 2 * GRACE
        while not (self.link.settled or self.gone) and time.monotonic() < until:
            for _ in self.listen(0.05):
                pass

    def end(self, number: int, _frame: FrameType | None) -> None:
        """A signal has come that asks to leave."""
        self.ended = signal.Signals(number)

    def _heard(self, data: bytes) -> Iterator[str]:
        for name in self._keys.feed(data):
            if name == "arrived":
                self.link.heard(time.monotonic())
            else:
                yield name

    def _read(self) -> bytes:
        try:
            data = os.read(self._way, 4096)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        self.gone = self.gone or not data
        return data

    def _write(self, data: bytes) -> int:
        try:
            return os.write(self._way, data)
        except BlockingIOError:
            return 0
        except OSError:
            self.gone = True
            return len(data)


@contextmanager
def console(stdin: int) -> Iterator[Console]:
    """The terminal behind a descriptor, for as long as the block lasts; however it ends, all is put back."""
    # A descriptor of our own: to make the shell's non-blocking would outlive us.
    way = os.open(os.ttyname(stdin), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    wake, woken = os.pipe()
    try:
        for end in (wake, woken):
            os.set_blocking(end, False)
        before = termios.tcgetattr(way)
        opened = Console(way, wake)
        with _signals(opened.end, woken):
            try:
                tty.setraw(way, termios.TCSANOW)
                opened.link.say(ENTER, time.monotonic())
                yield opened
            finally:
                opened.close()
                with suppress(termios.error):
                    # Late answers are not for the shell. Waiting until all is written could be for ever.
                    termios.tcflush(way, termios.TCIFLUSH)
                    termios.tcsetattr(way, termios.TCSANOW, before)
    finally:
        for descriptor in (way, wake, woken):
            os.close(descriptor)


@contextmanager
def _signals(end: Callable[[int, FrameType | None], None], woken: int) -> Iterator[None]:
    """Signals that end us or tell of a new size interrupt the wait for keys."""
    before = {number: signal.signal(number, end) for number in ENDINGS}
    before[signal.SIGWINCH] = signal.signal(signal.SIGWINCH, lambda _number, _frame: None)
    old = signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(old)
        for number, handler in before.items():
            signal.signal(number, handler)
