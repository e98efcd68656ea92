"""A clip on a terminal: frames from a reel, at the pace that the link allows, with keys answered at once."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reelroom.fal.clean import clean
from reelroom.tui.cli.paint import Style
from reelroom.tui.media.canvas import Canvas
from reelroom.tui.media.decode import ProbedFacts
from reelroom.tui.media.reel import LIMIT, Frame, Reel, stretched
from reelroom.tui.media.tones import Tones

from . import lines
from .console import Console
from .pace import Pace
from .transport import Transport

TICK = 0.02
"""Seconds between two looks at a clip that is still being decoded, or at a link that is full."""
REST = 0.5
"""The same while nothing moves."""
NEWS = 0.25
"""Seconds between two changes of the numbers."""
CALM = 0.2
"""Seconds without a new size until the clip is decoded for it."""
HEAL = 2.0
"""Seconds in which each row is written in full once, whatever the terminal has lost."""
SLACK = {"true": 8, "256": 12, "16": 8, "plain": 8, "ascii": 8}
"""How far a moving pixel may be from its colour, of 255; a still picture is exact."""
SMALLEST = 24, 6
"""Cells across and down below which there is only a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for on the command line."""

    loop: bool = False
    speed: float = 1.0
    fps: float | None = None


class Player:
    """One clip until its person leaves. It owns its reels; `close` ends the decoding."""

    def __init__(
        self, clip: Path, facts: ProbedFacts, reel: Reel, tones: Tones, style: Style, wish: Wish
    ) -> None:
        self._clip, self._facts, self._reel, self._style = clip, facts, reel, style
        self._next: Reel | None = None
        self._tones: Tones = tones
        self._canvas = Canvas(tones)
        self._transport = Transport(facts.duration or 0.0, loop=wish.loop, speed=wish.speed)
        self._pace = Pace(facts.fps or 24.0, wish.fps)
        self._coding = "utf-8" if style.unicode else "ascii"
        self._size = 0, 0
        self._resized: float | None = None
        self._shown: tuple[int, bool] | None = None
        self._frame: Frame | None = None
        self._said: dict[int, str] = {}
        self._told = 0.0
        self._heal = 0
        self._hidden = False
        self._on = True
        self._log: deque[tuple[float, int]] = deque()

    def run(self, console: Console) -> None:
        """Play until a key or a signal ends it, or the terminal is gone."""
        self._transport.play(time.monotonic())
        while self._on and not console.ended and not console.gone:
            now = time.monotonic()
            self._fit(console, now)
            self._move(console, now)
            for key in console.listen(self._patience(console, time.monotonic())):
                self._press(key, time.monotonic())
                self._tell(console, time.monotonic(), at_once=True)

    def close(self) -> None:
        """End the decoding; no thread is left."""
        for reel in (self._reel, self._next):
            if reel is not None:
                reel.close()

    # Time and size.

    def _patience(self, console: Console, now: float) -> float:
        if self._resized is not None or self._next is not None or not console.link.idle:
            return TICK
        if self._transport.playing:
            return max(0.001, self._pace.due(now))
        return TICK if self._shown is None else REST

    def _fit(self, console: Console, now: float) -> None:
        """A new size: at once with the frames there are, and with better ones when it stays."""
        size = console.size
        if size != self._size:
            first = self._size == (0, 0)
            self._size = size
            self._anew(console, now)
            self._resized = None if first else now
        if self._resized is not None and now - self._resized > CALM and min(self._box) > 1:
            self._resized = None
            self._again()
        if self._next is not None and (self._next.finished or self._reaches(self._next, now)):
            self._swap()

    def _anew(self, console: Console, now: float) -> None:
        console.link.forget()
        self._canvas.invalidate()
        self._said, self._shown = {}, None
        text = b"\x1b[0m\x1b[2J"
        if self._too_small:
            text += b"\x1b[H" + f"{SMALLEST[0]}x{SMALLEST[1]} are needed.".encode()[: self._size[0]]
        console.link.say(text, now)

    def _again(self) -> None:
        """Decode for the size that the window has now; the frames there are stay in use meanwhile."""
        self._reel.close(keep=LIMIT // 2)
        if self._next is not None:
            self._next.close()
        self._next = Reel(self._clip, *self._box, limit=LIMIT - self._reel.held)

    def _reaches(self, reel: Reel, now: float) -> bool:
        return reel.count > 0 and reel.last.time > self._transport.at(now) + 0.5

    def _swap(self) -> None:
        assert self._next is not None
        if self._next.count:
            self._reel.close()
            self._reel, self._shown = self._next, None
        self._next = None

    @property
    def _too_small(self) -> bool:
        return self._size[0] < SMALLEST[0] or self._size[1] < SMALLEST[1]

    @property
    def _box(self) -> tuple[int, int]:
        """Pixels that the picture may fill."""
        return self._size[0], 2 * (self._size[1] - lines.HEIGHT)

    # Pictures.

    def _move(self, console: Console, now: float) -> None:
        link, transport = console.link, self._transport
        reel = self._reel
        if reel.finished and self._next is None:
            transport.length = reel.last.time + 1 / self._pace.rate
        transport.move_on(now, transport.length if reel.finished else reel.last.time)
        if self._pace.judge(link.speed):
            transport.pause(now)
        if self._too_small or not link.idle:
            return
        still = not transport.playing
        if not still and self._pace.due(now) > 0:
            return
        frame = reel.frame(reel.index_at(transport.at(now)))
        wanted = frame.number, still
        if self._shown is None or wanted != self._shown:
            self._draw(console, frame, now, still=still)
            self._shown = wanted
        elif not still:
            self._pace.wrote(0, now, link.speed, transport.speed)
        self._tell(console, now, at_once=still)

    def _draw(self, console: Console, frame: Frame, now: float, *, still: bool) -> None:
        pixels = frame.pixels
        wide, high = self._box
        if self._resized is not None or self._next is not None:
            pixels = stretched(pixels, wide, high)
        across, down = pixels.shape[1], pixels.shape[0] // 2
        place = (wide - across) // 2, 1 + (high // 2 - down) // 2
        rows = self._canvas.draw(
            pixels, place, slack=0 if still else SLACK[self._tones], anew=() if still else self._healed(down)
        )
        console.link.show(rows, now)
        self._frame = frame
        count = sum(map(len, rows))
        self._log.append((now, count))
        self._pace.wrote(count, now, console.link.speed, self._transport.speed)

    def _healed(self, rows: int) -> range:
        """The rows whose turn it is to be written in full: a few with each frame, as all would be a stall."""
        share = max(1, round(rows / (HEAL * self._pace.frames(None))))
        begin = self._heal % rows
        self._heal = begin + share
        return range(begin, min(begin + share, rows))

    # Words.

    def _tell(self, console: Console, now: float, *, at_once: bool = False) -> None:
        """Bring the lines up to date: at once after a key, else a few times a second."""
        if self._too_small or self._frame is None or (not at_once and now - self._told < NEWS):
            return
        self._told = now
        width, height = self._size
        it = self._standing(now)
        for row, text in (
            (0, lines.title(it, self._transport, width, self._style)),
            (height - 3, lines.ruler(self._transport, it.time, width, self._style)),
            (height - 2, lines.status(it, self._transport, width, self._style)),
            (height - 1, lines.footer(width, self._style)),
        ):
            if self._said.get(row) != text:
                self._said[row] = text
                console.link.say(
                    f"\x1b[{row + 1};1H\x1b[0m\x1b[2K{text}\x1b[0m".encode(self._coding, "replace"), now
                )

    def _standing(self, now: float) -> lines.Standing:
        assert self._frame is not None
        while self._log and now - self._log[0][0] > 1:
            self._log.popleft()
        moving = self._transport.playing
        frames = self._reel.last.number + 1
        if not self._reel.finished or self._next is not None:
            frames = max(frames, round(self._transport.length * self._pace.rate))
        facts, style = self._facts, self._style
        return lines.Standing(
            name=clean(self._clip.stem),
            facts=style.spell(f"{facts.width}×{facts.height} · {self._pace.rate:g} fps"),
            note=self._note(),
            number=self._frame.number + 1,
            frames=frames,
            time=self._frame.time,
            shown=len(self._log) if moving else None,
            written=sum(count for _, count in self._log) if moving else None,
        )

    def _note(self) -> str | None:
        if self._pace.by_steps and not self._transport.playing:
            return "The link is slow: step by step"
        if self._reel.trouble:
            return f"The file breaks off after {self._reel.last.time:.2f} s"
        if self._reel.every > 1:
            return f"Long clip: one frame of {self._reel.every}"
        return None

    # Keys.

    def _press(self, key: str, now: float) -> None:
        transport = self._transport
        moves: dict[str, Callable[[], None]] = {
            "space": lambda: transport.pause(now) if transport.playing else transport.play(now),
            "left": lambda: self._step(-1, now),
            "right": lambda: self._step(1, now),
            "l": lambda: setattr(transport, "loop", not transport.loop),
            "i": lambda: transport.mark(now=now, out=False),
            "o": lambda: transport.mark(now=now, out=True),
            "+": lambda: transport.faster(1, now),
            "-": lambda: transport.faster(-1, now),
            "home": lambda: transport.jump(transport.first, now),
            "end": lambda: transport.jump(transport.end, now),
            "blur": lambda: self._look_away(now),
            "focus": lambda: self._look_back(now),
        }
        if key in {"q", "escape", "ctrl+c"}:
            self._on = False
        elif key in _SECONDS:
            transport.jump(transport.at(now) + _SECONDS[key], now)
        elif key in _SAME:
            moves[_SAME[key]]()
        elif key in moves:
            moves[key]()

    def _step(self, frames: int, now: float) -> None:
        self._transport.pause(now)
        reel = self._reel
        self._transport.jump(reel.frame(reel.index_at(self._transport.at(now)) + frames).time, now)

    def _look_away(self, now: float) -> None:
        self._hidden = self._transport.playing
        self._transport.pause(now)

    def _look_back(self, now: float) -> None:
        if self._hidden:
            self._transport.play(now)
        self._hidden = False


_SECONDS = {"[": -1.0, "]": 1.0, "H": -1.0, "L": 1.0, "shift+left": -1.0, "shift+right": 1.0}
_SAME = {"=": "+", "_": "-", ",": "left", ".": "right"}
