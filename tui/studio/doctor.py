"""What is wrong with a library: every row and file is looked at, and mended where nothing is lost by it.

A finding is a sentence; whether and how it can be mended is part of it. Nothing is ever removed that is the
only copy of something.
"""

import os
import stat
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from reelroom.fal.clean import clean
from reelroom.store.boxes import check_whole
from reelroom.store.errors import NotAVideo, NotFound, StoreError, Truncated
from reelroom.store.facts import read_facts
from reelroom.store.hashing import sha256
from reelroom.store.library import Library
from reelroom.store.records import Job, Media
from reelroom.store.refusals import os_refusals
from reelroom.store.store import Store

from .sidecar import NotASidecar, Origin, read_sidecar, sidecar
from .threads import in_thread, settled

SUFFIXES = frozenset({".mp4", ".webm"})
OTHERS = 0o077

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a sentence, and what mending it would do; None where a person has to."""

    sentence: str
    mending: str | None = None


@dataclass(frozen=True, slots=True)
class Doctor:
    """Looks at one library and its database; with `mend` it also mends what it finds.

    `told` hears how many bytes have been read of how many. With `quick` no file is read through, so that
    only its size is compared.
    """

    store: Store
    library: Library
    mend: bool = False
    quick: bool = False
    told: Callable[[int, int], None] = lambda _done, _total: None

    async def look(self) -> AsyncIterator[Finding]:
        """Every finding, as soon as it is known and, if so wanted, mended. Raises StoreError."""
        clips = {clip.path: clip for clip in await self._clips()}
        names = await self._off(self._names)
        jobs = {job.id: job for job in await self.store.jobs()}
        strangers = sorted(name for name in names if _is_clip(name) and name not in clips)
        async for finding in self._rows(clips, names, jobs, strangers):
            yield finding
        for name in strangers:
            async for finding in self._stranger(name, jobs):
                yield finding
        async for finding in self._leftovers(names, jobs):
            yield finding

    def _names(self) -> set[str]:
        with os_refusals(f"look into the folder {self.library.folder}"):
            return {path.name for path in self.library.folder.iterdir()}

    async def _clips(self) -> list[Media]:
        return [*await self.store.media(), *await self.store.media(trashed=True)]

    # Rows, and the files that they name.

    async def _rows(
        self, clips: dict[str, Media], names: set[str], jobs: dict[str, Job], strangers: list[str]
    ) -> AsyncIterator[Finding]:
        whole = sum(clip.bytes for clip in clips.values())
        done = 0
        for path, clip in clips.items():
            if path not in names:
                yield await self._missing(clip, strangers)
                continue
            if finding := await self._off(self._compare, clip):
                yield finding
            if finding := await self._beside(clip, jobs.get(clip.job_id or ""), names):
                yield finding
            done += clip.bytes
            self.told(done, whole)

    async def _missing(self, clip: Media, strangers: list[str]) -> Finding:
        """A row without its file: it may only have been renamed."""
        for name in strangers:
            if await self._off(self._is_of, clip, name):
                if self.mend:
                    await self.store.rename_clip(clip.id, name)
                    strangers.remove(name)
                return Finding(f"{clip.path} is now called {clean(name)}.", "its row takes the new name")
        return Finding(
            f"{clip.path} is gone from the library; its row and what is known of it stay. Put the file back"
            " under this name, or trash the clip."
        )

    def _is_of(self, clip: Media, name: str) -> bool:
        path = self.library.path(name)
        return path.stat().st_size == clip.bytes and sha256(path) == clip.sha256

    def _compare(self, clip: Media) -> Finding | None:
        path = self.library.path(clip.path)
        with os_refusals(f"look at {clip.path}"):
            size = path.stat().st_size
        if size != clip.bytes:
            return Finding(f"{clip.path} has {size} bytes, and had {clip.bytes} when it was saved.")
        if not self.quick and sha256(path) != clip.sha256:
            return Finding(f"{clip.path} was changed since it was saved: its SHA-256 is another.")
        return None

    async def _beside(self, clip: Media, job: Job | None, names: set[str]) -> Finding | None:
        """The sidecar: it has to be there, since the library is rebuilt from it."""
        name = Path(clip.path).with_suffix(".json").name
        trouble = "is missing" if name not in names else await self._off(self._unreadable, name, clip)
        if trouble is None:
            return None
        if job is None:
            return Finding(f"{name} {trouble}, and the job it would tell of is not known any more.")
        if self.mend:
            document = sidecar(job, clip, practice=_is_practice(clip))
            await self._off(self._write_beside, clip.path, document, name if name in names else None)
        return Finding(f"{name} {trouble}.", "it is written anew, and a damaged one kept as a dot-file")

    def _unreadable(self, name: str, clip: Media) -> str | None:
        try:
            with os_refusals(f"read {name}"):
                origin = read_sidecar(self.library.path(name).read_bytes(), clip.path)
        except NotASidecar as error:
            return f"cannot be read: {error}"
        return None if origin.clip.id == clip.id else "tells of another clip"

    def _write_beside(self, path: str, document: dict[str, object], damaged: str | None) -> None:
        if damaged is not None:
            with os_refusals(f"set {damaged} aside"):
                self.library.path(damaged).rename(self.library.path(f".{damaged}.damaged"))
        self.library.write_sidecar(path, document)
        self.library.sync_folder()

    # Files without a row.

    async def _stranger(self, name: str, jobs: dict[str, Job]) -> AsyncIterator[Finding]:
        shown = clean(name)
        promised = any(name == output.file_name for job in jobs.values() for output in job.outputs)
        if promised:
            # The engine takes it up by itself: it was killed between the file and its row.
            yield Finding(f"{shown} is whole, and its job is not finished yet: `reelroom resume` ends it.")
            return
        try:
            origin = await self._off(self._origin_of, name)
        except (NotASidecar, NotFound):
            yield Finding(f"{shown} is no clip of Reelroom's: nothing beside it says where it came from.")
            return
        except (NotAVideo, Truncated) as error:
            yield Finding(f"{shown} has no row, and is not whole: {error}")
            return
        try:
            if self.mend:
                await self.store.adopt(origin.job, [origin.clip], of=origin.of)
        except StoreError as error:
            yield Finding(f"{shown} has no row. {error}")
            return
        yield Finding(f"{shown} has no row in the database.", "the row is made anew from its sidecar")

    def _origin_of(self, name: str) -> Origin:
        beside = Path(name).with_suffix(".json").name
        with os_refusals(f"read {beside}"):
            origin = read_sidecar(self.library.path(beside).read_bytes(), name)
        return replace(origin, clip=self._as_it_is(origin.clip, self.library.path(name)))

    def _as_it_is(self, clip: Media, path: Path) -> Media:
        """What the file says of itself comes before what was written beside it."""
        check_whole(path)
        facts = read_facts(path)
        return replace(
            clip,
            sha256=sha256(path),
            bytes=path.stat().st_size,
            width=facts.width or clip.width,
            height=facts.height or clip.height,
            duration=facts.duration or clip.duration,
        )

    # What an interrupted save left.

    async def _leftovers(self, names: set[str], jobs: dict[str, Job]) -> AsyncIterator[Finding]:
        going = {output.media_id for job in jobs.values() if not job.terminal for output in job.outputs}
        going |= {job.id for job in jobs.values() if not job.terminal}
        saved = {
            output.media_id for job in jobs.values() for output in job.outputs if output.file_name in names
        }
        for name in sorted(names):
            owner = name[1:].removesuffix(".part")
            if not name.startswith(".") or not name.endswith(".part") or owner in going:
                continue
            # Of a clip that is in the library the part is only what a crash left of its making.
            if owner in saved:
                if self.mend:
                    await self._off(self.library.drop_part, owner)
                yield Finding(f"{clean(name)} is left over; its clip is in the library.", "it is removed")
            else:
                yield Finding(f"{clean(name)} is the beginning of a clip whose job has ended. It is kept.")

    async def _off(self, work: Callable[..., T], *given: object) -> T:
        """Blocking work, in a thread that is waited for."""
        return await settled(in_thread(partial(work, *given)))


def modes(paths: Sequence[Path], *, mend: bool) -> list[Finding]:
    """Files and folders that others may read, and those that belong to somebody else."""
    found = []
    for path in paths:
        try:
            status = path.lstat()
        except FileNotFoundError:
            continue
        shown = clean(str(path))
        if status.st_uid != os.geteuid():
            found.append(Finding(f"{shown} belongs to another user (id {status.st_uid})."))
        elif not stat.S_ISLNK(status.st_mode) and status.st_mode & OTHERS:
            if mend:
                with os_refusals(f"close {path} to others"):
                    path.chmod(stat.S_IMODE(status.st_mode) & ~OTHERS)
            found.append(Finding(f"{shown} may be read by other users.", "it is closed to them"))
    return found


def _is_clip(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES


def _is_practice(clip: Media) -> bool:
    return clip.origin == "sandbox" or "-sandbox-" in clip.path
