"""What the screens show, kept in step with the store, and what they ask of the engine. Knows no Textual.

A desk is made before the first paint and set to work after it, so what only its work needs is imported there.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from reelroom.store.errors import DamagedDatabase, StoreError

from .studio.errors import StudioError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from reelroom.store.records import Job, Media, Project

    from .studio.faces import Backstage, Engine, Shelf
    from .studio.orders import Order
    from .studio.progress import Progress

log = logging.getLogger(__name__)

NEWEST = 500
"""How many finished jobs are held for the board and the day's spending."""
LOOK = 0.25
"""Seconds between two looks for changes of other processes (PRAGMA data_version, 0.1 ms)."""

Quartiles = tuple[float, float, float]


class Desk:
    """The truth as the screens see it. `tell` is called with what has changed, on the event loop.

    That is `ready`, `engine`, `moved in` (this process does the work from now on), `jobs`, `progress`,
    `media`, `projects`, or `elsewhere` (another process wrote something).
    """

    def __init__(
        self, backstage: Backstage, tell: Callable[[str], None], *, clock: Callable[[], float] = time.time
    ) -> None:
        self.backstage = backstage
        self._tell = tell
        self._clock = clock
        self.jobs: dict[str, Job] = {}
        self.progress: dict[str, Progress] = {}
        self.clips: dict[str, Media] = {}
        """The first clip of each saved job, by the job's id."""
        self.usual: dict[str, Quartiles] = {}
        """Seconds within which 25, 50 and 90 of 100 runs of an endpoint were done."""
        self.project: Project | None = None
        self.projects: list[Project] = []
        self.newest: list[Media] = []
        """Clips that came since the screen last took them."""
        self.trouble: str | None = None
        """Why there is no engine here, in words."""
        self.elsewhere: str | None = None
        """Who else does the work, and what that means here; None where it is this process."""
        self.shelf: Shelf | None = None
        self.sender: str | None = None
        self._engine: asyncio.Future[Engine] | None = None
        self._leave = asyncio.Event()

    async def run(self) -> None:
        """Open the store, then the engine, and follow both until `leave`."""
        from .studio.faces import NoEngine  # noqa: PLC0415 - see above

        self._engine = asyncio.get_running_loop().create_future()
        async with AsyncExitStack() as stack:
            try:
                shelf = await stack.enter_async_context(self.backstage.shelf())
            except (StoreError, NoEngine) as error:
                hint = (
                    " `reelroom doctor` says what can be done." if isinstance(error, DamagedDatabase) else ""
                )
                self._give_up(f"{error}{hint}")
                await self._leave.wait()
                return
            self.shelf = shelf
            changes = await stack.enter_async_context(shelf.changes())
            await self.load()
            self._tell("ready")
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._read(changes)), group.create_task(self._look(shelf))]
                await self._work(shelf)
                for task in tasks:
                    task.cancel()

    def leave(self) -> None:
        """End `run`: POSTs that have begun are waited for."""
        self._leave.set()

    @property
    def posting(self) -> int:
        """How many POSTs are under way."""
        engine = self._running_engine()
        return engine.posting if engine else 0

    def _running_engine(self) -> Engine | None:
        ready = self._engine is not None and self._engine.done() and not self._engine.exception()
        return self._engine.result() if self._engine is not None and ready else None

    async def _work(self, shelf: Shelf) -> None:
        from .studio.faces import NoEngine  # noqa: PLC0415 - see above

        try:
            async with self.backstage.engine(shelf) as engine:
                self.sender, self.elsewhere = engine.sender, engine.elsewhere
                assert self._engine is not None
                self._engine.set_result(engine)
                if engine.leads:
                    await engine.resume()
                self._tell("engine")
                await self._leave.wait()
        except NoEngine as error:
            self._give_up(str(error))
            await self._leave.wait()

    def _give_up(self, why: str) -> None:
        self.trouble = why
        if self._engine is None or self._engine.done():
            self._engine = asyncio.get_running_loop().create_future()
        self._engine.set_exception(StudioError(why))
        # It may be that nobody ever asks for it.
        self._engine.exception()
        self._tell("engine")

    async def _read(self, changes: AsyncIterator[object]) -> None:
        async for change in changes:
            self._take(change)

    async def _look(self, shelf: Shelf) -> None:
        """Notice what other processes write."""
        known = await shelf.version()
        while True:
            await asyncio.sleep(LOOK)
            try:
                now = await shelf.version()
                if now != known:
                    await self.load()
                    known = now
                    self._tell("elsewhere")
            except StoreError as error:
                # What is shown stays; the engine goes on, and says itself what it cannot write.
                log.warning("the library could not be read anew: %s", error)

    async def load(self) -> None:
        """Read what is shown from the store."""
        shelf = self._open_shelf()
        jobs = {job.id: job for job in await shelf.jobs(limit=NEWEST)}
        jobs |= {job.id: job for job in await shelf.jobs(unfinished=True)}
        self.jobs = dict(sorted(jobs.items()))
        self.project = await shelf.active_project()
        self.projects = await shelf.projects()
        for clip in reversed(await shelf.media(limit=NEWEST)):
            self._match(clip)
        times = await shelf.running_times()
        self.usual = {endpoint: _quartiles(runs) for endpoint, runs in times.items() if len(runs) >= 3}

    def _take(self, change: object) -> None:
        from reelroom.store.records import Job, Media, Project  # noqa: PLC0415 - see above

        from .studio.progress import Progress, Standing  # noqa: PLC0415 - see above

        if isinstance(change, Job):
            self.jobs[change.id] = change
            if change.terminal:
                self.progress.pop(change.id, None)
            self._tell("jobs")
        elif isinstance(change, Progress):
            self.progress[change.job_id] = change
            self._tell("progress")
        elif isinstance(change, Media):
            self._match(change)
            self.newest.append(change)
            self._tell("media")
        elif isinstance(change, Project):
            self._tell("projects")
        elif isinstance(change, Standing):
            self.sender, self.elsewhere = change.sender, change.elsewhere
            self._tell("moved in" if change.leads else "engine")

    def _match(self, clip: Media) -> None:
        if clip.job_id is not None and clip.position == 0:
            self.clips[clip.job_id] = clip

    async def engine(self) -> Engine:
        """The engine, as soon as it runs; raises StudioError where there is none."""
        assert self._engine is not None
        return await asyncio.shield(self._engine)

    async def generate(self, orders: Sequence[Order]) -> list[Job]:
        """Commit intents and send them. Raises StudioError, StoreError: then nothing was sent."""
        project_id = self.project.id if self.project else None
        engine = await self.engine()
        return await engine.submit([replace(order, project_id=project_id) for order in orders])

    async def change_project(self, what: str, project_id: str, name: str) -> None:
        """`open`, `make`, `rename` or `archive` a project. Raises StoreError."""
        shelf = self._open_shelf()
        if what == "make":
            project_id = (await shelf.project_named(name)).id
        if what in {"open", "make"}:
            await shelf.activate(project_id)
        elif what == "rename":
            await shelf.rename_project(project_id, name)
        else:
            await shelf.archive_project(project_id)
        await self.refresh_projects()

    def take_newest(self) -> list[Media]:
        """The clips that came or changed since this was asked last."""
        newest, self.newest = self.newest, []
        return newest

    async def refresh_projects(self) -> None:
        """Read the projects anew."""
        shelf = self._open_shelf()
        self.project = await shelf.active_project()
        self.projects = await shelf.projects()

    def _open_shelf(self) -> Shelf:
        if self.shelf is None:
            raise StudioError(self.trouble or "The library is not open yet.")
        return self.shelf

    @property
    def now(self) -> float:
        """Seconds since 1970."""
        return self._clock()


def _quartiles(runs: Sequence[float]) -> Quartiles:
    import statistics  # noqa: PLC0415 - see above

    cuts = statistics.quantiles(runs, n=100, method="inclusive")
    return cuts[24], cuts[49], cuts[89]
