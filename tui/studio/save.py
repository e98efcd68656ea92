"""From a result to clips in the library: file first, row last, so that the library never lies."""

import logging
from dataclasses import replace
from pathlib import Path

from reelroom.fal.errors import BadDownload, Failed, ForeignAddress, LinkRefused, NoMedia, NotFound
from reelroom.fal.values import Result
from reelroom.store.records import Ending, Job, Media, Output
from reelroom.store.states import JobState

from .download import Whole, adopt, download
from .follow import fetch_result, listed_result
from .promise import practice, videos
from .rig import Rig
from .sidecar import sidecar
from .threads import in_thread, settled

log = logging.getLogger(__name__)


class Lost(Exception):
    """A clip that cannot be had: how the job ends without it."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.detail)
        self.ending = ending


async def save(rig: Rig, job: Job) -> Job:
    """Fetch every clip of the result, then commit their rows and the ending in one transaction.

    A clip that cannot be had is said in the ending; those that came are kept all the same.
    """
    if job.state is JobState.READY:
        job = await rig.store.move(job.id, JobState.DOWNLOADING)
        rig.step("downloading.committed")
    media: list[Media] = []
    ending = Ending()
    for output in job.outputs:
        try:
            media.append(await _bring(rig, job, output))
        except Lost as lost:
            ending = lost.ending
    rig.step("saved.begin")
    job = await rig.with_room(job, lambda: rig.store.save(job.id, media, ending))
    rig.step("saved.committed")
    return job


async def _bring(rig: Rig, job: Job, output: Output) -> Media:
    """One clip: from the library if it is there, else from the media host, and its sidecar."""
    tries = _Tries(rig, job, output)

    async def once() -> Media:
        whole = await adopt(rig, output) or await tries.download()
        media = _media(rig, job, output, whole)
        await settled(in_thread(_publish, rig, job, output, media))
        return media

    return await rig.with_room(job, once)


def _publish(rig: Rig, job: Job, output: Output, media: Media) -> None:
    library = rig.library
    part = library.part_path(output.media_id)
    # A crash while it was renamed leaves both names: publishing again takes the hidden one away.
    if library.exists(part.name) or not library.exists(output.file_name):
        library.publish(part, output.file_name)
        rig.step("renamed")
    if library.exists(Path(output.file_name).with_suffix(".json").name):
        library.drop_unfinished_sidecar(output.file_name)
    else:
        library.write_sidecar(output.file_name, sidecar(job, media, practice=practice(rig, output.url)))
        rig.step("sidecar.written")
    library.sync_folder()
    rig.step("folder.synced")


class _Tries:
    """Downloads one clip until it is whole, gone for good, or has come wrong too often."""

    def __init__(self, rig: Rig, job: Job, output: Output) -> None:
        self._rig = rig
        self._job = job
        self._id = output.media_id
        self._waits = rig.pace.retries()
        self._bad = 0
        self._refused = 0

    async def download(self) -> Whole:
        """The whole clip in its part; raises Lost, and StoreError where the disk does not take it."""
        while True:
            try:
                return await self._rig.ask(self._job, self._attempt)
            except LinkRefused as error:
                await self._renew_link(error)
            except BadDownload as error:
                await self._came_wrong(error)
            except (ForeignAddress, NotFound) as error:
                raise self._lost(JobState.FAILED, "foreign_address", error) from error
            await self._rig.pause(self._job.id, next(self._waits))

    async def _attempt(self) -> Whole:
        """One try, with the link and the ETag as the store has them now."""
        now = await self._rig.store.job(self._job.id)
        output = next(one for one in now.outputs if one.media_id == self._id)
        return await download(self._rig, now, output, hinted=self._bad < self._rig.pace.bad_downloads - 1)

    async def _came_wrong(self, error: BadDownload) -> None:
        self._bad += 1
        log.warning("job %s: download %d came wrong: %s", self._job.id, self._bad, error)
        await self._rig.store.note(self._job.id, "note", [str(error)])
        if self._bad >= self._rig.pace.bad_downloads:
            raise self._lost(JobState.FAILED, "not_a_video", error) from error

    async def _renew_link(self, error: LinkRefused) -> None:
        """Read the result again: FAL may hand out a fresh link for the same clip."""
        self._refused += 1
        log.warning("job %s: the link was refused: %s", self._job.id, error)
        if self._refused >= self._rig.pace.refused_links or self._job.request_id is None:
            raise self._lost(JobState.EXPIRED, "link_refused", error) from error
        try:
            files = videos((await self._result_anew()).files)
        except (Failed, NoMedia, NotFound) as gone:
            raise self._lost(JobState.EXPIRED, "link_refused", error) from gone
        now = await self._rig.store.job(self._job.id)
        await self._take_links(now, [file.url for file in files])

    async def _result_anew(self) -> Result:
        try:
            return await fetch_result(self._rig, self._job)
        except NotFound:
            # The queue keeps a result for an hour, the listing for longer.
            listed = await listed_result(self._rig, self._job)
            if listed is None:
                raise
            return listed

    async def _take_links(self, job: Job, urls: list[str]) -> None:
        renewed = []
        for output in job.outputs:
            known = output.position < len(urls)
            if output.media_id != self._id or not known or urls[output.position] == output.url:
                renewed.append(output)
                continue
            if output.etag is None:
                # Nothing says that the bytes at hand are of the same file.
                await settled(in_thread(self._rig.library.drop_part, self._id))
            renewed.append(replace(output, url=urls[output.position]))
        await self._rig.store.update(job.id, outputs=tuple(renewed))
        self._rig.step("link.renewed")

    def _lost(self, state: JobState, reason: str, error: Exception) -> Lost:
        return Lost(Ending(state=state, reason=reason, detail=str(error)))


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
