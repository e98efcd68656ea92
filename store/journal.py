"""Where a reply to a paid request is written when the database has no room for it.

A file of fixed size whose blocks were allocated while there was room: writing into it needs no more, and each
write is on the disk when it returns. All of it blocks, and is meant for a worker thread.
"""

import errno
import fcntl
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from .refusals import os_refusals

SLOTS = 128
SLOT = 4096
"""Bytes: a block, so that a power cut leaves the old bytes or the new ones."""
_HEAD = 8
LONGEST_ESCAPE = 12
"""Characters of JSON in ASCII for one character of text: a surrogate pair."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The reply to one submit, cut to what a slot holds: its first bytes name the request."""

    job_id: str
    status: int
    body: str


class Journal:
    """At most 128 replies, until each is in the database."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}.journal-of-submits")

    def prepare(self) -> None:
        """Allocate the file; raises DiskFull, in which case nothing should be sent."""
        with os_refusals(f"set room aside for replies in {self._path}"), self._open(os.O_CREAT) as descriptor:
            size = os.fstat(descriptor).st_size
            if size < SLOTS * SLOT:
                # Written, not only allocated: what was never written may still cost a block.
                _write(descriptor, bytes(SLOTS * SLOT - size), size)
                os.fsync(descriptor)

    def put(self, entry: Entry) -> None:
        """Write a reply down, the last one of a job; it is on the disk afterwards. Raises a StoreError."""
        doing = f"write a reply into {self._path}"
        with os_refusals(doing), self._open(os.O_CREAT | os.O_DSYNC) as descriptor:
            taken = {index: kept.job_id for index, kept in _entries(descriptor)}
            # An older reply to the same job gives way.
            its_own = [index for index, job_id in taken.items() if job_id == entry.job_id]
            free = its_own or [index for index in range(SLOTS) if index not in taken]
            if not free:
                raise OSError(errno.ENOSPC, "No slot is free")
            _write(descriptor, _packed(entry), free[0] * SLOT)

    def find(self, job_id: str) -> Entry | None:
        """The reply that was written down for a job. Raises a StoreError."""
        doing = f"look for a reply in {self._path}"
        with os_refusals(doing), suppress(FileNotFoundError), self._open() as descriptor:
            return next((entry for _, entry in _entries(descriptor) if entry.job_id == job_id), None)
        return None

    def drop(self, job_id: str) -> None:
        """Free the slots of a job, once the database has its reply. Raises a StoreError."""
        doing = f"free a slot of {self._path}"
        with os_refusals(doing), suppress(FileNotFoundError), self._open(os.O_DSYNC) as descriptor:
            for index, entry in list(_entries(descriptor)):
                if entry.job_id == job_id:
                    _write(descriptor, bytes(_HEAD), index * SLOT)

    @contextmanager
    def _open(self, flags: int = 0) -> Iterator[int]:
        """The file, for one at a time: two replies that come at once must not take the same slot."""
        flags |= os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)


def _entries(descriptor: int) -> Iterator[tuple[int, Entry]]:
    """The slots that hold a reply, whole."""
    for index in range(SLOTS):
        entry = _unpacked(os.pread(descriptor, SLOT, index * SLOT))
        if entry is not None:
            yield index, entry


def _write(descriptor: int, data: bytes, at: int) -> None:
    """Write all of it: a disk that is nearly full takes a part, and says nothing."""
    rest = memoryview(data)
    while rest:
        written = os.pwrite(descriptor, rest, at)
        at, rest = at + written, rest[written:]


def _packed(entry: Entry) -> bytes:
    """Length and checksum, then JSON in ASCII; the body is cut until it fits."""
    room = SLOT - _HEAD
    body = entry.body[:room]
    while len(text := json.dumps(asdict(Entry(entry.job_id, entry.status, body))).encode()) > room:
        body = body[: len(body) - max(1, (len(text) - room) // LONGEST_ESCAPE)]
    # The first byte says that the slot is taken.
    head = b"\x01" + len(text).to_bytes(3, "big") + zlib.crc32(text).to_bytes(4, "big")
    return (head + text).ljust(SLOT, b"\0")


def _unpacked(slot: bytes) -> Entry | None:
    """The entry of a slot; None for one that is free or was not written to its end."""
    text = slot[_HEAD : _HEAD + int.from_bytes(slot[1:4], "big")]
    if slot[:1] != b"\x01" or zlib.crc32(text) != int.from_bytes(slot[4:8], "big"):
        return None
    return Entry(**json.loads(text))
