"""What a clip says of itself: read from its MP4 header, in standard Python, never invented.

A form that is not known gives None for what it would have said.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

LARGEST_HEADER = 64 << 20
"""Bytes of a `moov` box that are read at most; a real one is under a MiB."""
MOST_BOXES = 10_000
"""Boxes in a row that are looked at; a real file has some twenty, and one in fragments begins with them."""

CODECS = {
    "avc1": "h264",
    "avc3": "h264",
    "hvc1": "hevc",
    "hev1": "hevc",
    "av01": "av1",
    "vp09": "vp9",
    "mp4v": "mpeg4",
    "apcn": "prores",
    "apch": "prores",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """Pixels, seconds, frames a second, the codec's usual name, and whether there is a sound track."""

    width: int | None = None
    height: int | None = None
    duration: float | None = None
    fps: float | None = None
    codec: str | None = None
    has_audio: bool | None = None


def read_facts(path: Path) -> Facts:
    """The facts of an MP4; an empty Facts for any other file. Never raises for what the file holds."""
    try:
        moov = _moov(path)
        return _facts(moov) if moov is not None else Facts()
    except (struct.error, ValueError, IndexError, ZeroDivisionError):
        return Facts()


def _moov(path: Path) -> bytes | None:
    with path.open("rb") as file:
        end = path.stat().st_size
        at = 0
        for _ in range(MOST_BOXES):
            if at + 8 > end:
                break
            file.seek(at)
            head = file.read(16)
            size, kind = struct.unpack(">I4s", head[:8])
            header = 8
            if size == 1:
                (size,) = struct.unpack(">Q", head[8:16])
                header = 16
            elif size == 0:
                size = end - at
            if size < header:
                return None
            if kind == b"moov":
                file.seek(at + header)
                return file.read(min(size - header, LARGEST_HEADER))
            at += size
    return None


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    for _ in range(MOST_BOXES):
        if at + 8 > len(data):
            return
        size, kind = struct.unpack_from(">I4s", data, at)
        if size < 8:
            return
        yield kind, data[at + 8 : at + size]
        at += size


def _find(data: bytes, *path: bytes) -> bytes | None:
    for name in path:
        found = next((body for kind, body in _boxes(data) if kind == name), None)
        if found is None:
            return None
        data = found
    return data


def _facts(moov: bytes) -> Facts:
    facts = Facts(duration=_length(_find(moov, b"mvhd")), has_audio=False)
    for kind, track in _boxes(moov):
        if kind != b"trak":
            continue
        handler = _find(track, b"mdia", b"hdlr")
        what = handler[8:12] if handler else b""
        if what == b"soun":
            facts = replace(facts, has_audio=True)
        elif what == b"vide" and facts.width is None:
            facts = _picture(facts, track)
    return facts


def _length(header: bytes | None) -> float | None:
    """Seconds, of an `mvhd` or `mdhd`: both keep timescale and duration in the same places."""
    if header is None:
        return None
    scale, length = (
        struct.unpack_from(">IQ", header, 20) if header[0] == 1 else struct.unpack_from(">II", header, 12)
    )
    return length / scale if scale and length not in {0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF} else None


def _picture(facts: Facts, track: bytes) -> Facts:
    header = _find(track, b"tkhd")
    width = height = None
    if header is not None:
        wide, high = struct.unpack_from(">II", header, 88 if header[0] == 1 else 76)
        width, height = wide >> 16 or None, high >> 16 or None
    table = _find(track, b"mdia", b"minf", b"stbl")
    entry = _find(table, b"stsd") if table else None
    codec = _codec(entry[12:16]) if entry else None
    scale = _scale(_find(track, b"mdia", b"mdhd"))
    fps = _rate(_find(table, b"stts") if table else None, scale)
    return replace(facts, width=width, height=height, codec=codec, fps=fps)


def _codec(fourcc: bytes) -> str | None:
    """The name of a codec; None for four bytes that are no word, which a terminal would obey."""
    word = fourcc.decode("latin-1").strip()
    return CODECS.get(word, word) if word.isascii() and word.isprintable() and word else None


def _scale(header: bytes | None) -> int:
    """Ticks a second, of an `mdhd`."""
    if header is None:
        return 0
    (scale,) = struct.unpack_from(">I", header, 20 if header[0] == 1 else 12)
    return int(scale)


def _rate(times: bytes | None, scale: int) -> float | None:
    """Frames a second: the step that nearly all frames share, else the mean of all."""
    if times is None:
        return None
    (count,) = struct.unpack_from(">I", times, 4)
    runs = [struct.unpack_from(">II", times, 8 + 8 * i) for i in range(min(count, 1 << 16))]
    frames = sum(number for number, _step in runs)
    number, step = max(runs, default=(0, 0))
    ticks = step if number >= 0.9 * frames else sum(number * step for number, step in runs) / frames
    # What rounds to none is no rate: a picture that stands for an hour.
    return round(scale / ticks, 3) or None if ticks else None
