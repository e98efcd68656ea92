"""What a scene is made of: its colours, its land and its weather, chosen from the words and their hash."""

import hashlib
import json
import random
import re
from dataclasses import dataclass
from typing import Literal, TypeVar

Land = Literal["hills", "peaks", "dunes", "forest", "city", "sea"]
Weather = Literal["clear", "snow", "rain", "fireflies", "birds", "embers"]
T = TypeVar("T")
Colour = tuple[int, int, int]


def _rgb(hex_digits: str) -> Colour:
    value = int(hex_digits, 16)
    return value >> 16, value >> 8 & 255, value & 255


@dataclass(frozen=True, slots=True)
class Mood:
    """The colours of one hour: three of the sky from top to horizon, the light, and far and near land."""

    sky: tuple[Colour, Colour, Colour]
    light: Colour
    far: Colour
    near: Colour
    night: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that decides a picture, apart from its size and time."""

    mood: Mood
    land: Land
    weather: Weather
    wet: bool
    aurora: bool
    sun_x: float
    sun_size: float
    dice: int
    """The seed of all the smaller choices."""


def _mood(top: str, mid: str, low: str, light: str, far: str, near: str, *, night: bool = False) -> Mood:
    sky = (_rgb(top), _rgb(mid), _rgb(low))
    return Mood(sky, _rgb(light), _rgb(far), _rgb(near), night)


_SKIES: tuple[tuple[Mood, str], ...] = (
    (_mood("2b2a66", "d4527c", "ffb45e", "fff0b8", "8c4a86", "180f2e"), "sunset dusk evening glow"),
    (
        _mood("4a6fb0", "f2a97e", "ffe29a", "fffbe0", "c98a6b", "3a2233"),
        "sunrise dawn morning gold light sun",
    ),
    (_mood("1f63b8", "6fb6ec", "e4f5fb", "fffdf0", "6fae9a", "123a2c"), "noon day blue summer"),
    (_mood("3f74b8", "a8cdf0", "fbe0ea", "fffaf4", "8fa9d0", "20304f"), "winter snow frozen lake"),
    (_mood("2f7fb5", "9fd0d8", "fbe3ad", "fffbe8", "e8a752", "5a2a16"), "desert heat sand warm"),
    (_mood("3a0d1c", "b8321f", "ff9a4a", "ffe9a8", "a03a22", "22080c"), "mars fire lava ember"),
    (
        _mood("14083c", "6a1ea8", "ff3f9e", "7df4ff", "4a1a8a", "0c0522", night=True),
        "neon cyberpunk arcade pink",
    ),
    (
        _mood("050b26", "123a72", "4f93c4", "f4f6ff", "1f4a7c", "040a18", night=True),
        "moon night midnight dark",
    ),
    (
        _mood("030c22", "0a3c58", "2f9c94", "c9ffe4", "135266", "020c14", night=True),
        "aurora northern arctic polar ice",
    ),
    (_mood("5f9c8c", "b4d6a8", "f4f3c2", "ffffee", "7fb089", "0f2e24"), "mist fog forest green"),
    (_mood("3a357f", "937fd0", "ffc0c4", "fff3e6", "7a6cb4", "1a1440"), "lavender violet dream magic"),
    (_mood("4cc0d6", "ffb9d2", "fff1c4", "ffffff", "e0709c", "4a1444"), "candy spring blossom pastel"),
    (_mood("17262f", "3f6670", "a9c3a8", "f4f2d2", "35565e", "0a1518"), "storm cloud rain grey"),
    (_mood("0b6f8c", "35c2b4", "f7f0a8", "fffbd6", "1f9a80", "05332f"), "jungle tropical lagoon turquoise"),
    (_mood("4f7fa6", "f0c684", "ffdf9a", "fff7d8", "d9762e", "4a1a12"), "autumn leaf amber harvest"),
)

_LANDS: tuple[tuple[Land, str], ...] = (
    ("sea", "sea ocean wave lake harbour harbor beach coast island river lighthouse ship boat whale water"),
    ("city", "city street neon town skyline rooftop arcade alley car robot cyberpunk building tower train"),
    ("dunes", "desert dune sand caravan camel mars canyon"),
    ("peaks", "mountain summit peak alpine glacier snow eagle climber dragon castle"),
    ("forest", "forest pine tree wood fox deer wolf bear jungle autumn cabin"),
    ("hills", "hill meadow field valley farm horse flower grass balloon village"),
)

_WEATHERS: tuple[tuple[Weather, str], ...] = (
    ("snow", "snow winter frozen ice blizzard christmas"),
    ("rain", "rain storm umbrella monsoon"),
    ("fireflies", "firefly fireflies magic fairy lantern"),
    ("birds", "bird gull crane eagle"),
    ("embers", "fire ember lava volcano spark"),
)


def look(prompt: str, model: str, seed: int | None) -> Look:
    """The look of a clip: words of the prompt choose where they can, the hash chooses the rest."""
    text = json.dumps([prompt, model, seed])
    dice = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    chance = random.Random(dice)  # noqa: S311  a scene has no secrets; the same words must give the same scene
    words = re.findall(r"[a-z]+", prompt.lower()[:2000])
    land = _chosen(words, _LANDS) or chance.choice(_LANDS)[0]
    mood = _turned(_chosen(words, _SKIES) or chance.choice(_SKIES)[0], chance.uniform(-0.03, 0.03))
    calm: tuple[Weather, ...] = ("clear", "fireflies", "snow") if mood.night else ("clear", "birds", "birds")
    told = _chosen(words, _WEATHERS)
    return Look(
        mood=mood,
        land=land,
        weather=chance.choice(calm) if told is None else told,
        wet=land == "sea" or (land in {"city", "peaks"} and chance.random() < 0.5),
        aurora=bool({"aurora", "northern", "polar"}.intersection(words))
        or (mood.night and chance.random() < 0.25),
        sun_x=chance.choice((chance.uniform(0.14, 0.4), chance.uniform(0.58, 0.84))),
        sun_size=chance.uniform(0.055, 0.12),
        dice=dice,
    )


def _chosen(words: list[str], table: tuple[tuple[T, str], ...]) -> T | None:
    """What the first telling word of a prompt stands for."""
    known = {name: kind for kind, names in reversed(table) for name in names.split()}
    return next((known[form] for word in words for form in (word, word[:-1]) if form in known), None)


def _turned(mood: Mood, turn: float) -> Mood:
    """The mood with each colour turned around the grey axis, so that no two clips share their exact tints."""

    def turned(colour: Colour) -> Colour:
        grey = sum(colour) / 3
        red, green, blue = (part - grey for part in colour)
        shift = turn * 3.0
        mixed = (red + shift * (green - blue), green + shift * (blue - red), blue + shift * (red - green))
        low, mid, high = (round(min(255.0, max(0.0, grey + part))) for part in mixed)
        return low, mid, high

    top, middle, low = mood.sky
    sky = (turned(top), turned(middle), turned(low))
    return Mood(sky, mood.light, turned(mood.far), turned(mood.near), mood.night)
