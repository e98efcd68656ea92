"""What can be asked of the library's memory, by subject: each method is one transaction.

It is committed whole or not at all, also when its task is cancelled. All of them raise a StoreError in
people's words; ids are whole ids unless something else is said.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from . import adopting, bills, drafts, jobs, media, projects, settings, spending
from .database import Database
from .feed import Feed
from .pages import Pages
from .records import Cap, Change, Document, Ending, Event, Job, Media, Page, Project, Scope, Stretch
from .spending import Spent
from .states import HoldUp, JobState

T = TypeVar("T")


class Book:
    """A database, and whoever listens to what is written into it."""

    def __init__(self, database: Database, feed: Feed[object], clock: Callable[[], float]) -> None:
        self._database = database
        self._feed = feed
        self._clock = clock
        self._pages = Pages()

    def changes(self) -> AbstractAsyncContextManager[AsyncIterator[Any]]:
        """Each Change after its commit, and what publish() was given; a late reader gets the latest ones."""
        return self._feed.subscribe()

    def publish(self, change: object, key: Hashable) -> None:
        """Tell the subscribers of a live value that is not kept; a later one of the same key replaces it."""
        self._feed.publish(key, change)

    async def version(self) -> int:
        """A number that changes when another process has committed something."""
        return await self._database.version()

    async def _write(
        self,
        work: Callable[[sqlite3.Connection], T],
        changed: Callable[[T], Iterable[Change]] | None = None,
    ) -> T:
        def tell(value: T) -> None:
            for record in changed(value) if changed else ():
                self._feed.publish((type(record), record.id), record)

        return await self._database.write(work, tell)


class ProjectBook(Book):
    """Projects, and the single texts and values that belong to the library."""

    async def active_project(self) -> Project:
        """The project that new clips go to."""
        return await self._database.read(projects.active)

    async def projects(self, *, archived: bool = False) -> list[Project]:
        """The projects, oldest first, with the archived ones if asked for."""
        return await self._database.read(partial(projects.select, archived=archived))

    async def project_named(self, name: str) -> Project:
        """The project with this name, made when new; it does not become the active one."""
        return await self._write(partial(projects.named, name=name, at=self._clock()), _itself)

    async def activate(self, project_id: str) -> Project:
        """Make a project the active one, out of the archive if need be."""
        return await self._write(partial(projects.activate, project_id=project_id), _itself)

    async def rename_project(self, project_id: str, name: str) -> Project:
        """Give a project another name; raises NameTaken."""
        return await self._write(partial(projects.rename, project_id=project_id, name=name), _itself)

    async def archive_project(self, project_id: str) -> Project:
        """Put a project out of sight; if it was active another becomes so. Raises NotAllowed for the last."""
        return await self._write(partial(projects.archive, project_id=project_id, at=self._clock()), _itself)

    async def delete_project(self, project_id: str) -> Project:
        """Remove a project and return the active one; jobs and clips stay. Raises NotAllowed for the last."""
        removed = await self._write(
            partial(projects.delete, project_id=project_id), lambda gone: (*gone.changes, gone.active)
        )
        return removed.active

    async def draft(self, key: str) -> str | None:
        """The unsent text that was kept under this key."""
        return await self._database.read(partial(drafts.get, key=key))

    async def keep_draft(self, key: str, text: str) -> None:
        """Keep unsent text over a crash; an empty text removes it."""
        await self._write(partial(drafts.keep, key=key, text=text))

    async def setting(self, key: str) -> str | None:
        """A single value that belongs to the library as a whole."""
        return await self._database.read(partial(settings.get, key=key))

    async def set_setting(self, key: str, value: str) -> None:
        """Keep such a value."""
        await self._write(partial(settings.put, key=key, value=value))


class JobBook(Book):
    """Jobs, their history and the replies they got."""

    async def add_jobs(self, new: Sequence[Job], caps: Sequence[Cap] = ()) -> list[Job]:
        """Keep intents, all of them or none; raises OverBudget where they would be over a cap."""
        return await self._write(partial(jobs.add, jobs=tuple(new), caps=tuple(caps)), _each)

    async def move(self, job_id: str, to: JobState, *, reopen: bool = False, **fields: object) -> Job:
        """Change a job's state and write `fields`; raises NotAllowed where no edge leads there.

        Reason, detail and hold-up of the old state go, unless given anew; the history keeps them.
        """
        work = partial(jobs.move, job_id=job_id, to=to, at=self._clock(), reopen=reopen, values=fields)
        return await self._write(work, _itself)

    async def update(self, job_id: str, **fields: object) -> Job:
        """Write fields of a job without a change of state."""
        return await self._write(partial(jobs.update, job_id=job_id, values=fields), _itself)

    async def hold(self, job_id: str, hold_up: HoldUp | None, detail: str | None = None) -> Job:
        """Say what holds a job up, or with None that nothing does any more."""
        work = partial(jobs.hold, job_id=job_id, hold_up=hold_up, detail=detail, at=self._clock())
        return await self._write(work, _itself)

    async def note(self, job_id: str, kind: str, texts: Sequence[str]) -> None:
        """Append lines of the kind `log` (the model's words) or `note` (ours) to a job's history."""
        await self._write(partial(jobs.note, job_id=job_id, kind=kind, texts=tuple(texts), at=self._clock()))

    async def keep(self, document: Document) -> None:
        """Keep a raw reply; none that is there is ever overwritten."""
        await self._write(partial(jobs.keep, document=document))

    async def document(self, job_id: str, kind: str) -> Document | None:
        """The newest raw reply of a kind."""
        return await self._database.read(partial(jobs.document, job_id=job_id, kind=kind))

    async def job(self, job_id: str) -> Job:
        """The job of an id, of 4 or more characters of its beginning or end, or of a request id.

        Raises NotFound, Ambiguous.
        """
        return await self._database.read(partial(jobs.find, text=job_id))

    async def jobs(
        self, *, unfinished: bool = False, origin: str | None = None, limit: int | None = None
    ) -> list[Job]:
        """The newest jobs, newest last."""
        work = partial(jobs.select, unfinished=unfinished, origin=origin, limit=limit)
        return await self._database.read(work)

    async def take_in(self, found: Sequence[Job]) -> list[Job]:
        """Keep jobs of requests that FAL has, and that no job here has; returns those."""
        return await self._write(partial(adopting.take_in, found=tuple(found), at=self._clock()), _each)

    async def last_event(self) -> int:
        """The number of the newest line of any job's history."""
        return await self._database.read(jobs.last_event)

    async def news(self, known: Mapping[str, Job], since: int) -> tuple[list[Job], int]:
        """The unfinished jobs and those that ended after event `since`, and the last event by now.

        Those that differ from `known` are told as changes, for what other processes have written: never in a
        wrong order with this one's own commits.
        """

        def tell(found: tuple[list[Job], int]) -> None:
            for job in found[0]:
                if known.get(job.id) != job:
                    self._feed.publish((Job, job.id), job)

        return await self._database.read(partial(jobs.news, since=since), tell)

    async def claimed(self, origin: str, request_ids: Collection[str]) -> set[str]:
        """Those of the request ids that a job of this origin has."""
        return await self._database.read(partial(jobs.claimed, origin=origin, request_ids=tuple(request_ids)))

    async def events(self, job_id: str) -> list[Event]:
        """A job's history, oldest first."""
        return await self._database.read(partial(jobs.events, job_id=job_id))

    async def running_times(self, *, limit: int = 500) -> dict[str, list[float]]:
        """How long the newest jobs ran at FAL itself, in seconds, by endpoint; practice does not count."""
        return await self._database.read(partial(jobs.running_times, limit=limit))

    async def spent(self, since: float | None = None) -> list[Spent]:
        """What went out since a moment, or ever, summed by day, project and endpoint."""
        return await self._database.read(partial(spending.spent, since=since))

    async def unbilled(self, origin: str, since: float) -> list[Job]:
        """The jobs that FAL has taken and that ended after a moment, of which no bill is known."""
        return await self._database.read(partial(bills.unbilled, origin=origin, since=since))

    async def bill(self, job_id: str, cost: Decimal, notes: Sequence[str] = ()) -> Job:
        """Write down what FAL charged for a job, in US dollars, with notes for its history."""
        work = partial(bills.bill, job_id=job_id, cost=cost, notes=tuple(notes), at=self._clock())
        return (await self._write(work, lambda saved: (*saved.clips, saved.job))).job


class ClipBook(Book):
    """The clips that are in the library."""

    async def save(self, job_id: str, clips: Sequence[Media], ending: Ending | None = None) -> Job:
        """Keep a job's clips and end it, as saved or otherwise, in one transaction.

        Clips that are already there are left alone. The others go to the project the job belongs to by now,
        to none if that was deleted. When the database refuses one (RowRefused, DiskFull, …), none is kept
        and the job stays as it was.
        """
        work = partial(
            media.save, job_id=job_id, clips=tuple(clips), at=self._clock(), ending=ending or Ending()
        )
        return (await self._write(work, lambda saved: (*saved.clips, saved.job))).job

    async def adopt(self, job: Job, clips: Sequence[Media], *, of: int = 1) -> list[Media]:
        """Keep clips that lie in the library without a row, and their job; returns those that are new.

        The job is over once all `of` its clips are there. Raises NotAllowed and RowRefused.
        """
        work = partial(adopting.adopt, job=job, clips=tuple(clips), of=of, at=self._clock())
        return list((await self._write(work, lambda saved: (*saved.clips, saved.job))).clips)

    async def rename_clip(self, media_id: str, path: str) -> Media:
        """Say that a clip's file bears another name in the library by now. Raises RowRefused."""
        return await self._write(partial(media.rename, media_id=media_id, path=path), _itself)

    async def media(
        self,
        query: str = "",
        *,
        project_id: str | None = None,
        trashed: bool = False,
        before: tuple[float, str] | None = None,
        limit: int | None = None,
    ) -> list[Media]:
        """Clips, newest first, that hold each word of `query` in prompt, model, endpoint or tags.

        `project_id` "" means those of no project. The next page is that `before` the last clip's
        (created_at, id).
        """
        work = partial(
            media.select, query=query, project_id=project_id, trashed=trashed, before=before, limit=limit
        )
        return await self._database.read(work)

    async def page(self, scope: Scope, stretch: Stretch) -> Page:
        """Clips from one place on, newest first, and where the keys stand that were asked about."""
        return await self._database.read(partial(self._pages.page, scope=scope, stretch=stretch))

    async def clip(self, media_id: str) -> Media:
        """The clip of an id, or of 4 or more characters of its beginning or end; raises Ambiguous."""
        return await self._database.read(partial(media.find, text=media_id))

    async def clip_at(self, path: str) -> Media | None:
        """The clip whose file bears this name in the library folder."""
        return await self._database.read(partial(media.at_path, path=path))

    async def update_clip(self, media_id: str, **fields: object) -> Media:
        """Write fields of a clip: tags, rating, what probing found; the id may be shortened."""
        return await self._write(partial(media.update, media_id=media_id, values=fields), _itself)

    async def trash(self, media_id: str) -> Media:
        """Take a clip out of sight; the id may be shortened, and the file stays."""
        return await self._write(partial(media.set_trashed, media_id=media_id, at=self._clock()), _itself)

    async def restore(self, media_id: str) -> Media:
        """Take a clip out of the trash; the id may be shortened."""
        return await self._write(partial(media.set_trashed, media_id=media_id, at=None), _itself)

    async def remove(self, media_id: str) -> Media:
        """Forget a clip that is in the trash, for good; its file is the caller's to remove.

        Raises NotAllowed for one that is not in the trash.
        """
        return await self._write(partial(media.remove, media_id=media_id, at=self._clock()))

    async def counts(self, *, trashed: bool = False) -> dict[str | None, int]:
        """How many clips each project has that has any; None stands for those of no project."""
        return await self._database.read(partial(media.counts, trashed=trashed))


C = TypeVar("C", Project, Job, Media)


def _itself(record: C) -> tuple[C]:
    return (record,)


def _each(records: Sequence[C]) -> Sequence[C]:
    return records
