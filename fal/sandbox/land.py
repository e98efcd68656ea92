"""The land of a scene: layers drawn once, wider than the picture, that slide past at their own speeds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .moods import Colour, Land, Look

Floats = NDArray[np.float32]
PHASES = 4
"""Sub-pixel positions that a layer is kept in, so that slow drifts do not step."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One strip of land: premultiplied colours and what shines through, in each sub-pixel phase.

    Pictures are arrays of (3, rows, columns): whole planes mix several times faster than pixels.
    """

    top: int
    """The first row that it touches."""
    travel: float
    """Pixels it slides in the whole clip."""
    colour: tuple[Floats, ...]
    through: tuple[Floats, ...]

    def put(self, picture: Floats, progress: float) -> None:
        """Draw it over the picture; `progress` runs from 0 to 1 over the clip."""
        steps = round(self.travel * progress * PHASES)
        start, phase = divmod(steps, PHASES)
        columns = slice(start, start + picture.shape[2])
        below = picture[:, self.top :]
        below *= self.through[phase][:, columns]
        below += self.colour[phase][:, :, columns]


def layers(look: Look, width: int, height: int, horizon: float) -> list[Layer]:
    """The land of a look from far to near; the last one is dark, and leaves room for words."""
    dice = np.random.default_rng(look.dice)
    count = 4
    made = []
    for index in range(count):
        depth = index / (count - 1)
        travel = width * (0.03 + 0.22 * depth**1.6)
        span = int(width + travel + 3)
        front = index == count - 1
        kind = _kind(look.land, index, front=front)
        foot = 0.97 if look.wet else 0.86
        base = height * (horizon + (foot - horizon) * depth**1.15)
        ridge = base - _ridge(kind, dice, span, height * (1.0 - 0.45 * depth), height)
        if look.land == "sea" and not front:
            ridge += height * 0.1  # the low parts drown, so that the far land becomes islands
        made.append(_layer(look, kind, dice, ridge, (height, depth, travel)))
    return [made[0], made[-1]] if look.wet else made


def _kind(land: Land, index: int, *, front: bool) -> Land:
    if land == "sea":
        return "hills"
    if land == "city" and front:
        return "hills"
    return "hills" if land == "peaks" and index > 1 else land


def _waves(dice: np.random.Generator, span: int, longest: float, octaves: int, sharp: float) -> Floats:
    """Smooth noise in 0..1 along a line; `sharp` 1 folds it into ridges."""
    x = np.arange(span, dtype=np.float32)
    total = np.zeros(span, dtype=np.float32)
    weight = 0.0
    for octave in range(octaves):
        size = longest / 2**octave
        knots = dice.random(int(span / size) + 4)
        place = x / size + dice.random()
        left = place.astype(np.int64)
        part = place - left
        eased = part if sharp else part * part * (3 - 2 * part)
        value = knots[left] * (1 - eased) + knots[left + 1] * eased
        total += (value * 0.5**octave).astype(np.float32)
        weight += 0.5**octave
    return np.asarray(total / weight, dtype=np.float32)


def _ridge(kind: Land, dice: np.random.Generator, span: int, size: float, height: int) -> Floats:
    """How far the land rises over its base line at each column, in pixels."""
    if kind == "peaks":
        return _waves(dice, span, height * 0.42, 4, 1.0) ** 1.5 * size * 0.72
    if kind == "dunes":
        return _dunes(dice, span, height) * size * 0.17
    if kind == "city":
        return _blocks(dice, span, height, size)
    if kind == "forest":
        return _waves(dice, span, height * 0.8, 2, 0.0) * size * 0.12 + _pines(dice, span, height, size)
    return _waves(dice, span, height * 0.85, 3, 0.0) * size * 0.26


def _dunes(dice: np.random.Generator, span: int, height: int) -> Floats:
    place = np.arange(span) / (height * 0.62) + dice.random() * 4
    bent = place + 0.22 * np.sin(place * 2.1 + dice.random() * 6)
    part = bent % 1.0
    slope = np.where(part < 0.72, (part / 0.72) ** 1.5, ((1 - part) / 0.28) ** 1.3)
    return np.asarray(slope, dtype=np.float32)


def _blocks(dice: np.random.Generator, span: int, height: int, size: float) -> Floats:
    ridge = np.zeros(span, dtype=np.float32)
    x = 0
    while x < span:
        wide = int(height * dice.uniform(0.05, 0.12)) + 2
        tall = size * (0.07 + 0.36 * float(dice.random()) ** 1.7)
        ridge[x : x + wide] = tall
        if dice.random() < 0.3:
            mast = x + wide // 2
            ridge[mast : mast + 1 + height // 240] = tall + size * 0.05
        x += wide + int(dice.integers(0, 1 + height // 90))
    return ridge


def _pines(dice: np.random.Generator, span: int, height: int, size: float) -> Floats:
    x = np.arange(span, dtype=np.float32)
    ridge = np.zeros(span, dtype=np.float32)
    for middle in np.arange(0, span, height * 0.045):
        tall = size * dice.uniform(0.12, 0.3)
        wide = tall * dice.uniform(0.2, 0.3)
        near = np.abs(x - middle - dice.uniform(-0.02, 0.02) * height) / wide
        saw = 1 - near - 0.16 * ((near * 4.5) % 1.0)
        np.maximum(ridge, saw * tall, out=ridge)
    return ridge


def _layer(
    look: Look, kind: Land, dice: np.random.Generator, ridge: Floats, place: tuple[int, float, float]
) -> Layer:
    height, depth, travel = place
    top = min(height - 1, max(0, int(ridge.min()) - 1))
    rows = np.arange(top, height, dtype=np.float32)[:, None]
    deep = rows - ridge[None, :]
    colour = _paint(look, kind, deep, ridge, (height, depth))
    if kind == "city":
        colour = _lit(look, dice, colour, deep, height)
    cover = _covers(rows, ridge)
    body = tuple(tint * share for tint, share in zip(_phases(np.clip(colour, 0, 255)), cover, strict=True))
    return Layer(top, travel, body, tuple(1 - share for share in cover))


def _covers(rows: Floats, ridge: Floats) -> list[Floats]:
    """How much of each pixel lies under the ridge, in each sub-pixel phase; steep edges stay smooth."""
    span = ridge.size
    fine = np.interp(np.arange(span * PHASES) / PHASES, np.arange(span), ridge).astype(np.float32)
    cover = np.clip(rows - fine + np.float32(0.5), 0.0, 1.0)
    parts = [cover[:, part::PHASES] for part in range(PHASES)]
    later = [np.roll(part, -1, axis=1) for part in parts]
    return [
        sum((parts + later)[phase + 1 : phase + PHASES], parts[phase]) / PHASES for phase in range(PHASES)
    ]


def _paint(look: Look, kind: Land, deep: Floats, ridge: Floats, place: tuple[int, float]) -> Floats:
    """The colours of a layer: its tint by distance, light from the sun's side, haze towards its foot."""
    height, depth = place
    far, near, haze = (colour_of(part) for part in (look.mood.far, look.mood.near, look.mood.sky[2]))
    tint = far + (near - far) * depth**0.8
    steep = {"dunes": 0.34, "peaks": 0.42}.get(kind, 0.1)
    facing = (
        _facing(ridge, height / (14 if kind == "peaks" else 60)) * steep * (1 if look.sun_x < 0.5 else -1)
    )
    fade = np.exp(-np.maximum(deep, 0) / (height * (0.5 if kind == "peaks" else 0.2)))
    colour = tint * (1.0 + facing * fade)
    if kind == "peaks" and depth < 0.5:
        ragged = 0.035 * np.sin(np.arange(ridge.size) * 47 / height) + 0.02 * np.sin(ridge * 0.55)
        rise = ridge.max() - ridge
        line = height * (0.055 + ragged) * np.clip(rise / (rise.max() * 0.55), 0, 1)
        snow = np.clip((line - deep) * 0.7 + 0.5, 0, 1) * (1.0 - 0.35 * depth)
        colour = colour + (colour_of(look.mood.light) * (0.86 + facing * 0.5) - colour) * snow
    mist = (1 - depth) * 0.6 * np.clip(deep / (height * 0.22), 0, 1)
    return np.asarray(colour + (haze - colour) * mist, dtype=np.float32)


def _facing(ridge: Floats, reach: float) -> Floats:
    """Which way the slope looks, -1 to 1, smoothed over `reach` pixels so that faces stay whole."""
    half = max(1, int(reach))
    window = np.hanning(2 * half + 3)[1:-1]
    padded = np.pad(ridge, half, mode="edge")
    smooth = np.convolve(padded, window / window.sum(), mode="valid")
    return np.asarray(np.tanh(np.gradient(smooth) * 2.4), dtype=np.float32)


def _lit(look: Look, dice: np.random.Generator, colour: Floats, deep: Floats, height: int) -> Floats:
    """Windows with light in them; more of them burn at night."""
    cell = max(3, height // 54)
    rows, columns = deep.shape
    wall = dice.random((rows // cell + 1, columns // cell + 1)) < (0.4 if look.mood.night else 0.16)
    pane = np.zeros((cell, cell), dtype=bool)
    pane[1 : cell - 1, 1 : cell - 1] = True
    panes = np.kron(wall, pane)[:rows, :columns].astype(bool) & (deep > cell * 0.8)
    hues = np.stack(
        [colour_of(part)[:, 0, 0] for part in (look.mood.light, (255, 205, 120), look.mood.sky[2])]
    )
    pick = np.kron(dice.integers(0, 3, wall.shape), np.ones((cell, cell), np.int64))[:rows, :columns]
    glow = np.moveaxis(hues[pick], 2, 0)
    return np.where(panes, colour * 0.2 + glow * 0.8, colour).astype(np.float32)


def _phases(strip: Floats) -> tuple[Floats, ...]:
    after = np.roll(strip, -1, axis=-1)
    shares = [index / PHASES for index in range(PHASES)]
    return tuple((strip * (1 - share) + after * share).astype(np.float32) for share in shares)


def colour_of(value: Colour) -> Floats:
    """A colour as an array of (3, 1, 1), to be mixed with pictures of (3, rows, columns)."""
    return np.array(value, dtype=np.float32)[:, None, None]
