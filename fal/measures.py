"""The measures of a clip in the words that people and schemas have for them: shapes, sizes, lengths."""

import math
import re
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final

__all__ = ["lines", "number", "pixels", "ratio", "sized"]

_PAIR: Final = re.compile(r"(\d{1,5}(?:\.\d{1,4})?)\s?([:x*×/])\s?(\d{1,5}(?:\.\d{1,4})?)")
_NAMED: Final = re.compile(r"(landscape|portrait)_(\d{1,3})_(\d{1,3})")
_LINES: Final = re.compile(r"(\d{2,5})p?")
_WORDS: Final = MappingProxyType({"1k": 1080, "2k": 1440, "4k": 2160, "8k": 4320})
_SQUARE: Final = frozenset({"square", "square_hd"})
_TENS: Final = 8
"""Pixels that the sides of a made-up size are multiples of, as encoders want them."""

_MOST: Final = 1_000_000
"""The largest number that is read as one: no clip is as long, and no sum of it comes out wrong."""


def ratio(text: object) -> float | None:
    """Width by height of `16:9`, `1280x720`, `landscape_16_9` or `square`; None for any other word."""
    word = str(text).strip().lower()
    if word in _SQUARE:
        return 1.0
    if named := _NAMED.fullmatch(word):
        # In these names the longer side comes first: portrait_16_9 is 9 wide and 16 high.
        wide, high = float(named[2]), float(named[3])
        if named[1] == "portrait":
            wide, high = high, wide
    elif pair := _PAIR.fullmatch(word):
        wide, high = float(pair[1]), float(pair[3])
    else:
        return None
    return wide / high if wide > 0 and high > 0 else None


def pixels(text: object) -> tuple[int, int] | None:
    """Width and height of `1280x720`; None for any other word."""
    pair = _PAIR.fullmatch(str(text).strip().lower())
    if pair is None or pair[2] in ":/" or "." in pair[0]:
        return None
    return int(pair[1]), int(pair[3])


def lines(text: object) -> int | None:
    """The lines of `720p`, `768P`, `2K`, `1280x720`: the pixels of the shorter side; None for other words."""
    word = str(text).strip().lower()
    if size := pixels(word):
        return min(size) or None
    found = _LINES.fullmatch(word)
    return _WORDS.get(word) or (int(found[1]) or None if found else None)


def sized(shape: float, high: int) -> tuple[int, int]:
    """Width and height of a clip of this shape with so many lines, in multiples of 8."""
    long = max(_TENS, round(high * max(shape, 1 / shape) / _TENS) * _TENS)
    return (long, high) if shape >= 1 else (high, long)


def number(text: object) -> Decimal | None:
    """The number in `8`, `8s`, `8 s`, `2.5` or `30fps`; None where there is none above 0, as in `auto`."""
    word = str(text).strip().lower()
    for unit in ("seconds", "sec", "fps", "s"):
        if word.endswith(unit):
            word = word.removesuffix(unit).rstrip()
            break
    if len(word) > 20 or isinstance(text, bool):
        return None
    try:
        value = Decimal(word)
    except InvalidOperation:
        return None
    return value if value.is_finite() and 0 < value <= _MOST else None


def apart(one: float, other: float) -> float:
    """How far apart two measures are, the same either way round: 0 for equal ones."""
    return abs(math.log(one / other))
