"""The program seen from the outside: its database, read only, and its library folder."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

JOBS = "SELECT id, state, request_id, endpoint, input, reason, detail FROM job ORDER BY seq"
CLIPS = "SELECT id, job_id, request_id, path, sha256, bytes FROM media ORDER BY created_at, id"
EVENTS = "SELECT job_id, state FROM event WHERE kind = 'state' ORDER BY id"
OUTPUTS = "SELECT media_id, job_id, file_name, size FROM output ORDER BY job_id, position"


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as its row says."""

    id: str
    state: str
    request_id: str | None
    endpoint: str
    input: str
    reason: str | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class ClipRow:
    """A clip as its row says."""

    id: str
    job_id: str | None
    request_id: str | None
    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class OutputRow:
    """A clip that a result promised; `size` is what FAL stated."""

    media_id: str
    job_id: str
    file_name: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All rows, the names in the library with their sizes, and what SQLite says of the database."""

    jobs: tuple[JobRow, ...]
    clips: tuple[ClipRow, ...]
    outputs: tuple[OutputRow, ...]
    files: dict[str, int]
    integrity: str
    history: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The states that each job has been in, from the first."""

    @property
    def states(self) -> list[str]:
        return [job.state for job in self.jobs]

    def came_whole(self, output: OutputRow) -> bool:
        """Whether all bytes of a promised clip are here, under its hidden or its plain name."""
        sizes = {self.files.get(name) for name in (f".{output.media_id}.part", output.file_name)}
        return output.size in sizes

    def in_save(self, job: JobRow) -> bool:
        """Whether a job is past its download and not yet saved."""
        mine = [output for output in self.outputs if output.job_id == job.id]
        return job.state == "downloading" and bool(mine) and all(self.came_whole(one) for one in mine)


def files_of(library: Path) -> dict[str, int]:
    """Names and sizes; a file that is renamed meanwhile is looked for under neither name twice."""
    found = {}
    for path in library.iterdir() if library.is_dir() else ():
        try:
            found[path.name] = path.stat().st_size
        except FileNotFoundError:
            continue
    return found


def snapshot(home: Path) -> Snapshot:
    """What a stopped program left: read from a copy, so that looking mends nothing."""
    data = home / "data"
    with tempfile.TemporaryDirectory() as folder:
        for name in ("reelroom.db", "reelroom.db-wal"):
            if (data / name).exists():
                shutil.copy(data / name, folder)
        with closing(sqlite3.connect(Path(folder) / "reelroom.db")) as database:
            return _rows(database, files_of(data / "library"))


def _rows(database: sqlite3.Connection, files: dict[str, int]) -> Snapshot:
    (integrity,) = database.execute("PRAGMA integrity_check").fetchone()
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'job'").fetchone():
        return Snapshot((), (), (), files, integrity)
    return Snapshot(
        tuple(JobRow(*row) for row in database.execute(JOBS)),
        tuple(ClipRow(*row) for row in database.execute(CLIPS)),
        tuple(OutputRow(*row) for row in database.execute(OUTPUTS)),
        files,
        integrity,
        _history(database),
    )


def _history(database: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for job_id, state in database.execute(EVENTS):
        found.setdefault(job_id, []).append(state)
    return {job_id: tuple(states) for job_id, states in found.items()}


class Watch:
    """A look at a running program, quick enough to be taken a thousand times a second."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._database: sqlite3.Connection | None = None

    def _read(self, question: str) -> list[Any]:
        try:
            if self._database is None:
                path = self._home / "data/reelroom.db"
                self._database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
            return self._database.execute(question).fetchall()
        except sqlite3.OperationalError:
            # Not made yet, or being made.
            self.close()
            return []

    def states(self) -> set[str]:
        return {state for (state,) in self._read("SELECT state FROM job")}

    def a_part_is_whole(self) -> bool:
        """Whether some download has all its bytes, as FAL stated their number."""
        sizes = self._read("SELECT media_id, size FROM output")
        library = self._home / "data/library"
        for media_id, size in sizes:
            try:
                if (library / f".{media_id}.part").stat().st_size == size:
                    return True
            except FileNotFoundError:
                continue
        return False

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


@contextmanager
def watch(home: Path) -> Iterator[Watch]:
    """Look while the block lasts. Afterwards nothing is open: a database that another process holds
    open is not recovered when it is opened next, and the recovery is a part of what is tried."""
    seen = Watch(home)
    try:
        yield seen
    finally:
        seen.close()
