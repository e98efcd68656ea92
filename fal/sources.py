"""The files that a request takes along: looked at once, then read piece by piece, and watched for changes."""

import asyncio
import base64
import hashlib
import os
import stat
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from pathlib import Path

from .clean import clean
from .errors import UnfitFile
from .sniff import HEAD, content_type
from .upload_values import Source

PIECE = 256 * 1024
"""Bytes that are in memory at a time."""
LARGEST_INLINE = 256 * 1024
"""Bytes: a longer file is no data: URI. It would be kept in each job and sidecar that uses it."""
UNKNOWN = "application/octet-stream"


def look(path: Path) -> Source:
    """The file's size, type and SHA-256, read piece by piece; raises UnfitFile. It blocks."""
    with _reading(path), os.fdopen(_open(path), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise UnfitFile(f"{shown(path)} is not a file.")
        if not found.st_size:
            raise UnfitFile(f"{shown(path)} is empty.")
        head = os.pread(file.fileno(), HEAD, 0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        after = os.fstat(file.fileno())
    source = Source(path, found.st_size, found.st_mtime_ns, digest, content_type(head) or UNKNOWN)
    if _differs(source, after):
        raise UnfitFile(_changed(path))
    return source


def data_uri(source: Source) -> str:
    """The whole file as a data: URI; raises UnfitFile over 256 KiB, or when it has changed. It blocks."""
    if source.size > LARGEST_INLINE:
        raise UnfitFile(
            f"{shown(source.path)} has {source.size} bytes; inside the request there is room for"
            f" {LARGEST_INLINE}. Without `data:` it is uploaded."
        )
    with _reading(source.path):
        content = source.path.read_bytes()
    if hashlib.sha256(content).hexdigest() != source.sha256:
        raise UnfitFile(_changed(source.path))
    return f"data:{source.content_type};base64,{base64.b64encode(content).decode()}"


def shown(path: Path) -> str:
    """A file for a sentence: its name, cleaned."""
    return clean(path.name or str(path), limit=120)


class OpenSource:
    """A source while it is read: each piece is checked against what the file was when it was looked at."""

    def __init__(self, source: Source, fd: int) -> None:
        self._source = source
        self._fd = fd

    def check(self) -> None:
        """Raise UnfitFile if the file has another size or date by now."""
        if _differs(self._source, os.fstat(self._fd)):
            raise UnfitFile(_changed(self._source.path))

    async def check_whole(self) -> None:
        """Raise UnfitFile if the file holds other bytes by now; it is read again for that."""
        digest = hashlib.sha256()
        async for piece in self.pieces(0, self._source.size):
            digest.update(piece)
        if digest.hexdigest() != self._source.sha256:
            raise UnfitFile(_changed(self._source.path))

    async def whole(self) -> AsyncGenerator[bytes, None]:
        """All bytes; the last piece only once they are known to be those that were looked at."""
        digest, held = hashlib.sha256(), b""
        async for piece in self.pieces(0, self._source.size):
            digest.update(piece)
            if held:
                yield held
            held = piece
        if digest.hexdigest() != self._source.sha256:
            raise UnfitFile(_changed(self._source.path))
        yield held

    async def pieces(self, start: int, length: int) -> AsyncGenerator[bytes, None]:
        """The bytes from `start` on, read in a thread; raises UnfitFile where they are not there any more."""
        end = start + length
        while start < end:
            with _reading(self._source.path):
                piece = await asyncio.to_thread(os.pread, self._fd, min(PIECE, end - start), start)
            if not piece:
                raise UnfitFile(_changed(self._source.path))
            start += len(piece)
            if start >= end:
                self.check()
            yield piece


@contextmanager
def opened(source: Source) -> Iterator[OpenSource]:
    """The file of a source, open for reading; raises UnfitFile where it is gone or has changed."""
    with _reading(source.path):
        fd = _open(source.path)
    try:
        file = OpenSource(source, fd)
        file.check()
        yield file
    finally:
        os.close(fd)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        # ValueError: a name with a NUL in it.
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UnfitFile(f"{shown(path)} cannot be read: {why[:1].lower()}{why[1:]}.") from error


def _open(path: Path) -> int:
    # Without O_NONBLOCK, opening a pipe would wait for someone to write into it.
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)


def _differs(source: Source, found: os.stat_result) -> bool:
    return (found.st_size, found.st_mtime_ns) != (source.size, source.modified)


def _changed(path: Path) -> str:
    return f"{shown(path)} changed while it was read."
