"""Files that were sent to FAL as inputs: where each is, and what of a long one is there already."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict
from functools import partial

from .database import Database
from .records import UnfinishedUpload, Upload

STALE = 7 * 86400.0
"""Seconds after which an upload in parts is not worth a row any more."""


class Uploads:
    """Each method is one transaction, as with the store. What is kept here saves time and nothing else."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    async def find(self, origin: str, sha256: str, *, until: float) -> Upload | None:
        """Where the file with this content is, if FAL keeps it until that moment."""
        return await self._database.read(partial(find, origin=origin, sha256=sha256, until=until))

    async def keep(self, upload: Upload) -> None:
        """Remember where a file is; what was kept of its parts goes, and so does all that has expired."""
        await self._database.write(partial(keep, upload=upload, now=self._clock()))

    async def forget(self, origin: str, sha256: str) -> None:
        """The file is not there any more."""
        await self._database.write(partial(forget, origin=origin, sha256=sha256))

    async def unfinished(self, origin: str, sha256: str) -> UnfinishedUpload | None:
        """What FAL has of the file with this content."""
        return await self._database.read(partial(unfinished, origin=origin, sha256=sha256))

    async def keep_unfinished(self, upload: UnfinishedUpload) -> None:
        """Remember what FAL has of a file, in the place of what it had before."""
        await self._database.write(partial(keep_unfinished, upload=upload))


def find(connection: sqlite3.Connection, origin: str, sha256: str, *, until: float) -> Upload | None:
    """The upload, if it does not expire before that moment."""
    row = connection.execute(
        "SELECT * FROM upload WHERE origin = ? AND sha256 = ? AND expires_at >= ?", (origin, sha256, until)
    ).fetchone()
    return None if row is None else Upload(**dict(row))


def keep(connection: sqlite3.Connection, upload: Upload, *, now: float) -> None:
    """Write the upload, and take away what is of no use any more."""
    connection.execute(
        "INSERT OR REPLACE INTO upload (origin, sha256, url, content_type, bytes, uploaded_at, expires_at)"
        " VALUES (:origin, :sha256, :url, :content_type, :bytes, :uploaded_at, :expires_at)",
        asdict(upload),
    )
    connection.execute("DELETE FROM upload WHERE expires_at < ?", (now,))
    connection.execute(
        "DELETE FROM unfinished_upload WHERE (origin, sha256) = (?, ?) OR begun_at < ?",
        (upload.origin, upload.sha256, now - STALE),
    )


def forget(connection: sqlite3.Connection, origin: str, sha256: str) -> None:
    """Take the upload away."""
    connection.execute("DELETE FROM upload WHERE origin = ? AND sha256 = ?", (origin, sha256))


def unfinished(connection: sqlite3.Connection, origin: str, sha256: str) -> UnfinishedUpload | None:
    """The upload in parts with its parts."""
    row = connection.execute(
        "SELECT * FROM unfinished_upload WHERE origin = ? AND sha256 = ?", (origin, sha256)
    ).fetchone()
    if row is None:
        return None
    parts = tuple((number, etag) for number, etag in json.loads(row["parts"]))
    return UnfinishedUpload(**(dict(row) | {"parts": parts}))


def keep_unfinished(connection: sqlite3.Connection, upload: UnfinishedUpload) -> None:
    """Write the upload in parts."""
    connection.execute(
        "INSERT OR REPLACE INTO unfinished_upload"
        " (origin, sha256, url, upload_id, part_size, begun_at, parts)"
        " VALUES (:origin, :sha256, :url, :upload_id, :part_size, :begun_at, :parts)",
        asdict(upload) | {"parts": json.dumps(upload.parts)},
    )
