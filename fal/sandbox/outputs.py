"""The body of a good result, in the shape that its endpoint declares."""

import json
import math
import re
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from . import wire
from .clip import Clip, clip_of
from .companions import PICTURE_SIZE, TYPES, suffix_of
from .facts import Entry, Facts
from .requests import Request
from .shapes import SHAPES, fill
from .shelf import Shelf

_TIMES_PER_SECOND = 10_000
"""What the muxer's clock of a clip has at least."""


class Outputs:
    """Results, and which files they name."""

    def __init__(self, facts: Facts, shelf: Shelf) -> None:
        self.facts, self.shelf = facts, shelf

    def names(self, endpoint: str) -> set[str]:
        """The names of the files that a result of the endpoint has."""
        entry = self.facts.entry(endpoint)
        if entry is None:
            return {wire.MEDIA_NAME}
        fields = entry["output"]["fields"].items()
        files = {_name(field, entry) for field, kind in fields if kind in {"file", "file[]"}}
        return files | {wire.MEDIA_NAME}

    def body(self, origin: str, request: Request) -> object:
        """The result of a completed request: as its plan says, else as its endpoint declares it."""
        shape = request.plan.output
        if shape is None:
            entry = self.facts.entry(request.endpoint)
            return wire.output(origin, request) if entry is None else self._declared(origin, request, entry)
        clip, shelf = request.clip, self.shelf
        assert clip is not None
        values: dict[str, Callable[[], object]] = {
            "$file": lambda: wire.file(origin, request),
            "$url": lambda: wire.media_url(origin, request),
            "$size": lambda: clip.size,
            "$seed": lambda: _seed(request, json.loads(request.input)),
            "$data": lambda: "data:video/mp4;base64," + b64encode(shelf.read(clip, 0, clip.size)).decode(),
        }
        return fill(SHAPES[shape] if isinstance(shape, str) else shape, values)

    def _declared(self, origin: str, request: Request, entry: Entry) -> dict[str, object]:
        input_ = json.loads(request.input)
        clip = clip_of(request.endpoint, input_)
        return {
            field: self._file(origin, request, clip, entry, field)
            if kind in {"file", "file[]"} or field == _main(entry)
            else _value(field, kind, request, clip, input_)
            for field, kind in entry["output"]["fields"].items()
        }

    def _file(self, origin: str, request: Request, clip: Clip, entry: Entry, field: str) -> object:
        """A file with the fields that are declared for it, and known; in a list, where it is one."""
        output, name = entry["output"], _name(field, entry)
        suffix = name.rpartition(".")[2]
        there = request.clip if suffix == "mp4" else self.shelf.companion(suffix)
        assert there is not None
        plain: dict[str, object] = {
            "url": wire.media_url(origin, request, name),
            "content_type": TYPES[suffix],
            "file_name": name,
            "file_size": there.size,
        }
        file = plain
        told = output["file_fields"]
        if field == _main(entry) and "url" in told and len(told) > 1:
            known = plain | _technical(clip, there.size)
            file = {one: known[one] for one in told if one in known}
        elif "image" in field:
            file = plain | {"width": PICTURE_SIZE[0], "height": PICTURE_SIZE[1]}
        return file if output["fields"][field] == "file" else [file]


def _main(entry: Entry) -> str:
    """The field that the clip itself is in."""
    return re.split(r"[.\[]", entry["output"]["path"])[0]


def _name(field: str, entry: Entry) -> str:
    return wire.MEDIA_NAME if field == _main(entry) else f"{field}.{suffix_of(field)}"


def _technical(clip: Clip, size: int) -> dict[str, object]:
    """What is true of the rendered clip, under all names that FAL's kinds of video file have for it."""
    seconds = clip.frames / clip.fps
    shared = math.gcd(clip.width, clip.height)
    ticks = clip.fps
    while ticks < _TIMES_PER_SECOND:
        ticks *= 2
    return {
        "width": clip.width,
        "height": clip.height,
        "fps": float(clip.fps),
        "duration": seconds,
        "num_frames": clip.frames,
        "frame_count": clip.frames,
        "bitrate": round(size * 8 / seconds),
        "codec": "h264",
        "container": "mp4",
        "media_type": "video",
        "timebase": f"1/{ticks}",
        "resolution": {
            "aspect_ratio": f"{clip.width // shared}:{clip.height // shared}",
            "width": clip.width,
            "height": clip.height,
        },
    }


def _value(field: str, kind: str, request: Request, clip: Clip, input_: Mapping[str, Any]) -> object:
    """What stands beside the files."""
    seconds = clip.frames / clip.fps
    known: dict[str, object] = {
        "seed": _seed(request, input_),
        "request_id": request.id,
        "timings": {"inference": round((request.ended_at or 0) - (request.started_at or 0), 3)},
        **dict.fromkeys(("prompt", "actual_prompt", "expanded_prompt"), clip.prompt),
        **dict.fromkeys(("duration", "original_duration", "trimmed_duration"), seconds),
        **dict.fromkeys(("original_width", "scaled_width"), clip.width),
        **dict.fromkeys(("original_height", "scaled_height"), clip.height),
    }
    return known.get(field, {"string": "", "integer": 0, "number": 0, "array": []}.get(kind, {}))


def _seed(request: Request, input_: Mapping[str, Any]) -> int:
    """The seed that was given, or the one that was drawn: the same whenever it is asked."""
    given = input_.get("seed")
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    return zlib.crc32(request.id.encode())
