"""What the sandbox remembers, in one SQLite file: requests, downloads, and keys where they must not be."""

import json
import os
import sqlite3
from pathlib import Path
from typing import Literal, Self

from .requests import Clipping, Failure, Request, State, cancelled

_SCHEMA = """
CREATE TABLE IF NOT EXISTS request (
  id TEXT PRIMARY KEY, endpoint TEXT NOT NULL, input TEXT NOT NULL,
  queue_s REAL NOT NULL, run_s REAL NOT NULL,
  submitted_at REAL NOT NULL, state TEXT NOT NULL, started_at REAL, ended_at REAL,
  status INTEGER, error_type TEXT, message TEXT, detail TEXT, file TEXT, size INTEGER, etag TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS request_content ON request (endpoint, input);
CREATE TABLE IF NOT EXISTS download (
  request_id TEXT PRIMARY KEY, complete INTEGER NOT NULL, resumed INTEGER NOT NULL,
  broken INTEGER NOT NULL, bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS leak (at REAL NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL) STRICT;
"""
Sending = Literal["complete", "resumed", "broken"]


class Ledger:
    """The one database of a state folder. Each call is quick, and commits before it returns."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def add(self, request: Request) -> None:
        """Count a submit: from here on the request exists, whether or not its reply arrives."""
        plan = (request.queue_s, request.run_s, request.submitted_at, State.QUEUED)
        self._db.execute(
            "INSERT INTO request (id, endpoint, input, queue_s, run_s, submitted_at, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (request.id, request.endpoint, request.input, *plan),
        )

    def start(self, request_id: str, at: float) -> float:
        """Note that a request runs; the time it first began, which a restart does not change."""
        self._db.execute(
            "UPDATE request SET state = ?, started_at = coalesce(started_at, ?) WHERE id = ?",
            (State.RUNNING, at, request_id),
        )
        row = self._db.execute("SELECT started_at FROM request WHERE id = ?", (request_id,)).fetchone()
        return float(row["started_at"])

    def complete(self, request_id: str, at: float, clip: Clipping) -> None:
        """Note a whole clip; this is what FAL would bill."""
        self._db.execute(
            "UPDATE request SET state = ?, ended_at = ?, file = ?, size = ?, etag = ? WHERE id = ?",
            (State.COMPLETED, at, clip.file, clip.size, clip.etag, request_id),
        )

    def fail(self, request_id: str, at: float, failure: Failure) -> None:
        """Note an ending without a clip."""
        self._end(request_id, at, State.FAILED, failure)

    def cancel(self, request_id: str, at: float) -> None:
        """Note that a request was cancelled before its clip was whole."""
        self._end(request_id, at, State.CANCELLED, cancelled())

    def _end(self, request_id: str, at: float, state: State, failure: Failure) -> None:
        self._db.execute(
            "UPDATE request SET state = ?, ended_at = ?, status = ?, error_type = ?, message = ?, detail = ?"
            " WHERE id = ?",
            (state, at, failure.status, failure.error_type, failure.message, failure.detail, request_id),
        )

    def request(self, request_id: str) -> Request | None:
        """The request of that id, if there is one."""
        row = self._db.execute("SELECT * FROM request WHERE id = ?", (request_id,)).fetchone()
        return _request(row) if row else None

    def unfinished(self) -> list[Request]:
        """What a restart takes up: those that were running first, each in the order of their submits."""
        rows = self._db.execute(
            "SELECT * FROM request WHERE state IN (?, ?) ORDER BY started_at IS NULL, submitted_at, rowid",
            (State.RUNNING, State.QUEUED),
        )
        return [_request(row) for row in rows]

    def note_download(self, request_id: str, kind: Sending, sent: int) -> None:
        """Count one body: sent whole, sent from a later byte to the end, or broken off."""
        counts = [int(kind == name) for name in ("complete", "resumed", "broken")]
        self._db.execute(
            "INSERT INTO download VALUES (?, ?, ?, ?, ?) ON CONFLICT (request_id) DO UPDATE SET"
            " complete = complete + excluded.complete, resumed = resumed + excluded.resumed,"
            " broken = broken + excluded.broken, bytes = bytes + excluded.bytes",
            (request_id, *counts, sent),
        )

    def note_leak(self, at: float, method: str, path: str) -> None:
        """Note that a key came to a media address; the key itself is not kept."""
        self._db.execute("INSERT INTO leak VALUES (?, ?, ?)", (at, method, path))

    def report(self) -> dict[str, object]:
        """Everything, as plain JSON values: `submits` in order, `billed` in all, and `key_leaks`.

        The `posts` of a submit are all POSTs of its endpoint and input, itself among them: 1 is paid once.
        """
        rows = self._db.execute(
            "SELECT r.*, d.complete, d.resumed, d.broken, d.bytes,"
            " count(*) OVER (PARTITION BY r.endpoint, r.input) AS posts"
            " FROM request r LEFT JOIN download d ON d.request_id = r.id ORDER BY r.rowid"
        )
        submits = [_entry(row) for row in rows]
        leaks = self._db.execute("SELECT at, method, path FROM leak ORDER BY rowid")
        return {
            "submits": submits,
            "billed": sum(entry["billed"] is True for entry in submits),
            "key_leaks": [dict(row) for row in leaks],
        }


def _request(row: sqlite3.Row) -> Request:
    failed, made = row["status"] is not None, row["file"] is not None
    return Request(
        id=row["id"],
        endpoint=row["endpoint"],
        input=row["input"],
        queue_s=row["queue_s"],
        run_s=row["run_s"],
        submitted_at=row["submitted_at"],
        state=State(row["state"]),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        failure=Failure(row["status"], row["error_type"], row["message"], row["detail"]) if failed else None,
        clip=Clipping(row["file"], row["size"], row["etag"]) if made else None,
    )


def _entry(row: sqlite3.Row) -> dict[str, object]:
    downloads = {name: row[name] or 0 for name in ("complete", "resumed", "broken", "bytes")}
    return {
        "request_id": row["id"],
        "endpoint": row["endpoint"],
        "input": json.loads(row["input"]),
        "state": row["state"],
        "posts": row["posts"],
        "submitted_at": row["submitted_at"],
        "started_at": row["started_at"],
        "ended_at": row["ended_at"],
        "billed": row["state"] == State.COMPLETED,
        "file_size": row["size"],
        "downloads": downloads,
    }
