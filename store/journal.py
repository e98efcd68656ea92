"""Where a reply to a paid request is written when the database has no room for it.

A file of fixed size whose blocks were allocated while there was room: writing into it needs no more, and each
write is on the disk when it returns. All of it blocks, and is meant for a worker thread.
"""

import json
import os
import zlib
from collections.abc import Iterator
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
        with os_refusals(f"set room aside for replies in {self._path}"):
            descriptor = self._open(os.O_RDWR | os.O_CREAT)
            try:
                if os.fstat(descriptor).st_size < SLOTS * SLOT:
                    # Written, not only allocated: what was never written may still cost a block.
                    os.pwrite(descriptor, bytes(SLOTS * SLOT), 0)
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def put(self, entry: Entry) -> None:
        """Write a reply down; it is on the disk afterwards. Raises a StoreError where no slot is free."""
        with os_refusals(f"write a reply into {self._path}"):
            descriptor = self._open(os.O_RDWR | os.O_DSYNC)
            try:
                free = next(index for index in range(SLOTS) if not os.pread(descriptor, 1, index * SLOT)[0])
                os.pwrite(descriptor, _packed(entry), free * SLOT)
            except StopIteration:
                raise OSError(28, "No slot is free") from None
            finally:
                os.close(descriptor)

    def find(self, job_id: str) -> Entry | None:
        """The reply that was written down for a job."""
        return next((entry for _index, entry in self._entries() if entry.job_id == job_id), None)

    def drop(self, job_id: str) -> None:
        """Free the slots of a job, once the database has its reply."""
        with os_refusals(f"free a slot of {self._path}"):
            for index, entry in list(self._entries()):
                if entry.job_id == job_id:
                    descriptor = self._open(os.O_RDWR | os.O_DSYNC)
                    try:
                        os.pwrite(descriptor, bytes(_HEAD), index * SLOT)
                    finally:
                        os.close(descriptor)

    def _entries(self) -> Iterator[tuple[int, Entry]]:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return
        for index in range(min(SLOTS, len(data) // SLOT)):
            entry = _unpacked(data[index * SLOT : (index + 1) * SLOT])
            if entry is not None:
                yield index, entry

    def _open(self, flags: int) -> int:
        return os.open(self._path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


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
