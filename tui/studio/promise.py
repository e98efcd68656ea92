"""What a result promises, before a byte of it is fetched: names and places for each clip."""

from collections.abc import Sequence

from reelroom.fal.values import MediaFile
from reelroom.store.ids import new_id
from reelroom.store.library import file_name
from reelroom.store.records import Job, Output

from .rig import Rig


def outputs_of(rig: Rig, job: Job, files: Sequence[MediaFile]) -> tuple[Output, ...]:
    """One output for each video of a result, with the final name it will bear."""
    videos = [file for file in files if file.kind == "video"]
    return tuple(_output(rig, job, position, file) for position, file in enumerate(videos))


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
