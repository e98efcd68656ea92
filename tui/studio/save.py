"""From a result to clips in the library: file first, row last, so that the library never lies."""

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from reelroom.fal.errors import BadDownload, FalError, ForeignAddress, LinkRefused
from reelroom.fal.replies import read_result
from reelroom.fal.values import MediaFile
from reelroom.store.errors import NameTaken, NotAllowed, NotFound, NotWritable, PartInUse, StoreError
from reelroom.store.records import Job, Media, Output
from reelroom.store.states import HoldUp, JobState

from .download import Whole, adopt, download
from .follow import ticket_of
from .promise import practice
from .rig import Rig, T
from .sidecar import sidecar
from .threads import in_thread, settled

log = logging.getLogger(__name__)


class Ended(Exception):
    """The job has come to an ending while it was being saved."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.state)
        self.job = job


async def save(rig: Rig, job: Job) -> Job:
    """Fetch every clip of the result, then commit their rows and `saved` in one transaction."""
    if job.state is JobState.READY:
        job = await rig.store.move(job.id, JobState.DOWNLOADING)
        rig.step("downloading.committed")
    try:
        media = [await _bring(rig, job, output) for output in job.outputs]
    except Ended as ended:
        return ended.job
    rig.step("saved.begin")
    job = await _with_room(rig, job, lambda: rig.store.save(job.id, media))
    rig.step("saved.committed")
    return job


async def _bring(rig: Rig, job: Job, output: Output) -> Media:
    whole = await _with_room(rig, job, lambda: adopt(rig, output)) or await _download(rig, job, output)
    media = _media(rig, job, output, whole)

    async def settle() -> None:
        await settled(in_thread(_publish, rig, job, output, media))

    await _with_room(rig, job, settle)
    return media


def _publish(rig: Rig, job: Job, output: Output, media: Media) -> None:
    library = rig.library
    part = library.part_path(output.media_id)
    # A crash while it was renamed leaves both names: publishing again takes the hidden one away.
    if library.exists(part.name) or not library.exists(output.file_name):
        library.publish(part, output.file_name)
        rig.step("renamed")
    if not library.exists(Path(output.file_name).with_suffix(".json").name):
        library.write_sidecar(output.file_name, sidecar(job, media, practice=practice(rig, output.url)))
        rig.step("sidecar.written")
    library.sync_folder()
    rig.step("folder.synced")


async def _download(rig: Rig, job: Job, output: Output) -> Whole:
    """Download until it is whole; ends the job where the file is gone, or stays wrong."""
    waits = rig.pace.retries()
    bad = 0
    refreshed = False
    while True:
        try:
            return await _with_room(rig, job, lambda: rig.ask(job, lambda: _attempt(rig, job, output)))
        except LinkRefused as error:
            if refreshed:
                await _end(rig, job, JobState.EXPIRED, "link_refused", error)
            refreshed = True
            await _refresh(rig, job, output, error)
        except BadDownload as error:
            bad += 1
            log.warning("job %s: download %d came wrong: %s", job.id, bad, error)
            await rig.store.note(job.id, "note", [str(error)])
            if bad >= rig.pace.bad_downloads:
                await _end(rig, job, JobState.FAILED, "not_a_video", error)
            await rig.pause(job.id, next(waits))
        except ForeignAddress as error:
            await _end(rig, job, JobState.FAILED, "foreign_address", error)


async def _attempt(rig: Rig, job: Job, output: Output) -> Whole:
    """One try, with the link and the ETag as the store has them now."""
    now = await rig.store.job(job.id)
    return await download(rig, now, next(one for one in now.outputs if one.media_id == output.media_id))


async def _end(rig: Rig, job: Job, state: JobState, reason: str, error: Exception) -> NoReturn:
    raise Ended(await rig.store.move(job.id, state, reason=reason, detail=str(error))) from error


async def _refresh(rig: Rig, job: Job, output: Output, refused: LinkRefused) -> None:
    """Read the result again: FAL may hand out a fresh link for the same clip."""
    files = await _read_again(rig, job)
    if output.position >= len(files):
        await _end(rig, job, JobState.EXPIRED, "link_refused", refused)
    now = await rig.store.job(job.id)
    outputs = tuple(
        replace(one, url=files[one.position].url, etag=None) if one.media_id == output.media_id else one
        for one in now.outputs
    )
    await rig.store.update(job.id, outputs=outputs)


async def _read_again(rig: Rig, job: Job) -> list[MediaFile]:
    """The videos of the result as FAL gives it now; none where it is gone."""
    if job.request_id is None:
        return []
    ticket = ticket_of(rig, job)
    reply = await rig.ask(job, lambda: rig.fal.result(ticket, spill=rig.spill(job)))
    try:
        result = read_result(reply, sent=json.loads(job.input))
    except FalError as error:
        log.warning("job %s: the result could not be read again: %s", job.id, error)
        return []
    return [file for file in result.files if file.kind == "video"]


async def _with_room(rig: Rig, job: Job, work: Callable[[], Awaitable[T]]) -> T:
    """Do work that needs the disk; a full or forbidden disk holds the job up until it is mended."""
    held = False
    while True:
        try:
            done = await work()
        except NotAllowed:
            raise
        except (NotWritable, NotFound, NameTaken, PartInUse) as error:
            await _held(rig, job, HoldUp.PERMISSION, str(error))
        except StoreError as error:
            await _held(rig, job, HoldUp.DISK, str(error))
        else:
            if held:
                await rig.store.hold(job.id, None)
            return done
        held = True
        await rig.pause(job.id, rig.pace.disk_check)


async def _held(rig: Rig, job: Job, hold_up: HoldUp, detail: str) -> None:
    log.warning("job %s is held up by %s: %s", job.id, hold_up, detail)
    try:
        await rig.store.hold(job.id, hold_up, detail)
    except StoreError as error:
        # A full disk may refuse this too; the wait goes on, and the screen still has the last state.
        log.warning("job %s: the hold-up could not be recorded: %s", job.id, error)


def _media(rig: Rig, job: Job, output: Output, whole: Whole) -> Media:
    facts = whole.facts
    return Media(
        id=output.media_id,
        job_id=job.id,
        position=output.position,
        origin=job.origin,
        kind=output.kind,
        path=output.file_name,
        sha256=whole.sha256,
        bytes=whole.bytes,
        created_at=rig.clock.now(),
        project_id=job.project_id,
        width=facts.width,
        height=facts.height,
        duration=facts.duration,
        fps=facts.fps,
        codec=facts.codec,
        has_audio=facts.has_audio,
        prompt=job.prompt,
        endpoint=job.endpoint,
        model=job.model,
        seed=job.seed,
        cost=job.cost,
        request_id=job.request_id,
    )
