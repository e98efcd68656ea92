"""What is wrong with a library: every row and file is looked at, and mended where nothing is lost by it.

A finding is a sentence; whether and how it can be mended is part of it. Nothing is ever removed that is the
only copy of something.
"""

import os
import stat
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from reelroom.fal.clean import clean
from reelroom.store.boxes import check_whole
from reelroom.store.errors import NotAVideo, NotFound, NotWritable, StoreError, Truncated
from reelroom.store.facts import read_facts
from reelroom.store.hashing import sha256
from reelroom.store.library import Library
from reelroom.store.records import Job, Media
from reelroom.store.refusals import os_refusals
from reelroom.store.store import Store

from .sidecar import LARGEST, NotASidecar, Origin, read_sidecar, sidecar
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
        promised = {output.file_name for job in jobs.values() if not job.terminal for output in job.outputs}
        async for finding in self._rows(clips, names, jobs, strangers):
            yield finding
        for name in strangers:
            if found := await self._stranger(name, promised):
                yield found
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
        sizes = await self._off(self._sizes, strangers) if clips.keys() - names else {}
        for path, clip in clips.items():
            if path not in names:
                yield await self._missing(clip, strangers, sizes.get(clip.bytes, []))
                continue
            if finding := await self._off(self._compare, clip):
                yield finding
            if finding := await self._beside(clip, jobs.get(clip.job_id or ""), names):
                yield finding
            done += clip.bytes
            self.told(done, whole)

    def _sizes(self, names: Sequence[str]) -> dict[int, list[str]]:
        """The plain files among them, by size: no other can be a clip that was renamed."""
        found: dict[int, list[str]] = {}
        for name in names:
            with suppress(StoreError):
                found.setdefault(_size(self.library.path(name)), []).append(name)
        return found

    async def _missing(self, clip: Media, strangers: list[str], alike: list[str]) -> Finding:
        """A row without its file: it may only have been renamed."""
        for name in alike:
            try:
                if name not in strangers or await self._off(_digest, self.library.path(name)) != clip.sha256:
                    continue
                if self.mend:
                    await self.store.rename_clip(clip.id, name)
            except StoreError:
                continue
            strangers.remove(name)
            return Finding(f"{clip.path} is now called {clean(name)}.", "its row takes the new name")
        return Finding(
            f"{clip.path} is gone from the library; its row and what is known of it stay. Put the file back"
            " under this name, or trash the clip."
        )

    def _compare(self, clip: Media) -> Finding | None:
        try:
            path = self.library.path(clip.path)
            size = _size(path)
            if size != clip.bytes:
                return Finding(f"{clip.path} has {size} bytes, and had {clip.bytes} when it was saved.")
            if not self.quick and _digest(path) != clip.sha256:
                return Finding(f"{clip.path} was changed since it was saved: its SHA-256 is another.")
        except StoreError as error:
            return Finding(str(error))
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
            origin = read_sidecar(_text(self.library.path(name)), clip.path)
        except (NotASidecar, StoreError) as error:
            return f"cannot be read: {error}"
        return None if origin.clip.id == clip.id else "tells of another clip"

    def _write_beside(self, path: str, document: dict[str, object], damaged: str | None) -> None:
        if damaged is not None:
            with os_refusals(f"set {damaged} aside"):
                self.library.path(damaged).rename(self.library.path(f".{damaged}.damaged"))
        self.library.write_sidecar(path, document)
        self.library.sync_folder()

    # Files without a row.

    async def _stranger(self, name: str, promised: set[str]) -> Finding | None:
        shown = clean(name)
        if name in promised:
            # The engine takes it up by itself: it was killed between the file and its row.
            return Finding(f"{shown} is whole, and its job is not finished yet: `reelroom resume` ends it.")
        try:
            await self._off(_size, self.library.path(name))
            origin = await self._off(self._origin_of, name)
        except (NotASidecar, NotFound):
            return Finding(f"{shown} is no clip of Reelroom's: nothing beside it says where it came from.")
        except (NotAVideo, Truncated) as error:
            return Finding(f"{shown} has no row, and is not whole: {error}")
        except StoreError as error:
            return Finding(str(error))
        return await self._adopt(origin, name)

    async def _adopt(self, origin: Origin, name: str) -> Finding | None:
        shown = clean(name)
        try:
            if await self.store.clip_at(name) is not None:
                # It came home while the doctor looked around.
                return None
            if self.mend:
                await self.store.adopt(origin.job, [origin.clip], of=origin.of)
        except StoreError as error:
            return Finding(f"{shown} has no row. {error}")
        return Finding(f"{shown} has no row in the database.", "the row is made anew from its sidecar")

    def _origin_of(self, name: str) -> Origin:
        origin = read_sidecar(_text(self.library.path(name).with_suffix(".json")), name)
        with os_refusals(f"read {clean(name)}"):
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


def _size(path: Path) -> int:
    """The bytes of a plain file; raises NotWritable for anything else, which may never end to be read."""
    with os_refusals(f"look at {clean(path.name)}"):
        status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise NotWritable(f"{clean(path.name)} is no plain file; it is left alone.")
    return status.st_size


def _digest(path: Path) -> str:
    with os_refusals(f"read {clean(path.name)}"):
        return sha256(path)


def _text(path: Path) -> bytes:
    _size(path)
    with os_refusals(f"read {clean(path.name)}"), path.open("rb") as file:
        return file.read(LARGEST + 1)


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
