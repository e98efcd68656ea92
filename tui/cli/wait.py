"""Waiting for jobs, telling how each ended, and leaving in order."""

from collections.abc import Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from reelroom.store.errors import NotFound
from reelroom.store.records import Job, Media
from reelroom.store.states import JobState
from reelroom.tui import words

from . import objects
from .ending import Code
from .engine import Engine
from .leaving import Leaving
from .outcome import code_of
from .place import SANDBOX
from .terminal import Terminal
from .view import View

LONGEST_LEAVE = 15.0
"""Seconds that requests already begun have to be answered."""

UNSENT = frozenset({JobState.INTENT, JobState.SUBMITTING})
NOT_TAKEN = UNSENT | {JobState.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Wait:
    """How a command waits, and where it tells the outcome."""

    engine: Engine
    terminal: Terminal
    view: View
    leaving: Leaving
    patience: float
    """Seconds without any answer from FAL until a job is left waiting."""
    json: bool
    ended: dict[str, Job] = field(default_factory=dict)

    async def for_all(self, jobs: Sequence[Job]) -> Code:
        """Wait until each job has ended or cannot go on now; the exit code of them all."""
        self.view.follow(jobs)
        if await self.leaving.unless(self._settle([job.id for job in jobs])):
            return code_of(self.ended.values())
        await self._leave([job.id for job in jobs if job.id not in self.ended])
        return Code.INTERRUPTED

    async def until_sent(self, jobs: Sequence[Job]) -> Code:
        """Wait until FAL has taken each job, or has not; what it took goes on without us."""
        self.view.follow(jobs)
        if not await self.leaving.unless(self._settle([job.id for job in jobs], taken=True)):
            await self._leave([job.id for job in jobs if job.id not in self.ended])
            return Code.INTERRUPTED
        return code_of(
            job for job in self.ended.values() if job.terminal or job.hold_up or job.state in NOT_TAKEN
        )

    async def _settle(self, job_ids: Collection[str], *, taken: bool = False) -> None:
        jobs = self.engine.studio.settle(job_ids, patience=self.patience, taken=taken)
        # A press may come while an outcome is told: then the generator is closed here, not by the collector.
        async with aclosing(jobs) as settled:
            async for job in settled:
                await self.tell(job)

    async def tell(self, job: Job) -> None:
        """Say how a job ended or why it waits: paths or JSON on stdout, the rest on stderr."""
        clips = await self._clips(job)
        project = await project_name(self.engine, job.project_id) if self.json else None
        # From here on nothing waits, so that a press cannot come between the mark and the line.
        self.ended[job.id] = job
        self.view.close_job(job, clips)
        library = self.engine.library.folder
        if self.json:
            self.terminal.put_data(objects.line(objects.outcome(job, clips, project, library)))
            return
        for clip in clips:
            self.terminal.put_path(library / clip.path)

    async def _clips(self, job: Job) -> list[Media]:
        clips = []
        if job.terminal:
            for output in sorted(job.outputs, key=lambda output: output.position):
                try:
                    clips.append(await self.engine.store.clip(output.media_id))
                except NotFound:
                    continue
        return clips

    async def _leave(self, job_ids: Sequence[str]) -> None:
        self.view.clear()
        left = []
        for job_id in job_ids:
            job = await self.engine.store.job(job_id)
            if job.terminal:
                await self.tell(job)
            else:
                left.append(job)
        studio = self.engine.studio
        for sentence in parting(left, studio.origin) if studio.leads else handed(left):
            self.terminal.say(sentence)
        if posts := self.engine.studio.posting:
            self.terminal.say(
                f"Waiting for FAL's answer to {words.count(posts, 'request')}, at most"
                f" {LONGEST_LEAVE:.0f} s. Once more leaves at once."
            )
        await self.engine.studio.leave(patience=LONGEST_LEAVE)


def parting(jobs: Sequence[Job], origin: str) -> list[str]:
    """What becomes of the jobs that are left."""
    going = sum(job.state is not JobState.INTENT for job in jobs)
    unsent = len(jobs) - going
    said = []
    if going and origin == SANDBOX:
        said.append(
            f"{words.count(going, 'practice job')} not finished. `reelroom resume` takes up the rest."
        )
    elif going == 1:
        said.append(
            "1 job is still at work at FAL. It goes on without Reelroom, and `reelroom resume` saves it."
        )
    elif going:
        said.append(
            f"{going} jobs are still at work at FAL. They go on without Reelroom, and `reelroom resume` saves"
            " them."
        )
    if unsent:
        said.append(f"{words.count(unsent, 'job')} not sent yet. `reelroom resume` sends what is left.")
    return said or ["Nothing is left at work."]


def handed(jobs: Sequence[Job]) -> list[str]:
    """What becomes of the jobs that are left where another process does the work."""
    if not jobs:
        return ["Nothing is left at work."]
    goes, them = ("goes", "it") if len(jobs) == 1 else ("go", "them")
    return [f"{words.count(len(jobs), 'job')} {goes} on in the other Reelroom, which saves {them}."]


async def project_name(engine: Engine, project_id: str | None) -> str | None:
    """The name of a project, also an archived one; None for none."""
    projects = await engine.store.projects(archived=True)
    return next((project.name for project in projects if project.id == project_id), None)
