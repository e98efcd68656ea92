"""Small moving things: stars, snow, rain, fireflies, birds and embers."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .land import Floats, colour_of
from .moods import Look

Motion = Literal["twinkle", "fall", "float", "fly"]


@dataclass(frozen=True, slots=True)
class Particles:
    """Points of light (or shadow) that are added to a picture."""

    motion: Motion
    x: Floats
    y: Floats
    pace: Floats
    """Heights or widths of the picture per second."""
    phase: Floats
    colour: Floats
    kernel: Floats
    """The shape of one point: shares of its colour, rows by columns."""

    @classmethod
    def of(cls, look: Look, width: int, height: int) -> "Particles | None":
        """What the weather of a look brings; None where it is clear."""
        unit = height / 270
        snow, spark = (245, 248, 255), (255, 214, 120)
        if look.weather == "snow":
            return _scattered(look, (110, (0.05, 0.16), "fall"), snow, _dot(1.3 * unit) * 0.9)
        if look.weather == "rain":
            streak = np.full((max(3, round(9 * unit)), 1), 0.28, dtype=np.float32)
            return _scattered(look, (130, (1.1, 1.7), "fall"), (200, 220, 235), streak)
        if look.weather == "fireflies":
            return _scattered(look, (46, (0.015, 0.05), "float"), spark, _dot(2.0 * unit))
        if look.weather == "embers":
            return _scattered(look, (70, (-0.22, -0.07), "fall"), (255, 150, 60), _dot(1.5 * unit))
        if look.weather == "birds":
            return _flock(look, width, height)
        return None

    def put(self, picture: Floats, now: float) -> None:
        """Draw all of them, `now` seconds into the clip."""
        height, width = picture.shape[1:]
        x, y, strength = self._places(now)
        rows, columns = self.kernel.shape
        left, top = np.floor(x * width).astype(np.int64), np.floor(y * height).astype(np.int64)
        down, across = np.mgrid[0:rows, 0:columns]
        place_y = top[:, None, None] + down - rows // 2
        place_x = left[:, None, None] + across - columns // 2
        share = self.kernel[None] * strength[:, None, None]
        inside = (place_y >= 0) & (place_y < height) & (place_x >= 0) & (place_x < width)
        cover = np.zeros(height * width, dtype=np.float32)
        spots = (place_y * width + place_x)[inside]
        np.maximum.at(cover, spots, share[inside])
        touched = np.unique(spots)
        flat = picture.reshape(3, height * width)
        under = flat[:, touched]
        flat[:, touched] = under + (self.colour[:, 0] - under) * cover[touched]

    def _places(self, now: float) -> tuple[Floats, Floats, Floats]:
        full = np.ones_like(self.x)
        if self.motion == "twinkle":
            return self.x, self.y, _floats(0.55 + 0.45 * np.sin(now * self.pace * 40 + self.phase))
        if self.motion == "fall":
            sway = 0.008 * np.sin(now * 1.7 + self.phase) * (np.abs(self.pace).max() < 1)
            return _floats(self.x + sway), _floats((self.y + now * self.pace) % 1.0), full
        if self.motion == "fly":
            bob = 0.006 * np.sin(now * 5 + self.phase)
            return _floats((self.x + now * self.pace) % 1.15 - 0.05), _floats(self.y + bob), full
        wander_x = self.x + 0.03 * np.sin(now * 0.7 + self.phase)
        wander_y = 0.55 + 0.42 * self.y + 0.02 * np.sin(now * 0.9 + self.phase * 2)
        glow = np.clip(np.sin(now * 1.9 + self.phase * 3), 0.1, 1.0)
        return _floats(wander_x), _floats(wander_y), _floats(glow)


def _floats(values: NDArray[Any]) -> Floats:
    return np.asarray(values, dtype=np.float32)


def stars(look: Look, width: int, height: int) -> Particles:
    """The stars of a night, in the upper half of the picture."""
    sky = _scattered(
        look, (max(40, width // 4), (0.02, 0.08), "twinkle"), (255, 255, 255), _dot(height / 330)
    )
    return Particles(sky.motion, sky.x, sky.y * 0.55, sky.pace, sky.phase, sky.colour, sky.kernel)


def _scattered(
    look: Look, habit: tuple[int, tuple[float, float], Motion], colour: tuple[int, int, int], kernel: Floats
) -> Particles:
    count, (slow, fast), motion = habit
    dice = np.random.default_rng(look.dice ^ count)
    x, y, phase = (dice.random(count).astype(np.float32) for _ in range(3))
    pace = dice.uniform(slow, fast, count).astype(np.float32)
    return Particles(motion, x, y, pace, phase * 6.3, colour_of(colour), kernel)


def _flock(look: Look, width: int, height: int) -> Particles:
    dice = np.random.default_rng(look.dice ^ 0xB1D)
    count = int(dice.integers(4, 9))
    spread = np.linspace(-0.5, 0.5, count)
    x = dice.uniform(0.1, 0.5) + spread * 0.22 + dice.uniform(-0.01, 0.01, count)
    y = dice.uniform(0.16, 0.34) + np.abs(spread) * 0.12
    pace = np.full(count, 0.035 * (height / width) * 1.6)
    down, across = np.mgrid[0:9, -7:8]
    wing = 6.5 - 4.6 * np.sin(np.minimum(np.abs(across), 6) / 6 * 1.9)
    kernel = np.clip(1.35 - np.abs(down - wing), 0, 1) * (np.abs(across) <= 6)
    swing = _floats(spread * 9)
    return Particles(
        "fly", _floats(x), _floats(y), _floats(pace), swing, colour_of(look.mood.near), _floats(kernel)
    )


def _dot(radius: float) -> Floats:
    reach = max(1, int(np.ceil(radius * 1.6)))
    away = np.hypot(*np.mgrid[-reach : reach + 1, -reach : reach + 1])
    return np.asarray(np.exp(-((away / max(radius, 0.6)) ** 2)), dtype=np.float32)
