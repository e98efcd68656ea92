import base64
import hashlib
import os
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from reelroom.fal.errors import UnfitFile
from reelroom.fal.sniff import HEAD, SUFFIXES, content_type, picture_size
from reelroom.fal.sources import LARGEST_INLINE, data_uri, look

HEADS = {
    "image/png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "image/jpeg": b"\xff\xd8\xff\xe0",
    "image/gif": b"GIF89a",
    "image/webp": b"RIFF\x10\0\0\0WEBPVP8 ",
    "image/bmp": b"BM\x10\x10\0\0\0\0\0\0",
    "image/tiff": b"II*\0",
    "image/avif": b"\0\0\0\x20ftypavif",
    "image/heic": b"\0\0\0\x20ftypheic",
    "video/mp4": b"\0\0\0\x20ftypisom",
    "video/quicktime": b"\0\0\0\x14ftypqt  ",
    "video/webm": b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm",
    "video/x-matroska": b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska",
    "video/x-msvideo": b"RIFF\x10\0\0\0AVI LIST",
    "video/ogg": b"OggS" + bytes(24) + b"\x80theora",
    "audio/mpeg": b"ID3\x04\0",
    "audio/mp4": b"\0\0\0\x20ftypM4A ",
    "audio/wav": b"RIFF\x10\0\0\0WAVEfmt ",
    "audio/flac": b"fLaC",
    "audio/ogg": b"OggS" + bytes(24) + b"\x01vorbis",
    "audio/aac": b"\xff\xf1\x50\x80",
    "audio/aiff": b"FORM\0\0\0\x10AIFF",
    "application/zip": b"PK\x03\x04",
}


@pytest.mark.parametrize("kind", HEADS)
def test_a_type_is_told_by_the_first_bytes(kind: str) -> None:
    assert content_type(HEADS[kind]) == kind


def test_every_type_has_a_suffix_and_a_test() -> None:
    assert set(SUFFIXES) == set(HEADS)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "video/quicktime"),
        (b"MM\0*", "image/tiff"),
        (b"\0\0\0\x20ftypmp42", "video/mp4"),
        (b"", None),
        (b"hello, world", None),
        (b"BM is how a text may begin", None),
        (b"\xff\xfe\x01", None),
        (b"<svg>", None),
    ],
)
def test_more_openings(head: bytes, kind: str | None) -> None:
    assert content_type(head) == kind


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        ("png", {}),
        ("gif", {}),
        ("jpg", {}),
        ("jpg", {"progressive": True, "exif": b"Exif\0\0MM\0*" + bytes(60_000)}),
        ("webp", {}),
        ("webp", {"lossless": True}),
        ("webp", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0"}),
    ],
)
def test_the_size_of_a_picture_is_read_from_its_header(
    tmp_path: Path, suffix: str, options: dict[str, object]
) -> None:
    file = tmp_path / f"x.{suffix}"
    Image.new("RGB", (321, 123), "red").save(file, **options)
    assert picture_size(file) == (321, 123)


@given(st.sampled_from(sorted(HEADS)), st.binary(max_size=200))
@settings(max_examples=150)
def test_no_bytes_make_the_reader_of_sizes_fall_over(
    tmp_path_factory: pytest.TempPathFactory, kind: str, rest: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.bin"
    file.write_bytes(HEADS[kind] + rest)
    size = picture_size(file)
    assert size is None or min(size) > 0


@given(st.binary(max_size=2 * HEAD))
def test_any_beginning_has_a_known_type_or_none(head: bytes) -> None:
    assert content_type(head) in {None, *SUFFIXES}


def test_a_file_is_looked_at_once_and_told_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(HEADS["image/png"] + bytes(1000))
    source = look(file)
    assert source.content_type == "image/png"
    assert source.size == file.stat().st_size
    assert source.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_link_that_a_person_names_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.png").write_bytes(HEADS["image/png"])
    (tmp_path / "link.png").symlink_to("real.png")
    assert look(tmp_path / "link.png").sha256 == look(tmp_path / "real.png").sha256


def test_what_is_no_file_with_something_in_it_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "door"))
        for name, said in {
            "empty.png": "is empty",
            "folder": "directory",
            "pipe": "is not a file",
            "door": "cannot be read",
            "missing.png": "no such file",
            "a\0b": "cannot be read",
            "x" * 300: "cannot be read",
        }.items():
            with pytest.raises(UnfitFile, match=said):
                look(tmp_path / name)


def test_a_name_reaches_no_terminal_raw(tmp_path: Path) -> None:
    with pytest.raises(UnfitFile) as caught:
        look(tmp_path / "\x1b[2J.png")
    assert "␛[2J.png cannot be read" in str(caught.value)


def test_a_short_file_can_be_a_data_uri(tmp_path: Path) -> None:
    file = tmp_path / "x.png"
    file.write_bytes(HEADS["image/png"])
    assert data_uri(look(file)) == "data:image/png;base64," + base64.b64encode(HEADS["image/png"]).decode()


def test_a_long_or_a_changed_file_is_no_data_uri(tmp_path: Path) -> None:
    file = tmp_path / "x.png"
    file.write_bytes(bytes(LARGEST_INLINE + 1))
    with pytest.raises(UnfitFile, match="262145 bytes"):
        data_uri(look(file))
    file.write_bytes(b"one")
    source = look(file)
    file.write_bytes(b"two")
    with pytest.raises(UnfitFile, match="changed"):
        data_uri(source)
