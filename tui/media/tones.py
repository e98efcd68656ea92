"""Frames in the colours that a terminal has: all of them, the 256 of xterm, four greys, or signs alone."""

from functools import cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Tones = Literal["true", "256", "16", "plain", "ascii"]
Codes = NDArray[np.int32]

RAMPS: Final = {"plain": " ░▒▓█", "ascii": " .:-=+*#%@"}
GREYS: Final = (0, 8, 7, 15)
"""Four greys of a terminal's palette, from the darkest; how bright they usually are follows."""
LIGHTS: Final = (0.0, 0.4, 0.76, 1.0)
STEPS: Final = (0, 95, 135, 175, 215, 255)
BAYER: Final = ((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5))


def codes(pixels: NDArray[np.uint8], tones: Tones) -> Codes:
    """A number for each pixel, or for each cell where there are signs alone.

    In true colour it is 0xRRGGBB, with 256 or 16 colours the palette's number, else the place in the ramp.
    """
    if tones == "true":
        wide = pixels.astype(np.int32)
        packed: Codes = (wide[..., 0] << 16) | (wide[..., 1] << 8) | wide[..., 2]
        return packed
    if tones == "256":
        fine = pixels.astype(np.int32) >> 2
        return np.take(_cube(), (fine[..., 0] << 12) | (fine[..., 1] << 6) | fine[..., 2])
    light = pixels @ np.array([0.299, 0.587, 0.114]) / 255
    if tones == "16":
        return _greys(light)
    cells = (light[::2] + light[1::2]) / 2
    top = len(RAMPS[tones]) - 1
    signs: Codes = np.minimum(top, np.floor(cells * top + _thresholds(cells.shape))).astype(np.int32)
    return signs


def _greys(light: NDArray[np.float64]) -> Codes:
    """The nearer grey more often, so that many pixels mix to the right light."""
    below = np.clip(np.searchsorted(LIGHTS, light, side="right") - 1, 0, len(GREYS) - 2)
    low, high = np.take(LIGHTS, below), np.take(LIGHTS, below + 1)
    share = (light - low) / (high - low)
    greys: Codes = np.take(np.array(GREYS, np.int32), below + (share > _thresholds(light.shape)))
    return greys


def _thresholds(shape: tuple[int, ...]) -> NDArray[np.float64]:
    high, wide = shape
    tile = (np.array(BAYER) + 0.5) / 16
    return np.tile(tile, (-(-high // 4), -(-wide // 4)))[:high, :wide]


@cache
def _cube() -> Codes:
    """The colour of xterm's palette that comes nearest, for 64 levels of red, green and blue."""
    level = np.arange(64, dtype=np.int32) * 4 + 2
    red, green, blue = np.meshgrid(level, level, level, indexing="ij")
    step = np.abs(level[:, None] - np.array(STEPS)).argmin(axis=1).astype(np.int32)
    r, g, b = np.meshgrid(step, step, step, indexing="ij")
    steps = np.array(STEPS, np.int32)
    grey = np.clip(np.round(((red + green + blue) / 3 - 8) / 10), 0, 23).astype(np.int32)
    shade = 8 + 10 * grey

    def far(one: Codes, two: Codes, three: Codes) -> Codes:
        distance: Codes = 2 * (one - red) ** 2 + 4 * (two - green) ** 2 + 3 * (three - blue) ** 2
        return distance

    cube = 16 + 36 * r + 6 * g + b
    near = far(steps[r], steps[g], steps[b]) <= far(shade, shade, shade)
    table: Codes = np.where(near, cube, 232 + grey).astype(np.int32).ravel()
    return table
