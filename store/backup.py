"""Copies of the database, made while it is in use, and put back when a person asks for it.

All of it blocks, and is meant for a worker thread. No database is ever removed here: one that is damaged is
set aside under a name that says when.
"""

import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from .errors import DamagedDatabase, StoreError
from .migrate import check_ours, shipped
from .refusals import os_refusals, sqlite_refusals
from .renaming import sync_folder

KEPT = 5
"""How many copies are kept: the newest ones."""
DAY = 86_400.0
STEPS = 100_000
"""Instructions of SQLite between two looks at whether a check is still wanted: some milliseconds."""
PAGES = 500
"""Pages copied in one step; between two steps others may write, and the copy may be given up."""
SIDE_FILES = ("", "-wal", "-shm")
_NAME = re.compile(r"reelroom-\d{8}T\d{6}Z\.db")


class _GivenUp(Exception):
    """The copy is not wanted any more."""


def copies(folder: Path) -> list[Path]:
    """The copies there are, newest first."""
    try:
        return sorted((path for path in folder.iterdir() if _NAME.fullmatch(path.name)), reverse=True)
    except FileNotFoundError:
        return []


def back_up(
    database: Path, folder: Path, now: float, *, go_on: Callable[[], bool] = lambda: True
) -> Path | None:
    """Copy the database into `folder`, unless a copy of less than a day is there; returns the new copy.

    `now` is in seconds since 1970. A damaged database is not copied, so that it never takes the place of a
    good copy. Raises a StoreError; returns None as soon as `go_on` says False.
    """
    made = [found.stat().st_mtime for found in copies(folder)[:1]]
    if made and 0 <= now - made[0] < DAY:
        return None
    with os_refusals(f"copy the database into {folder}"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < 4 * database.stat().st_size:
            return None
    target = folder / f"reelroom-{_stamp(now)}.db"
    try:
        with _whole(database) as connection:
            _check(connection, database, go_on)
            _copy(connection, target, go_on)
    except _GivenUp:
        return None
    with os_refusals(f"name the copy {target.name}"):
        os.utime(target, (now, now))
        _thin_out(folder, target)
        sync_folder(folder)
    return target


def _thin_out(folder: Path, newest: Path) -> None:
    """Keep the newest copies; those of a future that a wrong clock once showed go first."""
    others = [copy for copy in copies(folder) if copy != newest]
    past_first = sorted(others, key=lambda copy: copy.name > newest.name)
    for old in past_first[KEPT - 1 :]:
        old.unlink(missing_ok=True)


def check(database: Path, *, go_on: Callable[[], bool] = lambda: True) -> None:
    """Read the whole database through, as long as `go_on` says True; raises what says what is wrong with it.

    NotFound where there is none; DamagedDatabase where it was emptied, is another program's or is broken;
    NewerDatabase.
    """
    with _whole(database) as connection:
        _check(connection, database, go_on)


def _check(connection: sqlite3.Connection, database: Path, go_on: Callable[[], bool]) -> None:
    # Asked in the middle of a statement: reading a large database through takes many seconds.
    connection.set_progress_handler(lambda: not go_on(), STEPS)
    check_ours(connection, database, shipped())
    found = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
    if found != ["ok"]:
        raise DamagedDatabase(f"The database {database} is damaged: {'; '.join(found)}.")
    if connection.execute("PRAGMA foreign_key_check").fetchone():
        raise DamagedDatabase(f"The database {database} has rows that belong to nothing.")
    if not go_on():
        raise _GivenUp


def set_aside(database: Path, now: float) -> Path | None:
    """Give the database and its side files another name, which is returned; None where there is none."""
    target = _free_name(database.with_name(f"{database.name}.set-aside-{_stamp(now)}"))
    moved = False
    with os_refusals(f"set the database {database} aside"):
        for suffix in SIDE_FILES:
            source = database.with_name(database.name + suffix)
            if os.path.lexists(source):
                source.rename(target.with_name(target.name + suffix))
                moved = moved or not suffix
        sync_folder(database.parent)
    return target if moved else None


def _free_name(wanted: Path) -> Path:
    names = (wanted.with_name(f"{wanted.name}-{number}") if number else wanted for number in count())
    return next(path for path in names if not any(os.path.lexists(f"{path}{end}") for end in SIDE_FILES))


DOUBT = "The database is a copy, made before this was sent, if it ever was. It may have been charged."
IN_DOUBT = (
    """
    INSERT INTO event (job_id, at, kind, state, text)
    SELECT id, :now, 'state', 'unknown', :why FROM job WHERE state = 'intent'
    """,
    """
    UPDATE job SET state = 'unknown', reason = 'left_while_sending', detail = :why, hold_up = NULL,
      state_since = :now, submitted_at = :made
    WHERE state = 'intent'
    """,
    "INSERT OR REPLACE INTO setting VALUES ('unlisted_since', CAST(:made AS TEXT))",
)
"""An intent of a copy may have been sent since: it is looked for, and never sent as if nothing had been.
What was sent since is in FAL's listing alone, until it has been read from there.
"""
UNLISTED_SINCE = "unlisted_since"
"""The setting that says from when on, in seconds since 1970."""


def put_back(database: Path, folder: Path, now: float) -> Path | None:
    """Put the newest good copy in the place of a missing database; returns that copy, None for none.

    What was unsent when the copy was made is unknown in it, as of `now` in seconds since 1970. A damaged
    copy gets a name that says so. Raises NewerDatabase where a copy is of a newer Reelroom.
    """
    with os_refusals(f"put a copy in the place of {database}"):
        if os.path.lexists(database):
            raise StoreError(f"There is a database {database}; no copy was put in its place.")
    for found in copies(folder):
        try:
            with _whole(found, still=True) as connection:
                _check(connection, found, lambda: True)
                given = {"why": DOUBT, "now": now, "made": found.stat().st_mtime}
                _copy(connection, database, lambda: True, [(step, given) for step in IN_DOUBT])
        except DamagedDatabase:
            with os_refusals(f"set the copy {found} aside"):
                found.rename(_free_name(found.with_name(f"{found.name}.damaged")))
        else:
            return found
    return None


def _copy(
    source: sqlite3.Connection,
    target: Path,
    go_on: Callable[[], bool],
    changes: Sequence[tuple[str, dict[str, object]]] = (),
) -> None:
    """A whole copy under a hidden name first, its owner's alone, and synced before it gets its own."""
    unfinished = target.with_name(f".{target.name}.tmp")

    def step(_status: int, _remaining: int, _total: int) -> None:
        if not go_on():
            raise _GivenUp

    with os_refusals(f"copy the database to {target}"):
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        try:
            with closing(sqlite3.connect(unfinished)) as copy:
                source.backup(copy, pages=PAGES, progress=step, sleep=0.01)
                for statement, given in changes:
                    copy.execute(statement, given)
                copy.commit()
            with unfinished.open("rb") as file:
                os.fsync(file.fileno())
            unfinished.replace(target)
            sync_folder(target.parent)
        finally:
            unfinished.unlink(missing_ok=True)


@contextmanager
def _whole(database: Path, *, still: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection that cannot write, and sees the database as it is now, whatever others write into it.

    Without that a copy begins anew with each of their commits, and never ends beside a busy engine. To one
    that is `still` nobody writes: nothing is laid beside it.
    """
    with os_refusals(f"open the database {database}"):
        if database.stat().st_size == 0:
            raise DamagedDatabase(f"The database {database} was emptied by something.")
    with sqlite_refusals(database):
        address = f"{database.absolute().as_uri()}?mode=ro{'&immutable=1' if still else ''}"
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            try:
                yield connection
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                    raise _GivenUp from None
                raise


def _stamp(now: float) -> str:
    return f"{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}"
