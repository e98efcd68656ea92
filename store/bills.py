"""What FAL charged for jobs that are over: SQL, run on the database's thread."""

import sqlite3
from collections.abc import Sequence
from decimal import Decimal

from . import jobs, media
from .media import Saved
from .records import Job
from .rows import job_of

UNBILLED = (
    jobs.SELECT
    + """
WHERE origin = :origin AND ended_at >= :since AND request_id IS NOT NULL AND cost IS NULL AND billed IS NOT 0
ORDER BY seq
"""
)


def unbilled(connection: sqlite3.Connection, *, origin: str, since: float) -> list[Job]:
    """The jobs that FAL has taken and that ended after a moment, of which no bill is known; oldest first."""
    return [job_of(row) for row in connection.execute(UNBILLED, {"origin": origin, "since": since})]


def bill(
    connection: sqlite3.Connection, job_id: str, cost: Decimal, notes: Sequence[str], *, at: float
) -> Saved:
    """Write down what FAL charged for a job, each of its clips with an equal share; raises NotFound."""
    job = jobs.update(connection, job_id, {"cost": cost, "billed": cost > 0})
    jobs.note(connection, job_id, "note", notes, at=at)
    rows = connection.execute("SELECT id FROM media WHERE job_id = ?", (job_id,)).fetchall()
    clips = [media.update(connection, row["id"], {"cost": cost / len(rows)}) for row in rows]
    return Saved(job, tuple(clips))
