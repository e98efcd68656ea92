"""What a result promises, before a byte of it is fetched: names and places for each clip."""

from collections.abc import Sequence
from dataclasses import replace

from reelroom.fal.values import MediaFile, Result
from reelroom.store.ids import new_id
from reelroom.store.library import file_name
from reelroom.store.records import Job, Output
from reelroom.store.states import JobState

from .rig import Rig


async def promised(rig: Rig, job: Job, result: Result, *, reopen: bool = False) -> Job:
    """Commit what a result promises: `ready`, with the final file names; `failed` where it holds no video."""
    outputs = outputs_of(rig, job, result.files)
    if not outputs:
        detail = "FAL's result holds no video."
        return await rig.store.move(job.id, JobState.FAILED, reason="no_media", detail=detail)
    seed = job.seed if result.seed is None else result.seed
    job = await rig.store.move(job.id, JobState.READY, reopen=reopen, outputs=outputs, seed=seed)
    rig.step("ready.committed")
    return job


def outputs_of(rig: Rig, job: Job, files: Sequence[MediaFile]) -> tuple[Output, ...]:
    """One output for each video of a result; one that was promised before keeps its id and name."""
    known = {output.position: output for output in job.outputs}
    return tuple(
        replace(known[position], url=file.url) if position in known else _output(rig, job, position, file)
        for position, file in enumerate(videos(files))
    )


def videos(files: Sequence[MediaFile]) -> list[MediaFile]:
    """The files that are clips."""
    return [file for file in files if file.kind == "video"]


def _output(rig: Rig, job: Job, position: int, file: MediaFile) -> Output:
    now = rig.clock.now()
    media_id = new_id(now)
    suffix = ".webm" if _is_webm(file) else ".mp4"
    return Output(
        media_id=media_id,
        position=position,
        url=file.url,
        file_name=file_name(job.prompt, media_id, now, suffix, sandbox=practice(rig, file.url)),
        content_type=file.content_type,
        size=file.size,
    )


def practice(rig: Rig, url: str) -> bool:
    """Whether a clip comes from a sandbox: our own child, or one that serves at the given base."""
    return rig.sandbox or (rig.fal.hosts.loopback and "/files/sandbox/" in url)


def _is_webm(file: MediaFile) -> bool:
    return file.content_type == "video/webm" or file.url.partition("?")[0].lower().endswith(".webm")
