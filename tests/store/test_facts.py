"""What a clip says of itself: true where it is told, None where it is not, and no word to obey."""

import struct
from pathlib import Path

import pytest

from reelroom.store.facts import Facts, read_facts


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def clip_of(fourcc: bytes, ticks: int = 1) -> bytes:
    """The least that names a codec, and of how many thousandths of a second its one frame is."""
    entry = box(b"stsd", bytes(8), struct.pack(">I4s", 86, fourcc), bytes(78))
    times = box(b"stts", struct.pack(">IIII", 0, 1, 1, ticks))
    scale = box(b"mdhd", struct.pack(">IIIII", 0, 0, 0, 1000, ticks))
    media = box(b"mdia", scale, box(b"hdlr", bytes(8), b"vide"), box(b"minf", box(b"stbl", entry, times)))
    return box(b"ftyp", b"isom", bytes(4)) + box(b"moov", box(b"trak", media))


def told(tmp_path: Path, data: bytes) -> Facts:
    file = tmp_path / "clip"
    file.write_bytes(data)
    return read_facts(file)


def test_a_real_clip_tells_all_of_it(tmp_path: Path, clip: bytes) -> None:
    facts = told(tmp_path, clip)
    assert (facts.width, facts.height, facts.duration, facts.fps) == (64, 36, 1.0, 12.0)
    assert (facts.codec, facts.has_audio) == ("h264", False)


@pytest.mark.parametrize(
    ("fourcc", "codec"),
    [
        (b"avc1", "h264"),
        (b"raw ", "raw"),
        (b"    ", None),
        (b"\x08p4v", None),
        (b"\x1b[2J", None),
        (b"a\nb ", None),
        (b"\xe2\x80\xaea", None),
        (b"\x9b31m", None),
    ],
)
def test_a_codec_is_a_plain_word_or_not_known(tmp_path: Path, fourcc: bytes, codec: str | None) -> None:
    assert told(tmp_path, clip_of(fourcc)).codec == codec


@pytest.mark.parametrize(
    ("ticks", "fps"), [(40, 25.0), (1_000_000, 0.001), (3_000_000, None), (2**32 - 1, None), (0, None)]
)
def test_a_rate_that_is_next_to_none_is_not_told(tmp_path: Path, ticks: int, fps: float | None) -> None:
    assert told(tmp_path, clip_of(b"avc1", ticks)).fps == fps


def test_countless_tiny_parts_do_not_keep_it_busy(tmp_path: Path) -> None:
    many = b"\0\0\0\x08free" * 10_001
    assert told(tmp_path, many + clip_of(b"avc1")) == Facts()
    assert told(tmp_path, box(b"moov", many, clip_of(b"avc1")[24:])).codec is None
