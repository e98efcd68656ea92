"""Water: what lies above the shore, mirrored and rippled, with light dancing on it."""

import numpy as np

from .land import Floats, colour_of
from .moods import Look


class Water:
    """The lower part of a picture, drawn from the part above it."""

    def __init__(self, look: Look, x: Floats, height: int, shore: float) -> None:
        self._height = height
        self._shore = int(height * shore)
        count = height - self._shore
        self._row = np.arange(count, dtype=np.float32)[:, None]
        self._far = (self._row + 1) / count
        self._source = np.clip(self._shore - 1 - self._row * 1.1, 0, None).astype(np.int64)
        self._columns = np.arange(x.size)[None, :]
        self._x = x[None, :]
        self._light = colour_of(look.mood.light)
        share = 0.25 + 0.35 * self._far
        deep = colour_of(look.mood.near) * 0.6 + colour_of(look.mood.sky[1]) * 0.4
        self._clear, self._tint = (1 - share).astype(np.float32), (deep * share).astype(np.float32)
        middle = look.sun_x * float(x[-1])
        self._path = (0.75 * np.exp(-(((self._x - middle) / (0.1 + 0.25 * self._far)) ** 2))).astype(
            np.float32
        )

    def put(self, out: Floats, now: float) -> None:
        """Draw it over the picture, `now` seconds into the clip."""
        row, far = self._row, self._far
        sway = np.sin(row / (1.2 + far * 7) - now * 2.2) * (0.6 + far * self._height * 0.03)
        columns = np.clip(self._columns + sway.astype(np.int64), 0, self._columns.size - 1)
        water = out[:, self._source, columns] * self._clear + self._tint
        across = np.sin(self._x * 61 + (5 * np.sin(row * 1.7) + np.float32(now * 3.1)))
        spark = across * np.sin(row * 1.9 - np.float32(now * 4))
        glint = np.clip(spark - np.float32(0.15), 0, 1) * self._path
        water *= 1 - glint
        water += self._light * glint
        out[:, self._shore :] = water
