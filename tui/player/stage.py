"""The window while a clip plays: where its picture stands, what was drawn there, and the lines around it."""

import time

from reelroom.tui.cli.paint import Style
from reelroom.tui.media.canvas import Canvas
from reelroom.tui.media.reel import Frame, stretched
from reelroom.tui.media.tones import Tones

from . import lines
from .console import Console
from .transport import Transport

HEAL = 48
"""Moving frames (two seconds of them) in which each row is written in full once."""
SLACK = {"true": 8, "256": 12, "16": 8, "plain": 8, "ascii": 8}
"""How far a moving pixel may be from its colour, of 255; a still picture is exact."""
SMALLEST = 24, 6
"""Cells across and down below which there is only a sentence."""


class Stage:
    """A window of some size, which may be another at any time."""

    def __init__(self, console: Console, tones: Tones, style: Style) -> None:
        self._console, self._style = console, style
        self._tones: Tones = tones
        self._coding = "utf-8" if style.unicode else "ascii"
        self._canvas = Canvas(tones)
        self._said: dict[int, str] = {}
        self._heal = 0
        self._size = 0, 0

    @property
    def too_small(self) -> bool:
        """Whether no clip can be shown in this window."""
        return self._size[0] < SMALLEST[0] or self._size[1] < SMALLEST[1]

    @property
    def box(self) -> tuple[int, int]:
        """Pixels that the picture may fill."""
        return self._size[0], 2 * (self._size[1] - lines.HEIGHT)

    def fit(self) -> bool:
        """Take the size that the window has now; whether it is another, and all has to be drawn anew."""
        size = self._console.size
        if size == self._size:
            return False
        self._size = size
        self._canvas.invalidate()
        self._said = {}
        text = "\x1b[0m\x1b[2J"
        if self.too_small:
            text += f"\x1b[H{SMALLEST[0]}x{SMALLEST[1]} are needed."[: size[0] + 3]
        self._console.link.forget()
        self._console.link.say(text.encode(), time.monotonic())
        return True

    def draw(self, frame: Frame, now: float, *, still: bool, stretch: bool) -> int:
        """Show a frame; a still one in its exact colours. The bytes that it takes.

        Frames of another size are stretched. A few rows of each moving frame are written in full: all at
        once would be a stall.
        """
        wide, high = self.box
        pixels = frame.pixels
        if stretch or pixels.shape[1] > wide or pixels.shape[0] > high:
            pixels = stretched(pixels, wide, high)
        across, down = pixels.shape[1], pixels.shape[0] // 2
        place = (wide - across) // 2, 1 + (high // 2 - down) // 2
        if still:
            rows = self._canvas.draw(pixels, place)
        else:
            share = -(-down // HEAL)
            begin = self._heal % down
            self._heal = begin + share
            anew = range(begin, min(begin + share, down))
            rows = self._canvas.draw(pixels, place, slack=SLACK[self._tones], anew=anew)
        self._console.link.show(rows, now)
        return sum(map(len, rows))

    def tell(self, it: lines.Standing, transport: Transport, now: float) -> None:
        """Bring the lines up to date; they go before what waits of a picture."""
        width, height = self._size
        for row, text in (
            (0, lines.title(it, transport, width, self._style)),
            (height - 3, lines.ruler(transport, it.time, width, self._style)),
            (height - 2, lines.status(it, transport, width, self._style)),
            (height - 1, lines.footer(width, self._style)),
        ):
            if self._said.get(row) != text:
                self._said[row] = text
                whole = f"\x1b[{row + 1};1H\x1b[0m\x1b[2K{text}\x1b[0m"
                self._console.link.say(whole.encode(self._coding, "replace"), now)
