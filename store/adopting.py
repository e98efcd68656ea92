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


def adopt(connection: sqlite3.Connection, job: Job, clips: Sequence[Media], *, at: float) -> Saved:
    """Keep clips whose rows were lost, and the saved job they came from, if it was lost as well.

    A clip that is there is left as it is. Raises NotAllowed for a job here that is not over: it brings its
    clips home by itself.
    """
    row = connection.execute(
        "SELECT id FROM job WHERE id = ? OR (origin = ? AND request_id = ?)",
        (job.id, job.origin, job.request_id),
    ).fetchone()
    kept = _insert(connection, job, at) if row is None else jobs.get(connection, row["id"])
    if not kept.terminal:
        raise NotAllowed("Its job is not finished here: `reelroom resume` takes the clip up.")
    new = [replace(clip, job_id=kept.id, project_id=kept.project_id) for clip in clips]
    new = [clip for clip in new if not _is_there(connection, clip)]
    for clip in new:
        media.insert(connection, clip)
    return Saved(kept, tuple(media.get(connection, clip.id) for clip in new))


def _insert(connection: sqlite3.Connection, job: Job, at: float) -> Job:
    if job.state is not JobState.SAVED:
        raise NotAllowed(f"Only a saved job has its clips in the library, and this one is “{job.state}”.")
    return jobs.insert(connection, job, at=at, text=ADOPTED)


def _is_there(connection: sqlite3.Connection, clip: Media) -> bool:
    found = connection.execute("SELECT path FROM media WHERE id = ?", (clip.id,)).fetchone()
    if found is not None and found["path"] != clip.path:
        raise RowRefused(f"The clip of {clip.path} is already in the library as {found['path']}.")
    return found is not None
