"""`python -m tests.bench.player`: frames in CPU and bytes, keys on slow links, and other players."""

import os
import pty
import select
import shutil
import signal
import statistics
import struct
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Sequence
from fcntl import ioctl
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from numpy.typing import NDArray

from reelroom.tui.media.canvas import Canvas
from reelroom.tui.media.reel import Reel
from reelroom.tui.media.tones import Tones
from reelroom.tui.player.stage import SLACK
from tests.moving import write_moving

from .figures import Figure, say, show

ASK, ANSWER = b"\x1b[5n", b"\x1b[0n"
SECONDS = 5
KEYS = 40
"""Key presses on each link."""
PROGRAM = str(Path(sys.executable).with_name("reelroom"))
COLOURS = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}


class Pty:
    """A program on a pty that is read at some speed, by a thread; what it writes is counted and searched."""

    def __init__(self, command: Sequence[str], size: tuple[int, int], speed: float | None = None) -> None:
        self._speed = speed
        self.count, self.tail, self.cpu, self._end = 0, b"", 0.0, b""
        self._pid, self._master = pty.fork()
        if self._pid == 0:
            os.execvpe(command[0], list(command), {**os.environ, **COLOURS})
        ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread.is_alive():
            os.kill(self._pid, signal.SIGTERM)
        self.join()

    def join(self) -> None:
        """Wait for the end; `cpu` is then what the program cost."""
        self._thread.join()
        if self._pid:
            _, _, used = os.wait4(self._pid, 0)
            self.cpu = used.ru_utime + used.ru_stime
            os.close(self._master)
            self._pid = 0

    def send(self, data: bytes) -> None:
        """Type."""
        os.write(self._master, data)

    def until(self, text: bytes, seconds: float = 30.0) -> float:
        """Seconds until a text has arrived, since the tail was emptied."""
        began = time.monotonic()
        while text not in self.tail:
            if time.monotonic() - began > seconds:
                raise TimeoutError(f"{text!r} did not come: {self.tail[-300:]!r}")
            time.sleep(0.001)
        return time.monotonic() - began

    def _allowed(self) -> int:
        """Bytes that the link lets through now; time in which nothing came gives no credit for later."""
        if self._speed is None:
            return 65_536
        select.select([self._master], [], [])
        began = time.monotonic()
        time.sleep(0.002)
        return max(1, int(self._speed * (time.monotonic() - began)))

    def _read(self) -> None:
        try:
            while True:
                data = os.read(self._master, self._allowed())
                self.count += len(data)
                # A question may come in two pieces.
                asked = self._end + data
                self._end = data[-3:]
                self.tail = (self.tail + data)[-400_000:]
                for _ in range(asked.count(ASK)):
                    os.write(self._master, ANSWER)
        except OSError:
            return


def frames(clip: Path, width: int, height: int) -> list[NDArray[np.uint8]]:
    """A clip, decoded to its end for a place of so many cells, and cut to fill it."""
    reel = Reel(clip, max(width, 2 * height * 16 // 9), 2 * height)
    while not reel.finished:
        time.sleep(0.01)
    whole = [reel.frame(index).pixels for index in range(reel.count)]
    reel.close()
    left = (whole[0].shape[1] - width) // 2
    return [np.ascontiguousarray(one[:, max(0, left) : max(0, left) + width]) for one in whole]


def drawn(pictures: list[NDArray[np.uint8]], tones: Tones) -> tuple[float, float]:
    """CPU ms and KB of a frame after the first, each row written anew once in two seconds as when playing."""
    canvas, rows, count = Canvas(tones), pictures[0].shape[0] // 2, 0
    canvas.draw(pictures[0])
    began = time.process_time()
    share = max(1, round(rows / 48))
    for number, picture in enumerate(pictures[1:]):
        anew = range(number * share % rows, min(number * share % rows + share, rows))
        count += sum(map(len, canvas.draw(picture, slack=SLACK[tones], anew=anew)))
    spent = time.process_time() - began
    return spent / (len(pictures) - 1) * 1000, count / (len(pictures) - 1) / 1000


def pictures_table(clip: Path) -> list[Figure]:
    """What one frame costs."""
    wide, tall = frames(clip, 80, 22), frames(clip, 80, 45)
    table = []
    for tones, bound in (("true", 30.0), ("256", 10.0)):
        runs = [drawn(wide, tones) for _ in range(5)]  # type: ignore[arg-type]
        table.append(
            Figure(f"80x22, {tones}: CPU of a frame", statistics.median(run[0] for run in runs), 10, " ms")
        )
        table.append(Figure(f"80x22, {tones}: a frame", runs[0][1], unit=" KB"))
        table.append(Figure(f"80x45, {tones}: a frame", drawn(tall, tones)[1], bound, " KB"))  # type: ignore[arg-type]
    return table


def keys_table(clip: Path) -> list[Figure]:
    """Seconds from a key to its answer at the other end, while a clip plays on links of different speed."""
    table = []
    for speed, name in (
        (None, "local"),
        (1_000_000, "1000 KB/s"),
        (200_000, "200 KB/s"),
        (50_000, "50 KB/s"),
    ):
        say(f"keys, {name}")
        with Pty([PROGRAM, "play", "--loop", str(clip)], (80, 26), speed) as program:
            program.until(b"slow: step" if speed == 50_000 else b"playing")
            time.sleep(2)
            before, began = program.count, time.monotonic()
            took = []
            for number in range(KEYS):
                program.tail = b""
                program.send(b"l")
                took.append(program.until(b"\x1b[1;1H") * 1000)
                time.sleep(0.05 + 0.01 * (number % 5))
            rate = (program.count - before) / (time.monotonic() - began) / 1000
            program.send(b"q")
            program.join()
        table.append(
            Figure(f"{name}: key to its answer, p95", _p95(took), 100, " ms", f"{rate:.0f} KB/s used")
        )
    return table


def scrub_table(clip: Path) -> list[Figure]:
    """From the key to the frame, paused, and what a pause writes."""
    with Pty([PROGRAM, "play", str(clip)], (80, 26)) as program:
        program.until(b"playing")
        time.sleep(1.5)
        program.tail = b""
        program.send(b" ")
        program.until(b"paused")
        time.sleep(0.5)
        took = []
        for number in range(KEYS):
            program.tail = b""
            program.send(b"\x1b[D" if number % 2 else b"\x1b[C")
            # The picture's own rows begin at the second line.
            began = time.monotonic()
            while b";2;" not in program.tail and time.monotonic() - began < 5:
                time.sleep(0.0005)
            took.append((time.monotonic() - began) * 1000)
            time.sleep(0.05)
        before = program.count
        time.sleep(2)
        paused = program.count - before
        program.send(b"q")
        program.join()
    return [
        Figure("paused: a step's key to its picture, p95", _p95(took), 50, " ms"),
        Figure("paused for 2 s", paused, 0, " bytes"),
    ]


def rivals_table(clip: Path, gif: Path) -> list[Figure]:
    """The same clip once through, 80x22 cells at its own rate: bytes and CPU of the whole process."""
    rivals: list[tuple[str, Sequence[str], tuple[int, int]]] = [
        ("reelroom play", [PROGRAM, "play", str(clip)], (80, 26)),
        (
            "mpv --vo=tct",
            ["mpv", "--no-config", "--really-quiet", "--no-audio", "--vo=tct", "--vo-tct-algo=half-blocks",
             "--vo-tct-width=80", "--vo-tct-height=22", str(clip)],
            (80, 22),
        ),
        ("timg", ["timg", "-ph", "-g80x22", str(clip)], (80, 24)),
        ("chafa", ["chafa", "--format=symbols", "--symbols=half", "--colors=full", "--size=80x22",
             f"--duration={SECONDS}", str(gif)], (80, 24)),
    ]  # fmt: skip
    table = []
    for name, command, size in rivals:
        if shutil.which(command[0]) is None:
            table.append(Figure(f"{name}: not run, it is not installed", 0))
            continue
        say(name)
        with Pty(command, size) as program:
            if command[0] == PROGRAM:
                program.until(b"paused")
                program.send(b"q")
            program.join()
        table.append(Figure(f"{name}: CPU", program.cpu, unit=" s"))
        table.append(Figure(f"{name}: written", program.count / 1000, unit=" KB"))
    return table


def write_gif(clip: Path, gif: Path) -> None:
    """The clip for who plays GIFs alone."""
    with av.open(str(clip)) as source, av.open(str(gif), "w") as container:
        stream = container.add_stream("gif", rate=24)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "rgb8"
        for frame in source.decode(video=0):
            container.mux(stream.encode(frame.reformat(320, 180, "rgb8")))
        container.mux(stream.encode())


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def main() -> None:
    """Print the tables."""
    tables: list[Callable[[Path], list[Figure]]] = [pictures_table, scrub_table, keys_table]
    with tempfile.TemporaryDirectory() as folder:
        say("making a clip")
        clip, gif = Path(folder) / "moving.mp4", Path(folder) / "moving.gif"
        write_moving(clip, frames=24 * SECONDS)
        for table in tables:
            show(table(clip))
        write_gif(clip, gif)
        show(rivals_table(clip, gif))


if __name__ == "__main__":
    main()
