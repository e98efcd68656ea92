"""Bodies of API answers: bounded, and on disk where they are long."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from .clean import clean
from .errors import NotKept, NotUnderstood
from .replies import MAX_SPILL
from .values import Reply

MAX_TEXT = 4 * 2**20
"""Bytes: a longer body goes to a file, where one is named."""

_KEPT_HEADERS = frozenset(("content-type", "date", "etag", "retry-after", "server", "via", "x-request-id"))


class _Body:
    """Bytes in memory while they are few, then in the file."""

    def __init__(self, spill: Path | None) -> None:
        self._spill = spill
        self._held = bytearray()
        self._size = 0
        self._fd = -1

    @property
    def path(self) -> Path | None:
        return self._spill if self._fd >= 0 else None

    def add(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > MAX_SPILL:
            kept = f"; its beginning is kept in {self.path.name}" if self.path else ""
            raise NotUnderstood(f"FAL's answer is longer than {MAX_SPILL >> 20} MiB{kept}.")
        self._held += chunk
        if self._spill and (self.path or self._size > MAX_TEXT):
            with _kept(self._spill):
                self._fd = _created(self._spill) if self._fd < 0 else self._fd
                _write(self._fd, self._held)
            self._held = bytearray()

    def text(self) -> str:
        return self._held.decode("utf-8", "replace")

    def sync(self) -> None:
        if self.path:
            with _kept(self.path):
                os.fsync(self._fd)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)


async def read_reply(response: httpx.Response, spill: Path | None) -> Reply:
    """The whole answer, its body in `spill` if it is over 4 MiB; raises NotUnderstood over 64 MiB.

    Without `spill` the body stays in memory: a paid answer is not dropped for its length. Raises
    NotKept where the file cannot be written.
    """
    body = _Body(spill)
    try:
        async for chunk in response.aiter_bytes():
            body.add(chunk)
        body.sync()
    except httpx.TransportError:
        # A 4xx is a definite answer by its number alone; anything else needs its body.
        if not 400 <= response.status_code < 500:
            raise
    finally:
        body.close()
    return Reply(response.status_code, body.text(), _headers(response), body.path)


@contextmanager
def _kept(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotKept(f"FAL's answer could not be kept in {path.name}: {error.strerror}.") from error


def _created(path: Path) -> int:
    """A new file of ours alone: nothing planted under this name is followed or written into."""
    path.unlink(missing_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _write(fd: int, data: bytes | bytearray) -> None:
    """All of it: a disk that is nearly full takes a part without an error."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _headers(response: httpx.Response) -> dict[str, str]:
    """The headers worth keeping: FAL's own, and those that date or place the answer."""
    names = (name for name in response.headers if name.startswith("x-fal-") or name in _KEPT_HEADERS)
    return {clean(name, limit=100): clean(response.headers[name], limit=500) for name in names}
