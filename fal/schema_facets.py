"""What the keys of one JSON Schema node say: choices, ranges, limits, upload hints, labels and units."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, cast

from .clean import clean
from .schema import NO_LIMITS, Number, Range, Type, Upload

MOST_CHOICES = 5_000
LONGEST_CHOICE = 200
LARGEST_DEFAULT = 10_000
"""Nodes and characters of a default that is kept."""

_TYPES = frozenset({"string", "integer", "number", "boolean", "array", "object"})
_UPLOADS = frozenset({"image", "video", "audio", "file"})
_LARGEST_NUMBER = 10**18

LIMITS: Final = tuple(
    f"{end}_{what}"
    for what in (
        "file_size",
        "pixels",
        "width",
        "height",
        "area",
        "aspect_ratio",
        "frames",
        "duration",
        "fps",
    )
    for end in ("min", "max")
)
"""The limits of an upload by FAL's names: bytes, pixels, frames, seconds, frames a second."""

_LIMIT_NAMES = frozenset(LIMITS)

_SPELT: Final = MappingProxyType(
    {
        "bgm": "BGM", "cfg": "CFG", "crf": "CRF", "exr": "EXR", "fps": "FPS", "hdr": "HDR", "id": "ID",
        "ids": "IDs", "lora": "LoRA", "loras": "LoRAs", "nsfw": "NSFW", "srt": "SRT", "url": "URL",
    }
)  # fmt: skip
_MEDIA: Final[Mapping[Upload, frozenset[str]]] = MappingProxyType(
    {
        "video": frozenset({"video", "videos", "clip"}),
        "audio": frozenset({"audio", "audios", "voice", "music", "song", "speech", "sound"}),
        "image": frozenset(
            {"image", "images", "img", "frame", "frames", "photo", "picture", "mask", "face", "portrait"}
        ),
    }
)
_NO_MEDIA = frozenset({"webhook", "callback", "redirect", "website", "page"})


def type_of(word: object, *, otherwise: Type) -> Type:
    """A type of JSON Schema; `otherwise` for a word that is none."""
    return cast("Type", word) if isinstance(word, str) and word in _TYPES else otherwise


def choices_of(node: Mapping[str, Any]) -> tuple[object, ...]:
    """The values of `enum` or `const` without null; none where one of them cannot be shown as it is sent."""
    listed = node.get("enum")
    values = listed if isinstance(listed, list) else [node["const"]] if "const" in node else []
    kept = [value for value in values[: MOST_CHOICES + 1] if value is not None]
    sound = len(kept) <= MOST_CHOICES and all(_is_choice(value) for value in kept)
    return tuple(kept) if sound else ()


def _is_choice(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_CHOICE and clean(value) == value
    return isinstance(value, bool) or number(value) is not None


def range_of(node: Mapping[str, Any]) -> Range:
    """The numeric range; the exclusive ends of both drafts (a number, or true beside the end) are read."""
    low, low_open = _end(node, "minimum", "exclusiveMinimum", max)
    high, high_open = _end(node, "maximum", "exclusiveMaximum", min)
    step = number(node.get("multipleOf"))
    return Range(low, high, low_open, high_open, step if step is not None and step > 0 else None)


def _end(node: Mapping[str, Any], closed: str, opened: str, tighter: Any) -> tuple[Number | None, bool]:
    end, strict = number(node.get(closed)), node.get(opened)
    if isinstance(strict, bool):
        return end, strict and end is not None
    other = number(strict)
    if other is None:
        return end, False
    if end is None:
        return other, True
    return tighter(end, other), tighter(end, other) == other


def count_of(value: object) -> int | None:
    """A length or count: a whole number that is not negative."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None


def number(value: object) -> Number | None:
    """A finite number of an ordinary size."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < _LARGEST_NUMBER and math.isfinite(value) else None


def limits_of(node: Mapping[str, Any]) -> Mapping[str, Number]:
    """The limits of an upload: ours, those of `x-fal`, or older ones flat beside the type."""
    holders = [one for one in (node, node.get("x-fal"), node.get("limits")) if isinstance(one, dict)]
    told = [(name, number(holder[name])) for holder in holders for name in _LIMIT_NAMES & holder.keys()]
    found = {name: value for name, value in told if value is not None}
    return MappingProxyType({name: found[name] for name in LIMITS if name in found}) if found else NO_LIMITS


def upload_hint(node: Mapping[str, Any]) -> Upload | None:
    """The kind of media that a node says it takes: `upload` in our lines, FAL's two hints elsewhere."""
    ui = node.get("ui")
    told = (
        node.get("upload"),
        node.get("_fal_ui_field"),
        ui.get("field") if isinstance(ui, dict) else None,
    )
    return next((cast("Upload", kind) for kind in told if isinstance(kind, str) and kind in _UPLOADS), None)


def upload_by_name(name: str, node: Mapping[str, Any]) -> Upload | None:
    """The kind of media behind a text that is named, or formatted, as a URL; None where it is no URL."""
    words = name.lower().split("_")
    is_url = words[-1] in ("url", "urls") and len(words) > 1
    if not (is_url or node.get("format") == "uri") or _NO_MEDIA & set(words):
        return None
    return next((kind for kind, known in _MEDIA.items() if known & set(words)), "file")


def is_sound(value: object) -> bool:
    """Whether a default can be kept: of an ordinary size, and with nothing that `clean` would change."""
    left = LARGEST_DEFAULT
    waiting = [value]
    while waiting and left > 0:
        one = waiting.pop()
        left -= 1
        if isinstance(one, str):
            left -= len(one)
            if clean(one, lines=True) != one:
                return False
        elif isinstance(one, dict):
            waiting.extend([*one, *one.values()])
        elif isinstance(one, list):
            waiting.extend(one)
        elif not (one is None or isinstance(one, bool) or number(one) is not None):
            return False
    return left > 0


def label_of(name: str, title: str = "") -> str:
    """A field's label: `Image` for `image_url`, `CFG scale`; FAL's title where it says more than the name."""
    words = name.replace("-", "_").split("_")
    if title and title.lower().split() != [word for word in words if word]:
        return title
    if len(words) > 1 and words[-1] in ("url", "urls"):
        words[-1:] = [] if words[-1] == "url" else ["list"]
    told = " ".join(_SPELT.get(word, word) for word in words if word)
    return told[:1].upper() + told[1:]


def unit_of(name: str) -> str | None:
    """The unit of a number, by the name of its field; None where the name does not tell."""
    words = name.split("_")
    if words[-1] == "fps" or name in ("frames_per_second", "frame_rate", "validation_frame_rate"):
        return "frames a second"
    if words[-1] == "frames":
        return "frames"
    if words[-1] in ("duration", "seconds") or name in ("start_time", "end_time", "start_offset"):
        return "seconds"
    return "pixels" if words[-1] in ("width", "height") else None
