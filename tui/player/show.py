"""A clip on a terminal: frames from a reel, at the pace that the link allows, with keys answered at once."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reelroom.fal.clean import clean
from reelroom.tui.cli.paint import Style
from reelroom.tui.media.decode import ProbedFacts
from reelroom.tui.media.reel import LIMIT, Frame, Reel
from reelroom.tui.media.tones import Tones

from . import lines
from .console import Console
from .link import Link
from .pace import Pace
from .stage import Stage
from .transport import Transport

TICK = 0.02
"""Seconds between two looks at a clip that is still being decoded, or at a link that is full."""
REST = 0.5
"""The same while nothing moves."""
NEWS = 0.25
"""Seconds between two changes of the numbers."""
CALM = 0.2
"""Seconds without a new size until the clip is decoded for it."""


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
        self._transport = Transport(facts.duration or 0.0, loop=wish.loop, speed=wish.speed)
        self._pace = Pace(facts.fps or 24.0, wish.fps)
        self._resized: float | None = None
        self._shown: tuple[int, bool] | None = None
        self._frame: Frame | None = None
        self._told = 0.0
        self._hidden = False
        self._on = True
        self._log: deque[tuple[float, int]] = deque()

    def run(self, console: Console) -> None:
        """Play until a key or a signal ends it, or the terminal is gone."""
        stage = Stage(console, self._tones, self._style)
        self._transport.play(time.monotonic())
        while self._on and not console.ended and not console.gone:
            now = time.monotonic()
            self._fit(stage, now)
            self._move(stage, console.link, now)
            for key in console.listen(self._patience(console.link, time.monotonic())):
                self._press(key, time.monotonic())
                self._tell(stage, time.monotonic(), at_once=True)

    def close(self) -> None:
        """End the decoding; no thread is left."""
        for reel in (self._reel, self._next):
            if reel is not None:
                reel.close()

    # Time and size.

    def _patience(self, link: Link, now: float) -> float:
        if self._resized is not None or self._next is not None or not link.idle:
            return TICK
        if self._transport.playing:
            return max(0.001, self._pace.due(now))
        return TICK if self._shown is None else REST

    def _fit(self, stage: Stage, now: float) -> None:
        """A new size: at once with the frames there are, and with better ones when it stays."""
        if stage.fit():
            self._resized = None if self._shown is None and self._frame is None else now
            self._shown = None
        if self._resized is not None and now - self._resized > CALM and not stage.too_small:
            self._resized = None
            self._again(*stage.box)
        if self._next is not None and (self._next.finished or self._reaches(self._next, now)):
            self._swap()

    def _again(self, width: int, height: int) -> None:
        """Decode for the size that the window has now; the frames there are stay in use meanwhile."""
        self._reel.close(keep=LIMIT // 2)
        if self._next is not None:
            self._next.close()
        self._next = Reel(self._clip, width, height, limit=LIMIT - self._reel.held)

    def _reaches(self, reel: Reel, now: float) -> bool:
        return reel.count > 0 and reel.last.time > self._transport.at(now) + 0.5

    def _swap(self) -> None:
        assert self._next is not None
        if self._next.count:
            self._reel.close()
            self._reel, self._shown = self._next, None
        self._next = None

    # Pictures.

    def _move(self, stage: Stage, link: Link, now: float) -> None:
        transport = self._transport
        reel = self._reel
        if reel.finished and self._next is None:
            transport.length = reel.last.time + 1 / self._pace.rate
        transport.move_on(now, transport.length if reel.finished else reel.last.time)
        if self._pace.judge(link.speed):
            transport.pause(now)
        if stage.too_small or not link.idle:
            return
        still = not transport.playing
        if not still and self._pace.due(now) > 0:
            return
        frame = reel.frame(reel.index_at(transport.at(now)))
        wanted = frame.number, still
        if self._shown is None or wanted != self._shown:
            stretch = self._resized is not None or self._next is not None
            count = stage.draw(frame, now, still=still, stretch=stretch)
            self._frame, self._shown = frame, wanted
            self._log.append((now, count))
            self._pace.wrote(count, now, link.speed, transport.speed)
        elif not still:
            self._pace.wrote(0, now, link.speed, transport.speed)
        self._tell(stage, now, at_once=still)

    # Words.

    def _tell(self, stage: Stage, now: float, *, at_once: bool = False) -> None:
        """Bring the lines up to date: at once after a key, else a few times a second."""
        if stage.too_small or self._frame is None or (not at_once and now - self._told < NEWS):
            return
        self._told = now
        stage.tell(self._standing(self._frame, now), self._transport, now)

    def _standing(self, frame: Frame, now: float) -> lines.Standing:
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
            number=frame.number + 1,
            frames=frames,
            time=frame.time,
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
