"""The library's memory: jobs, clips and projects, kept in SQLite and told to whoever listens."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from . import projects
from .books import ClipBook, JobBook, ProjectBook
from .database import Database, open_database
from .feed import Feed
from .journal import Journal
from .uploads import Uploads


class Store(JobBook, ClipBook, ProjectBook):
    """Everything that is kept, in one database; see the books for what can be asked."""

    def __init__(
        self, database: Database, feed: Feed[object], clock: Callable[[], float], journal: Journal
    ) -> None:
        super().__init__(database, feed, clock)
        self.uploads = Uploads(database, clock)
        self.journal = journal
        """Where a reply is written down for which the database has no room."""


@asynccontextmanager
async def open_store(path: Path, *, clock: Callable[[], float] = time.time) -> AsyncIterator[Store]:
    """Open the database at `path`, made when new with one project; on leaving, what was asked for is done.

    Raises NewerDatabase, DamagedDatabase, DatabaseBusy, DiskTrouble or NotWritable.
    """
    feed = Feed[object]()
    try:
        async with open_database(path) as database:
            if not await database.read(partial(projects.select, archived=False)):
                await database.write(partial(projects.ensure, at=clock()))
            yield Store(database, feed, clock, Journal(path))
    finally:
        feed.close()
