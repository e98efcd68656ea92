"""The store for commands that only read. Nothing of the engine is loaded for them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from reelroom.fal.clean import clean
from reelroom.store.records import Job
from reelroom.store.store import Store, open_store

from .context import Context
from .ending import Code, Stop


@asynccontextmanager
async def open_shelf(context: Context) -> AsyncIterator[Store | None]:
    """The store, without the lock: it may be read while an engine works. None where nothing was ever kept."""
    if not context.paths.database.exists():
        yield None
        return
    async with open_store(context.paths.database) as store:
        yield store


async def find_job(context: Context, text: str) -> Job:
    """The job that was named; raises NotFound or Ambiguous."""
    async with open_shelf(context) as store:
        if store is None:
            raise Stop(Code.USAGE, "There are no jobs yet.")
        return await store.job(clean(text, limit=200))
