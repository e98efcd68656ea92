"""Clips: SQL, run on the database's thread."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from . import jobs
from .errors import NotAllowed, NotFound, RowRefused
from .lookup import CLIPS, find_id
from .records import Ending, Job, Media
from .rows import folded, media_of, media_values
from .states import JobState

SELECT = """
SELECT media.*, (SELECT json_group_array(name) FROM tag WHERE media_id = media.id) AS tags FROM media
"""

INSERT = """
INSERT INTO media (
  id, job_id, position, project_id, origin, kind, path, sha256, bytes, width, height, duration, fps, codec,
  has_audio, prompt, endpoint, model, seed, cost, request_id, rating, favourite, search,
  created_at, seen_at, trashed_at)
VALUES (
  :id, :job_id, :position, :project_id, :origin, :kind, :path, :sha256, :bytes, :width, :height, :duration,
  :fps, :codec, :has_audio, :prompt, :endpoint, :model, :seed, :cost, :request_id, :rating, :favourite,
  :search, :created_at, :seen_at, :trashed_at)
"""

UPDATE = """
UPDATE media SET
  project_id = :project_id, origin = :origin, kind = :kind, sha256 = :sha256, bytes = :bytes, width = :width,
  height = :height, duration = :duration, fps = :fps, codec = :codec, has_audio = :has_audio,
  prompt = :prompt, endpoint = :endpoint, model = :model, seed = :seed, cost = :cost,
  request_id = :request_id, rating = :rating, favourite = :favourite,
  search = :search, seen_at = :seen_at, trashed_at = :trashed_at
WHERE id = :id
"""

OWN = frozenset({"id", "job_id", "position", "path", "created_at", "trashed_at"})
SETTABLE = frozenset(field.name for field in fields(Media)) - OWN

UNFILED = ""
"""In the place of a project's id: the clips that belong to no project."""


SAVED = Ending()


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save wrote: the job, and the clips that were not there before."""

    job: Job
    clips: tuple[Media, ...]


def save(
    connection: sqlite3.Connection, job_id: str, clips: Sequence[Media], *, at: float, ending: Ending = SAVED
) -> Saved:
    """Keep the clips of a job and end it; a clip that is already there is left as it is.

    The clips go to the project that the job belongs to now. Raises NotAllowed, NotFound or RowRefused.
    """
    job = jobs.get(connection, job_id)
    if not clips and ending.state is JobState.SAVED:
        raise NotAllowed("A job is saved when there is a clip to show for it, and none was given.")
    new = [clip for clip in clips if not _is_kept(connection, job_id, clip)]
    for clip in new:
        insert(connection, replace(clip, project_id=job.project_id))
    if job.state is not ending.state:
        values = {"reason": ending.reason, "detail": ending.detail}
        job = jobs.move(connection, job_id, ending.state, at=at, values=values)
    return Saved(job, tuple(get(connection, clip.id) for clip in new))


def get(connection: sqlite3.Connection, media_id: str) -> Media:
    """The clip with exactly this id; raises NotFound."""
    row = connection.execute(SELECT + " WHERE id = ?", (media_id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no clip “{media_id}”.")
    return media_of(row)


def find(connection: sqlite3.Connection, text: str) -> Media:
    """The clip that `text` stands for: an id, or 4 or more characters of its beginning or end."""
    return get(connection, find_id(connection, CLIPS, text))


def at_path(connection: sqlite3.Connection, path: str) -> Media | None:
    """The clip whose file bears this name in the library folder."""
    row = connection.execute(SELECT + " WHERE path = ?", (path,)).fetchone()
    return None if row is None else media_of(row)


def select(
    connection: sqlite3.Connection,
    query: str = "",
    *,
    project_id: str | None = None,
    trashed: bool = False,
    before: tuple[float, str] | None = None,
    limit: int | None = None,
) -> list[Media]:
    """Clips that hold all words of `query`, newest first, after the place `before` (created_at, id)."""
    question, given = page(query, project_id=project_id, trashed=trashed, before=before, limit=limit)
    return [media_of(row) for row in connection.execute(question, given)]


def page(
    query: str,
    *,
    project_id: str | None,
    trashed: bool,
    before: tuple[float, str] | None,
    limit: int | None,
) -> tuple[str, list[object]]:
    """The SQL of one page and its values: it starts at a key, so that no page is slower than the first."""
    conditions = ["trashed_at IS NOT NULL" if trashed else "trashed_at IS NULL"]
    given: list[object] = []
    if project_id is not None:
        conditions.append("project_id IS ?")
        given.append(project_id or None)
    if before is not None:
        conditions.append("(created_at, id) < (?, ?)")
        given.extend(before)
    for word in folded(query).split():
        conditions.append("instr(search, ?)")
        given.append(word)
    given.append(-1 if limit is None else limit)
    order = " ORDER BY created_at DESC, id DESC LIMIT ?"
    return SELECT + " WHERE " + " AND ".join(conditions) + order, given


def update(connection: sqlite3.Connection, media_id: str, values: Mapping[str, object]) -> Media:
    """Write fields of a clip; raises NotFound, RowRefused."""
    unknown = values.keys() - SETTABLE
    if unknown:
        raise TypeError(f"A clip has no such field to set: {', '.join(sorted(unknown))}.")
    clip = replace(find(connection, media_id), **values)  # type: ignore[arg-type]  # checked above
    _write(connection, clip)
    return get(connection, clip.id)


def set_trashed(connection: sqlite3.Connection, media_id: str, at: float | None) -> Media:
    """Put a clip into the trash at a moment, or with None take it out; its file stays where it is."""
    clip = find(connection, media_id)
    if (clip.trashed_at is None) != (at is None):
        _write(connection, replace(clip, trashed_at=at))
    return get(connection, clip.id)


def remove(connection: sqlite3.Connection, media_id: str, *, at: float) -> Media:
    """Forget a clip that is in the trash, with its tags; its job stays, and its history says so.

    Raises NotFound, and NotAllowed for a clip that is not in the trash.
    """
    clip = get(connection, media_id)
    if clip.trashed_at is None:
        raise NotAllowed(f"The clip {clip.path} is not in the trash, so it is not removed.")
    connection.execute("DELETE FROM media WHERE id = ?", (clip.id,))
    if clip.job_id is not None:
        jobs.note(connection, clip.job_id, "note", [f"Removed for good, as you said: {clip.path}"], at=at)
    return clip


def rename(connection: sqlite3.Connection, media_id: str, path: str) -> Media:
    """Write the name that a clip's file bears by now; raises NotFound."""
    clip = find(connection, media_id)
    connection.execute("UPDATE media SET path = ? WHERE id = ?", (path, clip.id))
    connection.execute("UPDATE output SET file_name = ? WHERE media_id = ?", (path, clip.id))
    return get(connection, clip.id)


def counts(connection: sqlite3.Connection, *, trashed: bool) -> dict[str | None, int]:
    """How many clips each project has that has any; None stands for those without a project."""
    rows = connection.execute(
        "SELECT project_id, clips FROM media_count WHERE trashed = ? AND clips", (trashed,)
    )
    return {row["project_id"] or None: row["clips"] for row in rows}


def of_project(connection: sqlite3.Connection, project_id: str) -> list[str]:
    """The ids of the clips in a project, trashed ones too."""
    rows = connection.execute("SELECT id FROM media WHERE project_id = ?", (project_id,))
    return [row["id"] for row in rows]


def _is_kept(connection: sqlite3.Connection, job_id: str, clip: Media) -> bool:
    if clip.job_id != job_id:
        raise RowRefused(f"The clip {clip.path} belongs to another job than the one that was to be saved.")
    row = connection.execute("SELECT job_id, path FROM media WHERE id = ?", (clip.id,)).fetchone()
    if row is not None and (row["job_id"], row["path"]) != (job_id, clip.path):
        raise RowRefused(f"There is already another clip with the id of {clip.path}: {row['path']}.")
    return row is not None


def insert(connection: sqlite3.Connection, clip: Media) -> None:
    """Keep a new clip; raises sqlite3.IntegrityError for an id or a name that is taken."""
    connection.execute(INSERT, media_values(clip))
    _write_tags(connection, clip)


def _write(connection: sqlite3.Connection, clip: Media) -> None:
    connection.execute(UPDATE, media_values(clip))
    connection.execute("DELETE FROM tag WHERE media_id = ?", (clip.id,))
    _write_tags(connection, clip)


def _write_tags(connection: sqlite3.Connection, clip: Media) -> None:
    connection.executemany("INSERT INTO tag VALUES (?, ?)", [(clip.id, tag) for tag in set(clip.tags)])
