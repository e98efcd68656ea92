"""What the sandbox remembers, in one SQLite file: requests, downloads, and keys where they must not be."""

import json
import os
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import astuple
from pathlib import Path
from typing import Literal, Self

from .forms import given, read
from .plan import Plan
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
CREATE TABLE IF NOT EXISTS fired (
  rule TEXT NOT NULL, step TEXT NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (rule, step)
) STRICT;
"""
_LATER = {"plan": "TEXT NOT NULL DEFAULT '{}'", "retryable": "INTEGER", "queue_error": "INTEGER"}
"""Columns of `request` that a folder of an earlier version does not have yet."""
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
        present = {row["name"] for row in self._db.execute("PRAGMA table_info(request)")}
        for name, kind in _LATER.items():
            if name not in present:
                self._db.execute(f"ALTER TABLE request ADD COLUMN {name} {kind}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def add(self, request: Request) -> None:
        """Count a submit: from here on the request exists, whether or not its reply arrives."""
        times = (request.queue_s, request.run_s, request.submitted_at)
        self._db.execute(
            "INSERT INTO request (id, endpoint, input, queue_s, run_s, submitted_at, state, plan)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (request.id, request.endpoint, request.input, *times, State.QUEUED, _kept(request.plan)),
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
            "UPDATE request SET state = ?, ended_at = ?, status = ?, error_type = ?, message = ?, detail = ?,"
            " retryable = ?, queue_error = ? WHERE id = ?",
            (state, at, *astuple(failure), request_id),
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

    def past(self, endpoints: Collection[str], since: float, until: float, order: str) -> Iterator[Request]:
        """The requests of some endpoints, or of all without any, that were submitted in a stretch of time.

        The newest come first, or in the order `duration` the longest; one at a time.
        """
        rows = self._db.execute(
            "SELECT * FROM request WHERE submitted_at >= ? AND submitted_at < ?"
            " AND (NOT ? OR endpoint IN (SELECT value FROM json_each(?)))"
            " ORDER BY CASE ? WHEN 'duration' THEN ended_at - started_at"
            " ELSE coalesce(ended_at, submitted_at) END DESC, rowid DESC",
            (since, until, bool(endpoints), json.dumps(list(endpoints)), order),
        )
        return map(_request, rows)

    def note_download(self, request_id: str, kind: Sending, sent: int) -> None:
        """Count one body: sent whole, sent from a later byte to the end, or broken off."""
        counts = [int(kind == name) for name in ("complete", "resumed", "broken")]
        self._db.execute(
            "INSERT INTO download VALUES (?, ?, ?, ?, ?) ON CONFLICT (request_id) DO UPDATE SET"
            " complete = complete + excluded.complete, resumed = resumed + excluded.resumed,"
            " broken = broken + excluded.broken, bytes = bytes + excluded.bytes",
            (request_id, *counts, sent),
        )

    def note_fired(self, rule: str, step: str) -> None:
        """Count one use of a scenario's rule."""
        self._db.execute(
            "INSERT INTO fired VALUES (?, ?, 1) ON CONFLICT (rule, step) DO UPDATE SET times = times + 1",
            (rule, step),
        )

    def forget_fired(self) -> None:
        """Begin the count of the rules anew, for another scenario."""
        self._db.execute("DELETE FROM fired")

    def note_leak(self, at: float, method: str, path: str) -> None:
        """Note that a key came to a media address; the key itself is not kept."""
        self._db.execute("INSERT INTO leak VALUES (?, ?, ?)", (at, method, path))

    def report(self) -> dict[str, object]:
        """Everything, as plain JSON values: `submits` in order, `billed` in all, `key_leaks`, and `rules`.

        The `posts` of a submit are all POSTs of its endpoint and input, itself among them: 1 is paid once.
        `rules` says of each rule of the scenario that was ever used at which step, and how often.
        """
        rows = self._db.execute(
            "SELECT r.*, d.complete, d.resumed, d.broken, d.bytes,"
            " count(*) OVER (PARTITION BY r.endpoint, r.input) AS posts"
            " FROM request r LEFT JOIN download d ON d.request_id = r.id ORDER BY r.rowid"
        )
        submits = [_entry(row) for row in rows]
        leaks = self._db.execute("SELECT at, method, path FROM leak ORDER BY rowid")
        fired = self._db.execute("SELECT rule AS name, step, times FROM fired ORDER BY rowid")
        return {
            "submits": submits,
            "billed": sum(entry["billed"] is True for entry in submits),
            "key_leaks": [dict(row) for row in leaks],
            "rules": [dict(row) for row in fired],
        }


def _request(row: sqlite3.Row) -> Request:
    made = row["file"] is not None
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
        failure=_failure(row),
        clip=Clipping(row["file"], row["size"], row["etag"]) if made else None,
        plan=read(Plan, json.loads(row["plan"]), "The plan"),
    )


def _failure(row: sqlite3.Row) -> Failure | None:
    if row["status"] is None:
        return None
    # What was written before these columns existed was a cancelled request's, or the model's.
    cancelled_ = row["state"] == State.CANCELLED
    request = cancelled_ if row["queue_error"] is None else bool(row["queue_error"])
    words = (row["status"], row["error_type"], row["message"], row["detail"])
    return Failure(*words, retryable=bool(row["retryable"]), request=request)


def _kept(plan: Plan) -> str:
    return json.dumps(given(plan))


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
        "error_type": row["error_type"],
        "file_size": row["size"],
        "downloads": downloads,
    }
