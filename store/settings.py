"""Single values that belong to the library as a whole: SQL, run on the database's thread."""

import sqlite3


def get(connection: sqlite3.Connection, key: str) -> str | None:
    """The value kept under a key."""
    row = connection.execute("SELECT value FROM setting WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row["value"])


def put(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Keep a value under a key, in the place of the one before."""
    connection.execute("INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)", (key, value))
