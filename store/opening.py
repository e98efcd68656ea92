"""Opening the database file: made whole or not at all, checked, private to its owner."""

import os
import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from .backup import copies
from .errors import DamagedDatabase, NameTaken
from .migrate import Migration, check_ours, migrate
from .refusals import os_refusals, sqlite_refusals
from .renaming import give_name, sync_folder


def connect(path: Path, migrations: Sequence[Migration], *, busy: float = 5.0) -> sqlite3.Connection:
    """Open the database at `path`, making or migrating it first.

    Raises NewerDatabase, DamagedDatabase, DatabaseBusy after `busy` seconds, DiskTrouble or NotWritable.
    """
    with os_refusals(f"open the database {path}"), sqlite_refusals(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _refuse_to_begin_anew(path)
            _create(path, migrations)
        elif path.stat().st_size == 0:
            # SQLite would take it for a fresh one, and the library would look as if nothing was ever kept.
            raise DamagedDatabase(f"The database {path} was emptied by something; it was not touched.")
        _keep_private(path)
        unclean = _left_open(path)
        connection = sqlite3.connect(path, timeout=busy, isolation_level=None)
        try:
            _prepare(connection, path, migrations, unclean=unclean)
        except BaseException:
            connection.close()
            raise
        return connection


def _prepare(
    connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration], *, unclean: bool
) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA trusted_schema = OFF")
    check_ours(connection, path, migrations)
    if unclean:
        finding = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if finding != "ok":
            raise DamagedDatabase(f"The database {path} is damaged: {finding}.")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    # Before foreign keys are enforced: a step that rebuilds a table would empty those that point to it.
    migrate(connection, path, migrations)
    connection.execute("PRAGMA foreign_keys = ON")


def _refuse_to_begin_anew(path: Path) -> None:
    """Raise DamagedDatabase where there was a database: a new one would hide what is left of it.

    SQLite would even write the log of the old one into the new one.
    """
    if _left_open(path) or copies(path.with_name("backups")):
        raise DamagedDatabase(f"The database {path} is gone, and no new one was made in its place.")


def _create(path: Path, migrations: Sequence[Migration]) -> None:
    """Build the database under a hidden name, so that a crash never leaves half of one under its own."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    try:
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            migrate(connection, unfinished, migrations)
            connection.execute("PRAGMA journal_mode = WAL")
        give_name(unfinished, path)
        sync_folder(path.parent)
    except NameTaken:
        pass  # Another process was quicker: its database is as good.
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            unfinished.with_name(unfinished.name + suffix).unlink(missing_ok=True)


def _keep_private(path: Path) -> None:
    """Take reading rights from others before SQLite opens the file: -wal and -shm inherit its mode."""
    mode = path.stat().st_mode
    if mode & 0o077 and path.stat().st_uid == os.geteuid():
        path.chmod(mode & 0o700)


def _left_open(path: Path) -> bool:
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0
