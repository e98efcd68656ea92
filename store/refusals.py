"""What SQLite's and the operating system's errors mean, as errors of the store."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import (
    DamagedDatabase,
    DatabaseBusy,
    DiskFull,
    DiskTrouble,
    NotAllowed,
    NotFound,
    NotWritable,
    RowRefused,
    StoreError,
)

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})

OTHERS: dict[int, tuple[type[StoreError], str]] = {
    errno.ELOOP: (NotWritable, "a symbolic link stands there, and none is followed"),
    errno.ENOENT: (NotFound, "there is no such file or folder"),
    errno.ENAMETOOLONG: (NotAllowed, "the name is too long"),
    errno.EIO: (DiskTrouble, "the disk failed"),
}

FAMILIES: dict[str, tuple[type[StoreError], str]] = {
    "BUSY": (DatabaseBusy, "was kept locked by another process; nothing was written"),
    "LOCKED": (DatabaseBusy, "was kept locked; nothing was written"),
    "FULL": (DiskFull, "could not be written: the disk is full"),
    "IOERR": (DiskTrouble, "could not be read or written: the disk failed"),
    "CORRUPT": (DamagedDatabase, "is damaged"),
    "NOTADB": (DamagedDatabase, "is damaged, or is no database"),
    "READONLY": (NotWritable, "may not be written"),
    "CANTOPEN": (NotWritable, "may not be opened"),
    "PERM": (NotWritable, "may not be opened"),
}

CONSTRAINTS = {
    "job.id": "there is already a job with this id",
    "job.origin, job.request_id": "another job already has this request id",
    "output.file_name": "another job has already promised a clip with this file name",
    "output.job_id, output.position": "the reply names two clips at the same position",
    "media.id": "there is already a clip with this id",
    "media.path": "another clip already bears this file name",
    "media.job_id, media.position": "this clip of the job is already kept under another id",
    "project.name": "there is already a project with this name",
    "FOREIGN KEY": "the job or project it belongs to does not exist",
}


@contextmanager
def os_refusals(doing: str) -> Iterator[None]:
    """Turn any OSError into a StoreError; `doing` completes the words "could not"."""
    try:
        yield
    except OSError as error:
        raise from_os(error, doing) from error


@contextmanager
def sqlite_refusals(path: Path) -> Iterator[None]:
    """Turn whatever SQLite raises about the database `path` into a StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        raise from_sqlite(error, path) from error
    except (UnicodeEncodeError, OverflowError) as error:
        # Raised while binding: a lone surrogate, or an integer of more than 64 bits.
        raise RowRefused(f"The database cannot hold this value: {error}.") from error


def from_os(error: OSError, doing: str) -> StoreError:
    """The error of the store that says what `error` means."""
    number = error.errno
    if number in FULL:
        return DiskFull(f"The disk is full: could not {doing}.")
    if number in FORBIDDEN:
        return NotWritable(f"No permission: could not {doing} ({error.strerror}).")
    kind, why = OTHERS.get(number or 0, (StoreError, error.strerror or str(error)))
    return kind(f"Could not {doing}: {why}.")


def from_sqlite(error: sqlite3.Error, path: Path) -> StoreError:
    """The error of the store that says what `error` means."""
    name = getattr(error, "sqlite_errorname", None) or ""
    family = name.removeprefix("SQLITE_").split("_", 1)[0]
    if family in {"CONSTRAINT", "TOOBIG"}:
        return RowRefused(f"Nothing was written: {_constraint(str(error))}.")
    kind, words = FAMILIES.get(family, (StoreError, "answered with an error"))
    return kind(f"The database {path} {words} ({error}).")


def _constraint(words: str) -> str:
    rule = words.removeprefix("UNIQUE constraint failed: ").removesuffix(" constraint failed")
    return CONSTRAINTS.get(rule, words)
