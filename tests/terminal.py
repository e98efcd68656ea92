"""A terminal for tests: a program on a pty of its own, what it has drawn, and the keys of a person."""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Self

import pyte

SIP = 256
"""Bytes that a slow link lets through at a time, at least."""
PATIENCE = 20.0
"""Seconds until a text that should have been drawn is taken for one that never will be."""
QUIET = 0.08
"""Seconds without output after which the screen is taken for finished."""

# The pty becomes the program's own terminal, so that closing it hangs the program up.
LAUNCH = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execvp(sys.argv[1], sys.argv[1:])\n"
)

KEYS: Mapping[str, str] = {
    "enter": "\r",
    "tab": "\t",
    "escape": "\x1b",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "f1": "\x1bOP",
    "f5": "\x1b[15~",
    "shift+tab": "\x1b[Z",
}

# pyte draws the ends of sequences that it does not know; these are taken out before it sees them.
BEYOND_PYTE = re.compile(
    rb"\x1b\[[<=>?][0-9;]*[ -/]*[@-gi-km-~]|\x1b\[[0-9;]*[ -/]+[@-~]|\x1bP(?s:.*?)(?<!\x1b)\x1b\\"
)
UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|P(?s:(?!(?<!\x1b)\x1b\\).)*)?\Z")
QUERY = re.compile(rb"\x1b\[(?:\?(?P<mode>\d+)\$p|(?P<device>0?c)|(?P<kitty>\?u)|(?P<place>6n)|(?P<well>5n))")
MODE = re.compile(rb"\x1b\[\?(?P<modes>[\d;]+)(?P<on>[hl])")
CLIPBOARD = re.compile(rb"\x1b\]52;c;(?P<text>[A-Za-z0-9+/=]*)(?:\x07|\x1b\\)")

FOCUSED = re.compile(r"━ (?P<pane>\w+) ━")

MOUSE = frozenset({1000, 1002, 1003, 1006, 1015, 1016})
ALTERNATE, CURSOR, PASTE = 1049, 25, 2004


class Gone(AssertionError):
    """The program ended, or what was waited for never came; it carries the screen."""


class Terminal:
    """A pty with a program on it. It draws while it waits: nothing is read in between."""

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        *,
        size: tuple[int, int] = (120, 40),
        answers: bool = True,
        speed: float | None = None,
    ) -> None:
        self._answers = answers
        self._speed = speed
        self._read_at = time.monotonic()
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._left = b""
        self.raw = bytearray()
        """Everything that came out, byte for byte."""
        self.modes: set[int] = {CURSOR}
        """The private modes that are on."""
        self._master, slave = os.openpty()
        self._sized(*size)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", LAUNCH, *command],
            env={"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"} | dict(environ),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        """End what was started, however it stands."""
        self.close()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    # What a person sees.

    @property
    def rows(self) -> list[str]:
        """The screen, a line each, without the blanks at the ends."""
        return [row.rstrip() for row in self._screen.display]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.rows)

    @property
    def copied(self) -> list[bytes]:
        """What was sent to the clipboard, in base64."""
        return [match["text"] for match in CLIPBOARD.finditer(bytes(self.raw))]

    @property
    def restored(self) -> bool:
        """Whether the terminal is as it was found: no second screen, a cursor, no mouse, no paste marks."""
        return CURSOR in self.modes and not self.modes & {ALTERNATE, PASTE, *MOUSE}

    def wait(self, *texts: str, patience: float = PATIENCE) -> float:
        """Draw until all the texts are shown; the seconds that it took."""
        return self.until(lambda: all(text in self.text for text in texts), f"{texts}", patience=patience)

    def gone(self, text: str, *, patience: float = PATIENCE) -> None:
        """Draw until a text is no longer shown."""
        self.until(lambda: text not in self.text, f"no {text!r}", patience=patience)

    def until(self, so: Callable[[], bool], what: str, *, patience: float = PATIENCE) -> float:
        """Draw until something is so."""
        began = time.monotonic()
        while not so():
            left = began + patience - time.monotonic()
            if left <= 0 or not self._read(min(left, 0.05)):
                raise Gone(f"waited for {what} in vain:\n{self.text}")
        return time.monotonic() - began

    def settle(self) -> None:
        """Draw until nothing more comes."""
        while select.select([self._master], [], [], QUIET)[0] and self._read(0):
            pass

    def ends(self, *, patience: float = PATIENCE) -> int:
        """Draw until the program has ended; its exit code, negative for a signal."""
        deadline = time.monotonic() + patience
        while self._process.poll() is None:
            if time.monotonic() > deadline:
                raise Gone(f"it goes on and on:\n{self.text}")
            if self._master < 0 or not self._read(0.05):
                time.sleep(0.01)
        while self._master >= 0 and self._read(0):
            pass
        return self._process.returncode

    # What a person does.

    def key(self, *names: str) -> None:
        """Press keys, named as in Textual; each alone, as a person would."""
        for name in names:
            if name.startswith("ctrl+"):
                self.send(bytes([ord(name[-1].upper()) & 0x1F]))
            else:
                self.send(KEYS.get(name, name).encode())
            if name == "escape":
                self._pause(0.15)
            self.settle()

    def type(self, text: str) -> None:
        """Type text."""
        self.send(text.encode())
        self.settle()

    def click(self, x: int, y: int) -> None:
        """Press and release the first button of the mouse on a cell, counted from 0."""
        self.send(f"\x1b[<0;{x + 1};{y + 1}M\x1b[<0;{x + 1};{y + 1}m".encode())
        self.settle()

    def click_on(self, text: str) -> None:
        """Click the first place where a text stands."""
        self.settle()
        y = next(y for y, row in enumerate(self.rows) if text in row)
        self.click(self.rows[y].index(text), y)

    def go_to(self, pane: str) -> None:
        """Go from pane to pane until this one has the focus, which its thick rule shows."""
        for _ in range(8):
            before = self._focused
            if before == pane:
                return
            # A second press while the first is still on its way would go past the pane.
            self.send(b"\x0f")
            self.until(lambda before=before: self._focused != before, f"another pane than {before!r}")
            self.settle()
        raise Gone(f"no way to {pane}:\n{self.text}")

    @property
    def _focused(self) -> str:
        """The pane with the thick rule; empty where the focused one has no title."""
        found = FOCUSED.search(self.text)
        return found["pane"] if found else ""

    def send(self, data: bytes) -> None:
        """Bytes as if they were typed."""
        os.write(self._master, data)

    def resize(self, width: int, height: int) -> None:
        """Another size; the kernel tells the program."""
        self._screen.resize(height, width)
        self._sized(width, height)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program alone."""
        self._process.send_signal(number)

    def close(self) -> None:
        """Close the window."""
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._process.pid

    # How it is done.

    def _sized(self, width: int, height: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not self._read(left):
                time.sleep(left)

    def _read(self, seconds: float) -> bool:
        """Take what is there; False once there is no one at the other end."""
        if not select.select([self._master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._master, self._allowed())
        except OSError:
            return False
        self._feed(data)
        return bool(data)

    def _allowed(self) -> int:
        """Bytes that the link lets through now; a slow one is waited for."""
        if self._speed is None:
            return 1 << 16
        now = time.monotonic()
        # A pause of the reader gives no credit for later.
        allowed = int(self._speed * min(now - self._read_at, 0.02))
        if allowed < SIP:
            time.sleep((SIP - allowed) / self._speed)
        self._read_at = time.monotonic()
        return max(SIP, allowed)

    def _feed(self, data: bytes) -> None:
        self.raw += data
        data = self._left + data
        tail = UNFINISHED.search(data)
        self._left = data[tail.start() :] if tail else b""
        data = data[: tail.start()] if tail else data
        for match in MODE.finditer(data):
            numbers = {int(number) for number in match["modes"].split(b";")}
            self.modes = self.modes | numbers if match["on"] == b"h" else self.modes - numbers
        if self._answers:
            for query in QUERY.finditer(data):
                self._answer(query)
        self._stream.feed(BEYOND_PYTE.sub(b"", data))

    def _answer(self, query: re.Match[bytes]) -> None:
        if query["mode"]:
            # 2026 is synchronized output: known, and off. Sizes in the input (2048) are not known here.
            state = 2 if query["mode"] == b"2026" else 0
            self.send(b"\x1b[?%s;%d$y" % (query["mode"], state))
        elif query["device"]:
            self.send(b"\x1b[?62;22c")
        elif query["kitty"]:
            self.send(b"\x1b[?0u")
        elif query["well"]:
            self.send(b"\x1b[0n")
        else:
            cursor = self._screen.cursor
            self.send(b"\x1b[%d;%dR" % (cursor.y + 1, cursor.x + 1))


@contextmanager
def terminal(
    command: Sequence[str],
    environ: Mapping[str, str],
    *,
    size: tuple[int, int] = (120, 40),
    answers: bool = True,
    speed: float | None = None,
) -> Iterator[Terminal]:
    """A program on a pty, until the block ends; it is read at `speed` bytes a second."""
    with Terminal(command, environ, size=size, answers=answers, speed=speed) as opened:
        yield opened
