"""How pixels become cells: in exact colours, in the 256 of xterm, in four greys, or as signs alone."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal, NamedTuple

Code = tuple[int, int, int] | int | None
"""A colour: red, green and blue, a number of the terminal's palette, or the terminal's own."""

Tones = Literal["true", "256", "16", "plain", "ascii"]

HALF: Final = "▀"
BLOCKS: Final = " ░▒▓█"
LETTERS: Final = " .:-=+*#%@"
GREYS: Final = ((0.0, 0), (0.4, 8), (0.76, 7), (1.0, 15))
"""Four greys of the terminal's palette, and how bright they usually are."""
STEPS: Final = (0, 95, 135, 175, 215, 255)
"""The levels of the 6x6x6 cube of xterm, whose colours are 16 to 231; the greys 232 to 255 follow."""

BAYER: Final = ((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5))


class Cell(NamedTuple):
    """One cell: its sign, the colour of the sign and the colour behind it."""

    text: str
    upper: Code
    lower: Code


class Shading:
    """Turns two rows of pixels into a row of cells; `dark` says what the terminal's ground is taken to be."""

    def __init__(self, tones: Tones, *, dark: bool = True) -> None:
        self.tones = tones
        self.dark = dark

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shading) and (self.tones, self.dark) == (other.tones, other.dark)

    def __hash__(self) -> int:
        return hash((self.tones, self.dark))

    def cells(self, upper: bytes, lower: bytes, y: int) -> list[Cell]:
        """The cells of line `y` of a picture."""
        match self.tones:
            case "true":
                return [_half(top, bottom) for top, bottom in zip(_rgb(upper), _rgb(lower), strict=True)]
            case "256":
                pairs = zip(_rgb(upper), _rgb(lower), strict=True)
                return [_half(nearest(*top), nearest(*bottom)) for top, bottom in pairs]
            case "16":
                tops, bottoms = _greys(upper, 2 * y), _greys(lower, 2 * y + 1)
                return [_half(top, bottom) for top, bottom in zip(tops, bottoms, strict=True)]
            case "plain":
                return self._signs(upper, lower, y, BLOCKS)
            case "ascii":
                return self._signs(upper, lower, y, LETTERS)

    def _signs(self, upper: bytes, lower: bytes, y: int, ramp: str) -> list[Cell]:
        cells = []
        for x, (top, bottom) in enumerate(zip(_light(upper), _light(lower), strict=True)):
            light = (top + bottom) / 2
            level = (light if self.dark else 1 - light) * (len(ramp) - 1)
            cells.append(Cell(ramp[min(len(ramp) - 1, int(level + _threshold(x, y)))], None, None))
        return cells


def _half(top: Code, bottom: Code) -> Cell:
    return Cell(" ", top, bottom) if top == bottom else Cell(HALF, top, bottom)


def _rgb(row: bytes) -> Iterator[tuple[int, int, int]]:
    samples = iter(row)
    return zip(samples, samples, samples, strict=True)


def _light(row: bytes) -> Iterator[float]:
    """How bright each pixel looks, from 0 to 1."""
    return ((299 * red + 587 * green + 114 * blue) / 255_000 for red, green, blue in _rgb(row))


def _threshold(x: int, y: int) -> float:
    return (BAYER[y % 4][x % 4] + 0.5) / 16


def _greys(row: bytes, y: int) -> Iterator[int]:
    for x, light in enumerate(_light(row)):
        yield _grey(int(255 * light), x % 4, y % 4)


@lru_cache(maxsize=4096)
def _grey(light: int, x: int, y: int) -> int:
    """One of the four greys, the nearer one more often, so that many cells mix to the right light."""
    level = light / 255
    above = next(number for number, (grey, _) in enumerate(GREYS) if level <= grey)
    below = max(0, above - 1)
    span = GREYS[above][0] - GREYS[below][0]
    share = (level - GREYS[below][0]) / span if span else 0.0
    return GREYS[above if share > _threshold(x, y) else below][1]


@lru_cache(maxsize=8192)
def nearest(red: int, green: int, blue: int) -> int:
    """The colour of xterm's palette that comes nearest, as the eye weighs it; never one of the first 16."""
    steps = [min(range(6), key=lambda step: abs(STEPS[step] - part)) for part in (red, green, blue)]
    cube = 16 + 36 * steps[0] + 6 * steps[1] + steps[2]
    grey = max(0, min(23, round(((red + green + blue) / 3 - 8) / 10)))
    level = 8 + 10 * grey

    def distance(r: int, g: int, b: int) -> int:
        return 2 * (r - red) ** 2 + 4 * (g - green) ** 2 + 3 * (b - blue) ** 2

    far = distance(STEPS[steps[0]], STEPS[steps[1]], STEPS[steps[2]])
    return cube if far <= distance(level, level, level) else 232 + grey
