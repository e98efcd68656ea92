"""One SQLite connection on a thread of its own; every transaction is a single step of that thread."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from .errors import DatabaseGone, DiskFull, StoreClosed
from .migrate import Migration, shipped
from .opening import connect
from .refusals import os_refusals, sqlite_refusals
from .reserve import Reserve

T = TypeVar("T")


class Database:
    """Runs functions on the database's thread, in the order in which they were asked for."""

    def __init__(
        self, path: Path, migrations: Sequence[Migration] | None, *, busy: float, patience: float
    ) -> None:
        self._path = path
        self._migrations = migrations
        self._busy = busy
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._opened = self._closed = False
        self._failure: BaseException | None = None
        self._spent = False
        self.thread = aiosqlite.Connection(self._connect, iter_chunk_size=64)
        """The connection of aiosqlite, which owns the thread."""

    def _connect(self) -> sqlite3.Connection:
        try:
            # Absolute, since the program may change its working folder while the file is open.
            self._path = self._path.absolute()
            steps = shipped() if self._migrations is None else self._migrations
            self._connection = connect(self._path, steps, busy=self._busy)
            with os_refusals(f"find the database {self._path}"):
                self._inode = self._look()
            self._reserve = Reserve(self._path)
            self._reserve.take()
        except BaseException as error:  # noqa: BLE001  # raised again by open()
            # After a failed connect aiosqlite does not wait for its thread, which then meets a closed loop.
            self._failure = error
            return sqlite3.connect(":memory:")
        return self._connection

    def _look(self) -> tuple[int, int]:
        found = self._path.stat()
        if not found.st_size:
            raise DatabaseGone(f"The database {self._path} was emptied by something while it was open.")
        return found.st_dev, found.st_ino

    async def open(self) -> None:
        """Start the thread and open the file; raises what connect() raises. close() is owed in any case."""
        await _to_the_end(self._start())
        if self._failure is not None:
            raise self._failure

    async def _start(self) -> None:
        await self.thread
        self._opened = True

    async def read(
        self, work: Callable[[sqlite3.Connection], T], done: Callable[[T], None] | None = None
    ) -> T:
        """What `work` makes of the connection; raises a StoreError in the place of any error of SQLite.

        `done` is called with it on the event loop, in one order with what `write` calls.
        """
        return await self._hop(partial(self._read, work, done))

    async def write(
        self, work: Callable[[sqlite3.Connection], T], committed: Callable[[T], None] | None = None
    ) -> T:
        """Run `work` in one transaction, whole, even when the waiting task is cancelled meanwhile.

        After the COMMIT `committed` is called with the value on the event loop, before the waiting task goes
        on; so it is also called when nobody waits any more. Raises DatabaseGone, DatabaseBusy, DiskTrouble,
        RowRefused or what `work` raises, and then nothing was written.
        """
        return await self._hop(partial(self._write, work, committed))

    async def version(self) -> int:
        """A number that changes when another process has committed (PRAGMA data_version)."""
        return await self.read(_data_version)

    async def close(self) -> None:
        """Run what was asked for before, then close the file; what is asked for later raises StoreClosed."""
        self._closed = True
        if self._opened:
            self._opened = False
            # Asked for at once, not in a task: a loop that ends cancels every task, begun or not.
            ended = self.thread.stop()
            assert ended is not None
            await _to_the_end(ended)

    async def _hop(self, step: Callable[[], T]) -> T:
        if self._closed:
            raise StoreClosed("The library was closed meanwhile.")
        # aiosqlite's public calls are one hop per statement: a task cancelled between two of them leaves a
        # transaction open, and what is "committed" into it later is lost at close. Its queue takes functions.
        value: T = await self.thread._execute(step)  # type: ignore[no-untyped-call]  # noqa: SLF001 - see above
        return value

    def _read(self, work: Callable[[sqlite3.Connection], T], done: Callable[[T], None] | None = None) -> T:
        with sqlite_refusals(self._path):
            value = work(self._connection)
        if done is not None:
            self._loop.call_soon_threadsafe(done, value)
        return value

    def _write(self, work: Callable[[sqlite3.Connection], T], committed: Callable[[T], None] | None) -> T:
        try:
            value = self._transact(work)
        except DiskFull:
            # What is written now says that the disk is full, or that something paid for is there.
            if not self._reserve.give_back():
                raise
            self._spent = True
            value = self._transact(work)
        else:
            if self._spent:
                self._spent = not self._reserve.take()
        if committed is not None:
            self._loop.call_soon_threadsafe(committed, value)
        return value

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with sqlite_refusals(self._path):
            self._check_in_place()
            self._begin()
            try:
                value = work(self._connection)
                self._connection.execute("COMMIT")
            except BaseException:
                # After some errors (a full disk) SQLite has rolled back by itself.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        return value

    def _begin(self) -> None:
        """Take the write lock at once: a reader that becomes a writer is refused without any waiting."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                    raise
            else:
                return

    def _check_in_place(self) -> None:
        """Raise DatabaseGone if the file lost its name: SQLite itself would go on writing into nothing."""
        try:
            found = self._look()
        except FileNotFoundError:
            raise DatabaseGone(
                f"The database {self._path} was removed while it was open; nothing more is written to it."
            ) from None
        except OSError as error:
            raise DatabaseGone(
                f"The database {self._path} can no longer be reached ({error.strerror})."
            ) from error
        if found != self._inode:
            raise DatabaseGone(
                f"The database {self._path} was replaced by another file while it was open; "
                "nothing more is written to either."
            )


@asynccontextmanager
async def open_database(
    path: Path,
    *,
    migrations: Sequence[Migration] | None = None,
    busy: float = 5.0,
    patience: float = 30.0,
) -> AsyncIterator[Database]:
    """Open the database, and on leaving wait until everything asked for has been done.

    SQLite waits `busy` seconds for another process, and a write asks again until `patience` seconds are over.
    """
    database = Database(path, migrations, busy=busy, patience=patience)
    try:
        await database.open()
        yield database
    finally:
        await database.close()


async def _to_the_end(step: Awaitable[Any]) -> None:
    """Wait for a step that must not be left half done, and only then let a cancellation go on."""
    task = asyncio.ensure_future(step)
    interruption: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            interruption = error
    task.result()
    if interruption is not None:
        raise interruption


def _data_version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version
