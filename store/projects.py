"""Projects, and which of them is active: SQL, run on the database's thread."""

import sqlite3
import unicodedata
from dataclasses import dataclass

from . import jobs, media
from .errors import NameTaken, NotAllowed, NotFound
from .ids import new_id
from .records import Change, Project
from .rows import project_of

FIRST = "My clips"
ACTIVE = "active_project"


@dataclass(frozen=True, slots=True)
class Removed:
    """What is different after a project has gone: the one that is active now, jobs and clips without one."""

    active: Project
    changes: tuple[Change, ...]


def active(connection: sqlite3.Connection) -> Project:
    """The active project; raises NotFound only in a database in which no project was ever made."""
    row = connection.execute(
        "SELECT project.* FROM project JOIN setting ON setting.value = project.id"
        " WHERE setting.key = ? AND archived_at IS NULL",
        (ACTIVE,),
    ).fetchone()
    if row is not None:
        return project_of(row)
    others = select(connection, archived=False)
    if not others:
        raise NotFound("There is no project.")
    return others[-1]


def ensure(connection: sqlite3.Connection, *, at: float) -> None:
    """See to it that there is an active project."""
    if not select(connection, archived=False):
        activate(connection, named(connection, FIRST, at=at).id)


def select(connection: sqlite3.Connection, *, archived: bool) -> list[Project]:
    """The projects, oldest first; the archived ones only if asked for."""
    rows = connection.execute(
        "SELECT * FROM project WHERE ? OR archived_at IS NULL ORDER BY created_at, id", (archived,)
    )
    return [project_of(row) for row in rows]


def get(connection: sqlite3.Connection, project_id: str) -> Project:
    """The project with this id; raises NotFound."""
    row = connection.execute("SELECT * FROM project WHERE id = ?", (project_id,)).fetchone()
    if row is None:
        raise NotFound("This project does not exist any more.")
    return project_of(row)


def by_name(connection: sqlite3.Connection, name: str) -> Project | None:
    """The project with this name, whatever its case."""
    row = connection.execute("SELECT * FROM project WHERE name = ?", (tidy(name),)).fetchone()
    return None if row is None else project_of(row)


def named(connection: sqlite3.Connection, name: str, *, at: float) -> Project:
    """The project with this name, made if there is none."""
    found = by_name(connection, name)
    if found is not None:
        return found
    project = Project(id=new_id(at), name=tidy(name), created_at=at)
    connection.execute(
        "INSERT INTO project (id, name, created_at) VALUES (?, ?, ?)", (project.id, project.name, at)
    )
    return project


def activate(connection: sqlite3.Connection, project_id: str) -> Project:
    """Make a project the active one, out of the archive if need be; raises NotFound."""
    connection.execute("UPDATE project SET archived_at = NULL WHERE id = ?", (project_id,))
    project = get(connection, project_id)
    connection.execute("INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)", (ACTIVE, project.id))
    return project


def rename(connection: sqlite3.Connection, project_id: str, name: str) -> Project:
    """Give a project another name; raises NotFound, NameTaken."""
    other = by_name(connection, name)
    if other is not None and other.id != project_id:
        raise NameTaken(f"There is already a project “{other.name}”.")
    connection.execute("UPDATE project SET name = ? WHERE id = ?", (tidy(name), project_id))
    return get(connection, project_id)


def archive(connection: sqlite3.Connection, project_id: str, *, at: float) -> Project:
    """Put a project out of sight; raises NotFound, and NotAllowed for the last one."""
    project = get(connection, project_id)
    if project.archived_at is None:
        _step_aside(connection, project)
        connection.execute("UPDATE project SET archived_at = ? WHERE id = ?", (at, project_id))
    return get(connection, project_id)


def delete(connection: sqlite3.Connection, project_id: str) -> Removed:
    """Remove a project; its jobs and clips stay. Raises NotFound, and NotAllowed for the last one."""
    project = get(connection, project_id)
    if project.archived_at is None:
        _step_aside(connection, project)
    job_ids, media_ids = jobs.of_project(connection, project_id), media.of_project(connection, project_id)
    connection.execute("DELETE FROM project WHERE id = ?", (project_id,))
    unfiled: list[Change] = [
        *(jobs.get(connection, job_id) for job_id in job_ids),
        *(media.get(connection, media_id) for media_id in media_ids),
    ]
    return Removed(active(connection), tuple(unfiled))


def tidy(name: str) -> str:
    """A name as it is kept: on one line, without outer blanks; raises NotAllowed if nothing is left."""
    text = unicodedata.normalize("NFC", " ".join(name.split()))
    if not text:
        raise NotAllowed("A project needs a name of at least one character.")
    return text


def _step_aside(connection: sqlite3.Connection, project: Project) -> None:
    """Make another project active if this one is."""
    others = [other for other in select(connection, archived=False) if other.id != project.id]
    if not others:
        raise NotAllowed(
            f"“{project.name}” is the only project, and there is always one: make another first."
        )
    if active(connection).id == project.id:
        activate(connection, others[-1].id)
