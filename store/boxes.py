"""Whether a file is a whole clip: the boxes of an MP4 or the elements of a WebM, followed to the end.

A few bytes are read of each, however large the file. ISO/IEC 14496-12 gives the boxes.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .ebml import MAGIC, check_webm
from .errors import NotAVideo, Truncated
from .refusals import os_refusals

MOST_BOXES = 200_000
PICTURES = frozenset({b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1"})


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its type, where its contents begin, and where it ends."""

    type: bytes
    body: int
    end: int


def check_whole(path: Path) -> str:
    """Say "mp4" or "webm" of a whole file; raises NotAVideo or Truncated with a sentence for people.

    A last box without a size, or a WebM segment without one, reaches to the end of the file, wherever that
    is: of those it cannot be told that something is missing.
    """
    with os_refusals(f"read {path.name}"), path.open("rb", buffering=0) as file:
        descriptor = file.fileno()
        size = os.fstat(descriptor).st_size
        start = os.pread(descriptor, 16, 0)
        if start.startswith(MAGIC):
            check_webm(descriptor, size)
            return "webm"
        _check_start(start, size)
        _check_mp4(descriptor, size)
        return "mp4"


def _check_start(start: bytes, size: int) -> None:
    if size == 0:
        raise NotAVideo("The file is empty.")
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"<"):
        raise NotAVideo("The file is a web page, not a video.")
    if text.startswith((b"{", b"[")):
        raise NotAVideo("The file is a JSON text, not a video.")
    if size < 16 and b"ftyp".startswith(start[4:8]):
        raise Truncated(f"The file ends after {size} bytes.")
    if start[4:8] != b"ftyp":
        raise NotAVideo("The file begins neither like an MP4 nor like a WebM.")


def _check_mp4(descriptor: int, size: int) -> None:
    seen: set[bytes] = set()
    for box in _boxes(descriptor, 0, size):
        if box.type == b"ftyp" and os.pread(descriptor, 4, box.body) in PICTURES:
            raise NotAVideo("The file is a picture, not a video.")
        if box.type == b"moov" and b"moov" not in seen:
            _check_index(descriptor, box)
        seen.add(box.type)
    for needed, what in ((b"moov", "index"), (b"mdat", "contents")):
        if needed not in seen:
            raise Truncated(f"The file ends before the video's {what} ({needed.decode()}).")


def _check_index(descriptor: int, moov: Box) -> None:
    inside = {box.type for box in _boxes(descriptor, moov.body, moov.end, within="moov")}
    if not {b"mvhd", b"trak"} <= inside:
        raise NotAVideo("The video's index (moov) names no track.")


def _boxes(descriptor: int, at: int, end: int, *, within: str = "") -> Iterator[Box]:
    """The boxes from `at` to `end`, which must fill that space exactly."""
    for _ in range(MOST_BOXES):
        if at == end:
            return
        box = _box(os.pread(descriptor, min(16, end - at), at), at, end, top=not within)
        if box.end > end and within:
            raise NotAVideo(f"The video's index ({within}) holds more than its own size.")
        if box.end > end:
            raise Truncated(
                f"The file ends {box.end - end:,} bytes before the end of its part"
                f" “{box.type.decode('latin-1')}”."
            )
        yield box
        at = box.end
    raise NotAVideo(f"The file has more than {MOST_BOXES:,} parts, which no real video has.")


def _box(header: bytes, at: int, end: int, *, top: bool) -> Box:
    if len(header) < 8:
        raise Truncated("The file ends within the header of one of its parts.")
    length, kind = struct.unpack(">I4s", header[:8])
    if not all(0x20 <= byte <= 0x7E or byte == 0xA9 for byte in kind):
        raise NotAVideo(f"At byte {at:,} there is something that is no part of a video.")
    body = at + 8
    if length == 1:
        if len(header) < 16:
            raise Truncated("The file ends within the header of one of its parts.")
        (length,) = struct.unpack(">Q", header[8:])
        body = at + 16
    elif length == 0 and top:
        length = end - at
    if at + length < body:
        raise NotAVideo(f"At byte {at:,} there is a part with a size of {length} bytes, which cannot be.")
    return Box(kind, body, at + length)
