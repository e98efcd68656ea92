"""What a media file is by its own first bytes, whatever it is called: its type, and a picture's size."""

import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

HEAD = 64
"""Bytes of the beginning that `content_type` looks at."""

SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/bmp": ".bmp",
    "image/tiff": ".tiff",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
    "video/x-msvideo": ".avi",
    "video/ogg": ".ogv",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/wav": ".wav",
    "audio/flac": ".flac",
    "audio/ogg": ".ogg",
    "audio/aac": ".aac",
    "audio/aiff": ".aiff",
    "application/zip": ".zip",
}
"""The types that are told apart, and how a file of each is called."""

_OPENINGS = (
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"GIF8[79]a", "image/gif"),
    (rb"RIFF....WEBP", "image/webp"),
    (rb"BM....\0\0\0\0", "image/bmp"),
    (rb"II\*\0|MM\0\*", "image/tiff"),
    (rb"....ftypavi[fs]", "image/avif"),
    (rb"....ftyp(?:hei|hev|mif1|msf1)", "image/heic"),
    (rb"....ftypM4[AB] ", "audio/mp4"),
    (rb"....ftypqt  |....(?:moov|mdat|wide)", "video/quicktime"),
    (rb"....ftyp", "video/mp4"),
    (rb"\x1a\x45\xdf\xa3.*webm", "video/webm"),
    (rb"\x1a\x45\xdf\xa3", "video/x-matroska"),
    (rb"RIFF....AVI ", "video/x-msvideo"),
    (rb"RIFF....WAVE", "audio/wav"),
    (rb"OggS.*theora", "video/ogg"),
    (rb"OggS", "audio/ogg"),
    (rb"fLaC", "audio/flac"),
    (rb"FORM....AIF[FC]", "audio/aiff"),
    (rb"\xff[\xf0\xf1\xf8\xf9]", "audio/aac"),
    (rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]", "audio/mpeg"),
    (rb"PK\x03\x04", "application/zip"),
)
_SEGMENTS = 2_000
# SOF0 to SOF15, without the three of that range that are no frame (DHT, JPG, DAC).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def content_type(head: bytes) -> str | None:
    """The type of a file that begins like this; None for one that is not told by its beginning."""
    for opening, kind in _OPENINGS:
        if re.match(opening, head[:HEAD], re.DOTALL):
            return kind
    return None


def picture_size(path: Path) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, JPEG, GIF or WebP, from its header; None where it is not told.

    Raises OSError where the file cannot be read, and nothing for what it holds.
    """
    with path.open("rb") as file:
        read = _SIZES.get(content_type(file.read(HEAD)) or "")
        if read is None:
            return None
        file.seek(0)
        try:
            width, height = read(file)
        except (struct.error, ValueError):
            return None
    return (width, height) if width > 0 and height > 0 else None


def _png(file: BinaryIO) -> tuple[int, int]:
    width, height = struct.unpack(">II", file.read(24)[16:])
    return width, height


def _gif(file: BinaryIO) -> tuple[int, int]:
    width, height = struct.unpack("<HH", file.read(10)[6:])
    return width, height


def _webp(file: BinaryIO) -> tuple[int, int]:
    head = file.read(30)
    if head[12:16] == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if head[12:16] == b"VP8L":
        (bits,) = struct.unpack("<I", head[21:25])
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", head[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _jpeg(file: BinaryIO) -> tuple[int, int]:
    """The size stands in the first frame header, after any number of other segments."""
    file.seek(2)
    for _ in range(_SEGMENTS):
        mark, kind = struct.unpack(">BB", file.read(2))
        while kind == 0xFF:  # fill bytes
            (kind,) = struct.unpack(">B", file.read(1))
        if mark != 0xFF:
            raise ValueError
        (length,) = struct.unpack(">H", file.read(2))
        if kind in _FRAMES:
            _, height, width = struct.unpack(">BHH", file.read(5))
            return width, height
        file.seek(max(length, 2) - 2, 1)
    raise ValueError


_SIZES: dict[str, Callable[[BinaryIO], tuple[int, int]]] = {
    "image/png": _png,
    "image/gif": _gif,
    "image/webp": _webp,
    "image/jpeg": _jpeg,
}
