"""The store for commands that only read. Nothing of the engine is loaded for them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from reelroom.fal.clean import clean
from reelroom.store.backup import copies
from reelroom.store.errors import NotFound
from reelroom.store.records import Job, Media
from reelroom.store.store import Store, open_store

from .context import Context
from .ending import Code, Stop


@asynccontextmanager
async def open_shelf(context: Context) -> AsyncIterator[Store | None]:
    """The store, without the lock: it may be read while an engine works. None where nothing was ever kept."""
    paths = context.paths
    if not paths.database.exists() and not copies(paths.backups):
        yield None
        return
    async with open_store(context.paths.database) as store:
        yield store


async def find_job(context: Context, text: str) -> Job:
    """The job that was named; raises NotFound or Ambiguous."""
    async with open_shelf(context) as store:
        if store is None:
            raise Stop(Code.USAGE, "There are no jobs yet.")
        return await _job(store, clean(text, limit=200))


async def _job(store: Store, text: str) -> Job:
    """The job of an id, or the one that a clip came from."""
    try:
        return await store.job(text)
    except NotFound:
        with suppress(NotFound):
            clip = await store.clip(text)
            if clip.job_id is not None:
                return await store.job(clip.job_id)
        raise


async def find_clip(store: Store, text: str) -> Media:
    """The clip of an id, or the first one of a job; raises NotFound or Ambiguous."""
    try:
        return await store.clip(text)
    except NotFound:
        with suppress(NotFound):
            job = await store.job(text)
            if job.outputs:
                return await store.clip(job.outputs[0].media_id)
        raise
