"""Pictures of a scene at any moment of its clip, drawn small with numpy."""

import numpy as np
from numpy.typing import NDArray

from .land import Floats, colour_of, layers
from .moods import Look
from .particles import Particles, stars
from .water import Water

HORIZON = 0.6
"""Where the sky ends, as a part of the height."""


class Scene:
    """A landscape in motion. The same look and size give the same pictures, byte for byte."""

    def __init__(self, look: Look, width: int, height: int, seconds: float) -> None:
        self._look = look
        self._width, self._height = width, height
        self._seconds = seconds
        self._radius = look.sun_size * min(1.0, 0.85 * width / height)
        self._light = colour_of(look.mood.light)
        self._x = np.linspace(0, 1, width, dtype=np.float32) * np.float32(width / height)
        self._y = np.linspace(0, 1, height, dtype=np.float32)
        self._sky = self._make_sky()
        self._clouds = self._make_clouds()
        self._land = layers(look, width, height, HORIZON)
        self._stars = stars(look, width, height) if look.mood.night else None
        self._particles = Particles.of(look, width, height)
        self._water = Water(look, self._x, height, HORIZON + 0.04) if look.wet else None

    def picture(self, progress: float) -> NDArray[np.uint8]:
        """The picture at `progress` (0 to 1 of the clip), as rows of RGB bytes."""
        now = progress * self._seconds
        out = self._sky.copy()
        if self._stars is not None:
            self._stars.put(out, now)
        if self._look.aurora:
            self._put_aurora(out, now)
        _mix(out, self._light, self._sun(progress))
        self._put_clouds(out, progress)
        for layer in self._land[:-1]:
            layer.put(out, progress)
        if self._water is not None:
            self._water.put(out, now)
        self._land[-1].put(out, progress)
        if self._particles is not None:
            self._particles.put(out, now)
        np.clip(out, 0, 255, out=out)
        return np.ascontiguousarray(np.moveaxis(out.astype(np.uint8), 0, 2))

    def _make_sky(self) -> Floats:
        top, middle, low = (colour_of(part) for part in self._look.mood.sky)
        down = np.clip(self._y / HORIZON, 0, 1)[:, None]
        upper = np.clip(down / 0.62, 0, 1)
        lower = np.clip((down - 0.62) / 0.38, 0, 1)
        column = top + (middle - top) * upper
        column = column + (low - column) * lower
        return np.repeat(column, self._width, axis=2).astype(np.float32)

    def _make_clouds(self) -> Floats:
        """Soft banks of cloud, wider than the picture, as shares of the light's colour."""
        dice = np.random.default_rng(self._look.dice ^ 0xC10D)
        rows, columns = int(self._height * HORIZON), int(self._width * 1.2) + 2
        share = np.zeros((rows, columns), dtype=np.float32)
        x = np.arange(columns, dtype=np.float32)[None, :] / self._height
        y = np.arange(rows, dtype=np.float32)[:, None] / self._height
        for _ in range(14):
            middle, level = dice.uniform(0, columns / self._height), dice.uniform(0.08, 0.5)
            wide, tall = dice.uniform(0.1, 0.36), dice.uniform(0.008, 0.03)
            share += np.exp(-(((x - middle) / wide) ** 2)) * np.exp(-(((y - level) / tall) ** 2))
        strength = 0.16 if self._look.mood.night else 0.42
        return np.asarray(np.clip(share, 0, 1) * strength, dtype=np.float32)

    def _put_clouds(self, out: Floats, progress: float) -> None:
        place = progress * self._width * 0.15
        start = int(place)
        part = np.float32(place - start)
        here = self._clouds[:, start : start + self._width]
        after = self._clouds[:, start + 1 : start + 1 + self._width]
        _mix(out[:, : self._clouds.shape[0]], self._light, here + (after - here) * part)

    def _sun(self, progress: float) -> Floats:
        """The share of light at each point: a disc with its glow, that climbs or sinks over the clip."""
        look = self._look
        middle_x = (look.sun_x + 0.05 * (progress - 0.5)) * self._width / self._height
        middle_y = 0.27 + 0.1 * (progress - 0.5) * (1 if look.dice % 2 else -1)
        away_x = (self._x - np.float32(middle_x))[None, :]
        away_y = (self._y - np.float32(middle_y))[:, None]
        dark = np.ones((self._height, self._width), dtype=np.float32)
        dim = 0.7 if look.mood.night else 1.0
        for reach, strength in ((0.62, 0.30), (0.22, 0.42)):
            down = np.exp(-((away_y / reach) ** 2)) * np.float32(strength * dim)
            dark *= 1 - down * np.exp(-((away_x / reach) ** 2))
        away = np.sqrt(away_x**2 + away_y**2)
        disc = np.clip((self._radius - away) * self._height + 0.5, 0, 1)
        if look.mood.night and look.dice % 3 == 0:
            bite = np.hypot(away_x - self._radius * 0.5, away_y)
            disc *= np.clip((bite - self._radius * 0.85) * self._height + 0.5, 0, 1)
        return np.asarray(1 - dark * (1 - disc), dtype=np.float32)

    def _put_aurora(self, out: Floats, now: float) -> None:
        rows = int(self._height * 0.56)
        x, y = self._x[None, :], self._y[:rows, None]
        veils = (((70, 255, 170), 0.0, 0.34), ((150, 90, 255), 2.1, 0.26))
        for colour, phase, level in veils:
            line = level + 0.06 * np.sin(x * 3.1 + now * 0.35 + phase) + 0.03 * np.sin(x * 7.3 - now * 0.5)
            folds = 0.55 + 0.45 * np.sin(x * 19 + 3 * np.sin(x * 4 + now * 0.6 + phase) + now)
            rise = (line - y).astype(np.float32)
            veil = np.exp(-np.maximum(rise / np.float32(0.13), rise / np.float32(-0.02)))
            _mix(out[:, :rows], colour_of(colour), veil * (folds * 0.6).astype(np.float32))


def _mix(out: Floats, colour: Floats, share: Floats) -> None:
    """Lay a colour over the picture in place, as strongly as `share` says at each point."""
    out *= 1 - share
    out += colour * share
