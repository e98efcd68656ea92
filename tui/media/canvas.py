"""What a terminal shows of a clip, and the bytes that bring it from one frame to the next."""

from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from .tones import RAMPS, Codes, Tones, codes

UPPER, LOWER, FULL = "▀", "▄", "█"


class Canvas:
    """A place on the screen for pictures. Only what changed is written, in colours that the terminal has.

    What was drawn is remembered in those colours, so that two shades which are one to the terminal are no
    change. `invalidate` forgets it: after that, and nowhere else, a whole picture is written.
    """

    def __init__(self, tones: Tones) -> None:
        self._tones: Tones = tones
        self._held: NDArray[np.uint8] | None = None
        self._shown: Codes | None = None
        self._place = 0, 0

    @property
    def size(self) -> tuple[int, int]:
        """Cells across and down of the picture that is shown; nothing at first."""
        return (0, 0) if self._held is None else (self._held.shape[1], self._held.shape[0] // 2)

    def invalidate(self) -> None:
        """Nobody knows what the terminal shows here now."""
        self._held = self._shown = None

    def draw(
        self,
        pixels: NDArray[np.uint8],
        place: tuple[int, int] = (0, 0),
        *,
        slack: int = 0,
        anew: Collection[int] = (),
    ) -> list[bytes]:
        """The rows to write so that a picture stands at a cell (column, row); each row stands for itself.

        A pixel keeps its colour while none of its parts is further than `slack` from what was asked for when
        it was drawn. The rows in `anew` are written in full and in the exact colours, whatever is there.
        """
        if self._held is None or self._held.shape != pixels.shape or place != self._place:
            self._held, self._shown, self._place = pixels.copy(), None, place
        else:
            self._take(pixels, slack, anew)
        fresh = codes(self._held, self._tones)
        changed = self._changed(fresh, anew)
        self._shown = fresh
        return self._rows(fresh, changed)

    def _take(self, pixels: NDArray[np.uint8], slack: int, anew: Collection[int]) -> None:
        assert self._held is not None
        if slack:
            # |a - b| of unsigned bytes, without a wider type in between.
            far = np.maximum(pixels, self._held) - np.minimum(pixels, self._held)
            moved = far.max(axis=2) > slack
            for row in anew:
                moved[2 * row : 2 * row + 2] = True
            np.copyto(self._held, pixels, where=moved[..., None])
        else:
            self._held = pixels.copy()

    def _changed(self, fresh: Codes, anew: Collection[int]) -> NDArray[np.bool_]:
        changed = np.ones(fresh.shape, np.bool_) if self._shown is None else fresh != self._shown
        if self._tones not in RAMPS:
            changed = changed[::2] | changed[1::2]
        for row in anew:
            if row < len(changed):
                changed[row] = True
        return changed

    def _rows(self, fresh: Codes, changed: NDArray[np.bool_]) -> list[bytes]:
        left, top = self._place
        rows = []
        for y in np.flatnonzero(changed.any(axis=1)).tolist():
            where = np.flatnonzero(changed[y]).tolist()
            begin = f"\x1b[{top + y + 1};{left + where[0] + 1}H"
            if self._tones in RAMPS:
                cells = _signs(fresh[y].tolist(), where, RAMPS[self._tones])
            else:
                upper, lower = fresh[2 * y].tolist(), fresh[2 * y + 1].tolist()
                cells = _halves(upper, lower, where, _SPELL[self._tones])
            rows.append((begin + cells).encode())
        return rows


def _signs(row: list[int], where: list[int], ramp: str) -> str:
    parts = ["\x1b[0m"]
    last = where[0] - 1
    for x in where:
        if x - last > 1:
            parts.append(_forward(x - last - 1))
        parts.append(ramp[row[x]])
        last = x
    return "".join(parts)


def _halves(upper: list[int], lower: list[int], where: list[int], spell: Callable[[int, int], str]) -> str:
    """Half blocks; a colour is named only where neither of the two signs can do with those that are set."""
    parts: list[str] = []
    ink = ground = -1
    last = where[0] - 1
    for x in where:
        if x - last > 1:
            parts.append(_forward(x - last - 1))
        last = x
        top, bottom = upper[x], lower[x]
        if top == bottom:
            if ground == top:
                parts.append(" ")
            elif ink == top:
                parts.append(FULL)
            else:
                ground = top
                parts.append(f"\x1b[{spell(top, 4)}m ")
        elif (ink != top) + (ground != bottom) <= (ink != bottom) + (ground != top):
            parts.append(_set(ink, top, ground, bottom, spell) + UPPER)
            ink, ground = top, bottom
        else:
            parts.append(_set(ink, bottom, ground, top, spell) + LOWER)
            ink, ground = bottom, top
    return "".join(parts)


def _set(ink: int, new_ink: int, ground: int, new_ground: int, spell: Callable[[int, int], str]) -> str:
    if ink != new_ink:
        if ground != new_ground:
            return f"\x1b[{spell(new_ink, 3)};{spell(new_ground, 4)}m"
        return f"\x1b[{spell(new_ink, 3)}m"
    return f"\x1b[{spell(new_ground, 4)}m" if ground != new_ground else ""


def _forward(cells: int) -> str:
    return "\x1b[C" if cells == 1 else f"\x1b[{cells}C"


def _true(code: int, plane: int) -> str:
    return f"{plane}8;2;{code >> 16};{code >> 8 & 255};{code & 255}"


def _palette(code: int, plane: int) -> str:
    return f"{plane}8;5;{code}"


def _basic(code: int, plane: int) -> str:
    return f"{plane}{code}" if code < 8 else f"{plane + 6}{code - 8}"


_SPELL: dict[str, Callable[[int, int], str]] = {"true": _true, "256": _palette, "16": _basic}
