"""The tasks of an engine: one for each job, all in one group, and how they are left."""

import asyncio

from reelroom.store.records import Job
from reelroom.store.states import JobState

from .rig import Rig
from .runner import run
from .send import orphaned


class Crew:
    """Who is at work on what."""

    def __init__(self, rig: Rig, group: asyncio.TaskGroup) -> None:
        self._rig = rig
        self._group = group
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def knows(self, job_id: str) -> bool:
        """Whether the job was ever begun here."""
        return job_id in self._tasks

    def at_work(self, job_id: str) -> bool:
        """Whether a task is at work on the job."""
        task = self._tasks.get(job_id)
        return task is not None and not task.done()

    def start(self, job: Job) -> None:
        """Make sure a task is at work on the job, and that it looks at once."""
        if self.at_work(job.id):
            self._rig.nudge(job.id)
        elif self._rig.posts.open:
            self._tasks[job.id] = self._group.create_task(run(self._rig, job), name=f"job {job.id}")

    async def over(self, job_id: str) -> None:
        """Return once no task is at work on the job."""
        if self.at_work(job_id):
            await asyncio.wait({self._tasks[job_id]})

    async def leave(self, patience: float) -> None:
        """Detach from all jobs; POSTs already begun have `patience` seconds to be answered."""
        posts = self._rig.posts
        posts.open = False
        for job_id, task in self._tasks.items():
            if job_id not in posts.under_way:
                task.cancel()
        try:
            async with asyncio.timeout(patience):
                await posts.drained()
        except TimeoutError:
            pass
        finally:
            await self._cut_off()

    async def _cut_off(self) -> None:
        cut = set(self._rig.posts.under_way)
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        for job_id in cut:
            job = await self._rig.store.job(job_id)
            if job.state is JobState.SUBMITTING:
                await orphaned(self._rig, job)
