"""Texts that were typed and not yet sent: SQL, run on the database's thread."""

import sqlite3


def get(connection: sqlite3.Connection, key: str) -> str | None:
    """The text kept under a key."""
    row = connection.execute("SELECT text FROM draft WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row["text"])


def keep(connection: sqlite3.Connection, key: str, text: str) -> None:
    """Keep a text under a key in the place of the one before; an empty one is removed."""
    if text:
        connection.execute("INSERT OR REPLACE INTO draft (key, text) VALUES (?, ?)", (key, text))
    else:
        connection.execute("DELETE FROM draft WHERE key = ?", (key,))
