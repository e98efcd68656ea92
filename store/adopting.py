"""Rows made anew from what lies in the library: SQL, run on the database's thread."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from . import jobs, media
from .errors import NotAllowed, RowRefused
from .media import Saved
from .records import Job, Media
from .states import JobState

ADOPTED = "Made anew from the files of the library."
LISTED = "Found in FAL's listing after the database was lost."
NOT_HEARD = frozenset({JobState.INTENT, JobState.SUBMITTING, JobState.UNKNOWN})


def adopt(connection: sqlite3.Connection, job: Job, clips: Sequence[Media], *, of: int, at: float) -> Saved:
    """Keep clips whose rows were lost, and the job that they came from as they show it to be.

    It is saved once all `of` its clips are there; else it goes on at FAL, and brings the others. A clip that
    is there is left as it is. Raises NotAllowed for a job here that is another request.
    """
    row = connection.execute(
        "SELECT id FROM job WHERE id = ? OR (origin = ? AND request_id = ?)",
        (job.id, job.origin, job.request_id),
    ).fetchone()
    if row is None:
        # Without an id FAL cannot be asked for the rest.
        whole = len(clips) >= of or job.request_id is None
        state, ended_at = (JobState.SAVED, job.ended_at) if whole else (JobState.QUEUED, None)
        kept = jobs.insert(connection, replace(job, state=state, ended_at=ended_at), at=at, text=ADOPTED)
    else:
        kept = jobs.get(connection, row["id"])
    if kept.request_id not in {None, job.request_id}:
        raise NotAllowed("Its job is another request here, and brings its clips home by itself.")
    new = [replace(clip, job_id=kept.id, project_id=kept.project_id) for clip in clips]
    new = [clip for clip in new if not _is_there(connection, clip)]
    for clip in new:
        media.insert(connection, clip)
    if row is not None:
        kept = jobs.restate(connection, _as_shown(connection, kept, job, of), at=at, text=ADOPTED)
    return Saved(kept, tuple(media.get(connection, clip.id) for clip in new))


def take_in(connection: sqlite3.Connection, found: Sequence[Job], *, at: float) -> list[Job]:
    """Keep jobs of requests that FAL has; one that is lost here gets its request. Returns the kept ones.

    A request that a job here has, and a job that goes on already, are left as they are.
    """
    taken = []
    for job in found:
        if jobs.claimed(connection, job.origin, [job.request_id or ""]):
            continue
        row = connection.execute("SELECT state FROM job WHERE id = ?", (job.id,)).fetchone()
        if row is None:
            taken.append(jobs.insert(connection, job, at=at, text=LISTED))
        elif row["state"] == JobState.UNKNOWN:
            lost = replace(jobs.get(connection, job.id), state=job.state, request_id=job.request_id)
            taken.append(jobs.restate(connection, lost, at=at, text=LISTED))
    return taken


def _as_shown(connection: sqlite3.Connection, kept: Job, shown: Job, of: int) -> Job:
    """The job with the request and the outputs that its clips prove, whatever it was here."""
    promised = {output.position: output for output in (*shown.outputs, *kept.outputs)}
    found = replace(
        kept,
        request_id=kept.request_id or shown.request_id,
        outputs=tuple(output for _position, output in sorted(promised.items())),
    )
    there = connection.execute("SELECT count(*) FROM media WHERE job_id = ?", (kept.id,)).fetchone()[0]
    if not kept.terminal and (there >= of or found.request_id is None):
        return replace(found, state=JobState.SAVED)
    return replace(found, state=JobState.QUEUED) if kept.state in NOT_HEARD else found


def _is_there(connection: sqlite3.Connection, clip: Media) -> bool:
    found = connection.execute("SELECT path FROM media WHERE id = ?", (clip.id,)).fetchone()
    if found is not None and found["path"] != clip.path:
        raise RowRefused(f"The clip of {clip.path} is already in the library as {found['path']}.")
    return found is not None
