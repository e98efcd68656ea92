"""Small true files of each kind that a result may hold beside its clip: a tone, a picture, an archive."""

import array
import io
import json
import math
import struct
import wave
import zipfile
import zlib

TYPES = {
    "mp4": "video/mp4",
    "wav": "audio/wav",
    "png": "image/png",
    "zip": "application/zip",
    "json": "application/json",
    "srt": "application/x-subrip",
    "safetensors": "application/octet-stream",
}
PICTURE_SIZE = (320, 180)
_RATE = 16_000


def suffix_of(field: str) -> str:
    """The kind of file that a field of a result holds, by its name."""
    words = {
        "zip": ("zip", "exr", "dataset", "depths"),
        "wav": ("audio",),
        "png": ("image", "thumbnail"),
        "json": ("config",),
        "srt": ("caption",),
        "safetensors": ("lora",),
    }
    return next((kind for kind, marks in words.items() if any(mark in field for mark in marks)), "mp4")


def content(suffix: str) -> bytes:
    """The bytes of a companion, always the same; a clip is none, as the sandbox renders those."""
    return {
        "wav": _tone,
        "png": _picture,
        "zip": _archive,
        "json": lambda: json.dumps({"steps": 1000, "rank": 32}).encode(),
        "srt": lambda: b"1\n00:00:00,000 --> 00:00:01,000\nThis is the sandbox.\n",
        "safetensors": _weights,
    }[suffix]()


def _tone() -> bytes:
    """A second of A, 16 bit, which fades out."""
    loud = (8000 * (1 - n / _RATE) * math.sin(2 * math.pi * 440 * n / _RATE) for n in range(_RATE))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        sound.writeframes(array.array("h", map(round, loud)).tobytes())
    return file.getvalue()


def _picture() -> bytes:
    """A dusk: from blue above to orange below."""
    width, height = PICTURE_SIZE
    rows = (bytes((40 + y, 60 + y // 3, 130 - y // 2)) * width for y in range(height))
    data = b"".join(b"\0" + row for row in rows)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(data)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )


def _archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        # A fixed time: the same bytes whenever they are made.
        archive.writestr(zipfile.ZipInfo("0001.png", (2026, 1, 1, 0, 0, 0)), _picture())
    return file.getvalue()


def _weights() -> bytes:
    """A safetensors file without a tensor: the length of its header, and the header."""
    head = json.dumps({"__metadata__": {"format": "pt"}}).encode()
    return struct.pack("<Q", len(head)) + head
