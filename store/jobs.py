"""Jobs, their events and the replies they got: SQL, run on the database's thread."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace

from . import budgets
from .errors import NotAllowed, NotFound
from .lookup import JOBS, find_id
from .reasons import REASONS
from .records import Cap, Document, Event, Job
from .rows import document_of, event_of, job_of, job_values, output_values
from .states import TERMINAL, HoldUp, JobState, allowed

SELECT = """
SELECT job.*, (
  SELECT json_group_array(json_object(
    'media_id', media_id, 'position', position, 'url', url, 'file_name', file_name,
    'kind', kind, 'content_type', content_type, 'size', size, 'etag', etag))
  FROM output WHERE output.job_id = job.id) AS outputs
FROM job
"""

# A project that was deleted since the person chose it must not keep the job from being made.
INSERT = """
INSERT INTO job (
  id, origin, endpoint, model, prompt, input, project_id, seed, state, reason, detail, hold_up,
  estimate, cost, billed, sender, replaces, request_id, status_url, response_url, cancel_url,
  created_at, state_since, submitted_at, ended_at)
VALUES (
  :id, :origin, :endpoint, :model, :prompt, :input, (SELECT id FROM project WHERE id = :project_id),
  :seed, :state, :reason, :detail, :hold_up,
  :estimate, :cost, :billed, :sender, :replaces, :request_id, :status_url, :response_url, :cancel_url,
  :created_at, :state_since, :submitted_at, :ended_at)
"""

UPDATE = """
UPDATE job SET
  origin = :origin, endpoint = :endpoint, model = :model, prompt = :prompt, input = :input,
  project_id = :project_id, seed = :seed, state = :state, reason = :reason, detail = :detail,
  hold_up = :hold_up, estimate = :estimate, cost = :cost, billed = :billed, sender = :sender,
  replaces = :replaces, request_id = :request_id, status_url = :status_url,
  response_url = :response_url, cancel_url = :cancel_url, created_at = :created_at,
  state_since = :state_since, submitted_at = :submitted_at, ended_at = :ended_at
WHERE id = :id
"""

INSERT_OUTPUT = """
INSERT INTO output (media_id, job_id, position, url, file_name, kind, content_type, size, etag)
VALUES (:media_id, :job_id, :position, :url, :file_name, :kind, :content_type, :size, :etag)
"""

CHOSEN = SELECT + " WHERE (:origin IS NULL OR origin = :origin) AND (NOT :unfinished OR ended_at IS NULL)"
UNFINISHED = SELECT + " WHERE ended_at IS NULL AND (:origin IS NULL OR origin = :origin)"
NEWEST = " ORDER BY seq DESC LIMIT :limit"

# What only the store itself sets, when the state changes.
OWN = frozenset({"id", "state", "state_since", "ended_at"})
SETTABLE = frozenset(field.name for field in fields(Job)) - OWN


def add(connection: sqlite3.Connection, jobs: Sequence[Job], caps: Sequence[Cap] = ()) -> list[Job]:
    """Keep new intents, if no cap forbids it.

    Raises OverBudget, NotAllowed for a job in another state, RowRefused for an id already there.
    """
    budgets.check(connection, jobs, caps)
    for job in jobs:
        if job.state is not JobState.INTENT:
            raise NotAllowed(f"A new job begins as an intent, and this one is “{job.state}”.")
        insert(connection, job, at=job.created_at)
    return [get(connection, job.id) for job in jobs]


def insert(connection: sqlite3.Connection, job: Job, *, at: float, text: str = "") -> Job:
    """Keep a job as it stands, with the first event of its history."""
    connection.execute(INSERT, job_values(job))
    _write_outputs(connection, job)
    _event(connection, job, at, "state", state=job.state, text=text)
    return get(connection, job.id)


def move(
    connection: sqlite3.Connection,
    job_id: str,
    to: JobState,
    *,
    at: float,
    reopen: bool = False,
    values: Mapping[str, object],
) -> Job:
    """Change the state along an allowed edge and write `values`; raises NotAllowed and changes nothing else.

    What the state before had to say (reason, detail, hold-up) goes with it, unless it is given anew.
    """
    old = get(connection, job_id)
    if not allowed(old.state, to, reopen=reopen):
        raise NotAllowed(f"A job that is “{old.state}” cannot become “{to}”.")
    started = {"submitted_at": at} if to is JobState.SUBMITTING else {}
    told: dict[str, object] = {"reason": None, "detail": None, "hold_up": None, **started, **_known(values)}
    ended_at = at if to in TERMINAL else None
    new = replace(old, **told, state=to, state_since=at, ended_at=ended_at)  # type: ignore[arg-type]  # see _known
    _update(connection, old, new)
    _event(connection, new, at, "state", state=to, text=new.detail or new.reason or "")
    return get(connection, job_id)


def restate(connection: sqlite3.Connection, job: Job, *, at: float, text: str) -> Job:
    """Write a job as files or FAL show it to be, past the edges: they are for what happens here itself."""
    old = get(connection, job.id)
    if job.state is not old.state:
        ended_at = at if job.terminal else None
        job = replace(job, state_since=at, ended_at=ended_at, reason=None, detail=None, hold_up=None)
        _event(connection, job, at, "state", state=job.state, text=text)
    _update(connection, old, job)
    return get(connection, job.id)


def update(connection: sqlite3.Connection, job_id: str, values: Mapping[str, object]) -> Job:
    """Write fields without a change of state; raises NotFound."""
    old = get(connection, job_id)
    _update(connection, old, replace(old, **_known(values)))  # type: ignore[arg-type]  # see _known
    return get(connection, job_id)


def hold(
    connection: sqlite3.Connection, job_id: str, hold_up: HoldUp | None, detail: str | None, *, at: float
) -> Job:
    """Say what holds a job up, or that nothing does; raises NotAllowed for a job that has ended."""
    old = get(connection, job_id)
    if (old.hold_up, old.detail) == (hold_up, detail) or (hold_up is None and old.hold_up is None):
        return old
    if old.terminal:
        raise NotAllowed(f"A job that is “{old.state}” has ended: nothing holds it up.")
    _update(connection, old, replace(old, hold_up=hold_up, detail=detail))
    if old.hold_up != hold_up:
        text = ": ".join(word for word in (hold_up, detail) if word)
        _event(connection, old, at, "hold_up", text=text)
    return get(connection, job_id)


def note(connection: sqlite3.Connection, job_id: str, kind: str, texts: Sequence[str], *, at: float) -> None:
    """Append lines to the history of a job; raises NotFound."""
    job = get(connection, job_id)
    for text in texts:
        _event(connection, job, at, kind, text=text)


def keep(connection: sqlite3.Connection, document: Document) -> None:
    """Keep a reply beside those already there; raises NotFound."""
    job = get(connection, document.job_id)
    # A reply is kept whatever it holds: half of a surrogate pair, which no database takes, is spelled out.
    body = None if document.body is None else document.body.encode("utf-8", "backslashreplace").decode()
    connection.execute(
        "INSERT INTO document (job_id, kind, status, body, file, received_at) VALUES (?, ?, ?, ?, ?, ?)",
        (job.id, document.kind, document.status, body, document.file, document.received_at),
    )


def document(connection: sqlite3.Connection, job_id: str, kind: str) -> Document | None:
    """The newest reply of a kind."""
    row = connection.execute(
        "SELECT * FROM document WHERE job_id = ? AND kind = ? ORDER BY id DESC LIMIT 1", (job_id, kind)
    ).fetchone()
    return None if row is None else document_of(row)


def get(connection: sqlite3.Connection, job_id: str) -> Job:
    """The job with exactly this id; raises NotFound."""
    row = connection.execute(SELECT + " WHERE job.id = ?", (job_id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no job “{job_id}”.")
    return job_of(row)


def find(connection: sqlite3.Connection, text: str) -> Job:
    """The job that `text` stands for: an id, 4 or more characters of its beginning or end, a request id."""
    return get(connection, find_id(connection, JOBS, text))


def select(
    connection: sqlite3.Connection, *, unfinished: bool, origin: str | None, limit: int | None
) -> list[Job]:
    """The newest jobs, newest last."""
    question = (UNFINISHED if unfinished else CHOSEN) + NEWEST
    given = {"origin": origin, "unfinished": unfinished, "limit": -1 if limit is None else limit}
    return [job_of(row) for row in connection.execute(question, given)][::-1]


def last_event(connection: sqlite3.Connection) -> int:
    """The number of the newest line of any job's history."""
    newest: int = connection.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()[0]
    return newest


def news(connection: sqlite3.Connection, since: int) -> tuple[list[Job], int]:
    """The unfinished jobs, those that have ended after that event, and the last event by now."""
    last = last_event(connection)
    found = select(connection, unfinished=True, origin=None, limit=None)
    changed = connection.execute("SELECT DISTINCT job_id FROM event WHERE id > ?", (since,))
    ended = {row["job_id"] for row in changed} - {job.id for job in found}
    return found + [get(connection, job_id) for job_id in sorted(ended)], last


def events(connection: sqlite3.Connection, job_id: str) -> list[Event]:
    """The history of a job, oldest first."""
    rows = connection.execute("SELECT * FROM event WHERE job_id = ? ORDER BY id", (job_id,))
    return [event_of(row) for row in rows]


def claimed(connection: sqlite3.Connection, origin: str, request_ids: Collection[str]) -> set[str]:
    """Those of the request ids that a job of this origin has."""
    rows = connection.execute(
        "SELECT request_id FROM job WHERE origin = ? AND request_id IN (SELECT value FROM json_each(?))",
        (origin, json.dumps(list(request_ids))),
    )
    return {row["request_id"] for row in rows}


def of_project(connection: sqlite3.Connection, project_id: str) -> list[str]:
    """The ids of the jobs in a project."""
    return [row["id"] for row in connection.execute("SELECT id FROM job WHERE project_id = ?", (project_id,))]


def _known(values: Mapping[str, object]) -> dict[str, object]:
    unknown = values.keys() - SETTABLE
    if unknown:
        raise TypeError(f"A job has no such field to set: {', '.join(sorted(unknown))}.")
    reason = values.get("reason")
    if reason is not None and reason not in REASONS:
        raise TypeError(f"“{reason}” is none of the reasons for which a job ends or waits.")
    return dict(values)


def _update(connection: sqlite3.Connection, old: Job, new: Job) -> None:
    connection.execute(UPDATE, job_values(new))
    if new.outputs != old.outputs:
        connection.execute("DELETE FROM output WHERE job_id = ?", (new.id,))
        _write_outputs(connection, new)


def _write_outputs(connection: sqlite3.Connection, job: Job) -> None:
    connection.executemany(INSERT_OUTPUT, [output_values(job.id, output) for output in job.outputs])


def _event(
    connection: sqlite3.Connection,
    job: Job,
    at: float,
    kind: str,
    *,
    state: JobState | None = None,
    text: str = "",
) -> None:
    connection.execute(
        "INSERT INTO event (job_id, at, kind, state, text) VALUES (?, ?, ?, ?, ?)",
        (job.id, at, kind, state, text),
    )


RUNNING_TIMES = """
SELECT job.endpoint, max(done.at) - max(begun.at)
FROM job
JOIN event AS begun ON begun.job_id = job.id AND begun.kind = 'state' AND begun.state = 'running'
JOIN event AS done ON done.job_id = job.id AND done.kind = 'state' AND done.state = 'ready'
WHERE job.origin LIKE 'fal:%'
GROUP BY job.id ORDER BY job.seq DESC LIMIT :limit
"""


def running_times(connection: sqlite3.Connection, limit: int) -> dict[str, list[float]]:
    """Seconds from running to done at FAL itself, by endpoint, of the newest jobs."""
    times: dict[str, list[float]] = {}
    for endpoint, seconds in connection.execute(RUNNING_TIMES, {"limit": limit}):
        if seconds > 0:
            times.setdefault(endpoint, []).append(seconds)
    return times
