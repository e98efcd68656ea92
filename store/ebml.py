"""The elements of a WebM or Matroska file (RFC 8794, RFC 9559): enough to see whether it is whole."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import NotAVideo, Truncated

MAGIC = b"\x1a\x45\xdf\xa3"
DOCTYPE = b"\x42\x82"
SEGMENT = b"\x18\x53\x80\x67"
LONGEST_HEADER = 4096
MOST_ELEMENTS = 10_000


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its id, where its contents begin, and where it ends; None if it does not say."""

    id: bytes
    body: int
    end: int | None


def check_webm(descriptor: int, size: int) -> None:
    """Raise NotAVideo or Truncated unless a file of `size` bytes is a WebM whose parts fit into it."""
    at = _check_header(descriptor, size)
    for element in _elements(descriptor, at, size):
        if element.end is not None and element.end > size:
            raise Truncated(f"The file ends {element.end - size:,} bytes before its video does.")
        if element.id == SEGMENT and element.body == (element.end or size):
            raise Truncated("The file ends before the video's contents begin.")
        if element.id == SEGMENT:
            return
    raise Truncated("The file ends before its video begins.")


def _check_header(descriptor: int, size: int) -> int:
    header = _element(descriptor, 0)
    if header.end is None or header.end - header.body > LONGEST_HEADER:
        raise NotAVideo("The file begins like a WebM, but its header cannot be read.")
    if header.end > size:
        raise Truncated("The file ends within its header.")
    for element in _elements(descriptor, header.body, header.end):
        if element.id == DOCTYPE and element.end is not None:
            kind = os.pread(descriptor, min(element.end - element.body, 16), element.body).rstrip(b"\0")
            if kind in {b"webm", b"matroska"}:
                return header.end
    raise NotAVideo("The file begins like a WebM, but says that it is something else.")


def _elements(descriptor: int, at: int, end: int) -> Iterator[Element]:
    for _ in range(MOST_ELEMENTS):
        if at >= end:
            return
        element = _element(descriptor, at)
        yield element
        if element.end is None:
            return
        at = element.end


def _element(descriptor: int, at: int) -> Element:
    data = os.pread(descriptor, 12, at)
    id_length = _length(data)
    if id_length > 4:
        raise NotAVideo(f"At byte {at:,} there is something that is no part of a WebM.")
    rest = data[id_length:]
    size_length = _length(rest)
    if len(rest) < size_length:
        raise Truncated("The file ends within the header of one of its parts.")
    size = int.from_bytes(rest[:size_length], "big") & ((1 << 7 * size_length) - 1)
    body = at + id_length + size_length
    unknown = size == (1 << 7 * size_length) - 1
    return Element(data[:id_length], body, None if unknown else body + size)


def _length(data: bytes) -> int:
    """How many bytes a number takes, as the zeros at the front of its first byte say."""
    if not data:
        raise Truncated("The file ends within the header of one of its parts.")
    if data[0] == 0:
        raise NotAVideo("The file holds a number that WebM does not know.")
    return 9 - data[0].bit_length()
