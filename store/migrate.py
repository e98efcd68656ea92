"""Bringing a database up to this Reelroom's schema, one numbered SQL file after the other."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from .errors import DamagedDatabase, NewerDatabase

APPLICATION_ID = int.from_bytes(b"Reel", "big")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: the statements that lead to `version` from the version before."""

    version: int
    sql: str


def shipped() -> tuple[Migration, ...]:
    """The steps that belong to this Reelroom, oldest first."""
    folder = resources.files(__package__) / "migrations"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda e: e.name)
    return tuple(Migration(int(file.name.split("_", 1)[0]), file.read_text("utf-8")) for file in files)


def statements(sql: str) -> Iterator[str]:
    """The single statements of a script, in which each statement ends at the end of a line."""
    # Not executescript(), which commits first and so could not share one transaction with the version.
    gathered = ""
    for line in sql.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""
    if gathered.strip():
        yield gathered


def check_ours(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    """Raise DamagedDatabase for a file that is not Reelroom's, NewerDatabase for one of a newer Reelroom."""
    if _pragma(connection, "PRAGMA application_id") != APPLICATION_ID:
        raise DamagedDatabase(f"{path} is a database of another program; it was not touched.")
    version, latest = _pragma(connection, "PRAGMA user_version"), migrations[-1].version
    if version > latest:
        raise NewerDatabase(str(path), version, latest)


def migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    """Apply what is missing in one transaction, after a copy of the file if it holds anything.

    A step that fails undoes all of them, and its sqlite3 error goes on to the caller.
    """
    before = _pragma(connection, "PRAGMA user_version")
    latest = migrations[-1].version
    if before >= latest:
        return
    if before:
        copy_aside(connection, path.with_name(f"{path.name}.before-{latest:04}"))
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Read anew: another process may have migrated while this one waited for the lock.
        version = _pragma(connection, "PRAGMA user_version")
        for step in migrations:
            if step.version > version:
                _apply(connection, step)
        _check_references(connection, path)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def copy_aside(connection: sqlite3.Connection, target: Path) -> None:
    """Write a whole copy of the open database to `target`, readable by its owner alone."""
    unfinished = target.with_name(f".{target.name}.tmp")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    with closing(sqlite3.connect(unfinished)) as copy:
        connection.backup(copy)
    unfinished.replace(target)


def _apply(connection: sqlite3.Connection, step: Migration) -> None:
    for statement in statements(step.sql):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {step.version:d}")


def _check_references(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA foreign_key_check").fetchone():
        raise DamagedDatabase(f"{path} has rows that belong to nothing; nothing of it was changed.")


def _pragma(connection: sqlite3.Connection, question: str) -> int:
    answer: int = connection.execute(question).fetchone()[0]
    return answer
