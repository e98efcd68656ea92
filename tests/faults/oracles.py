"""What must hold after a kill, and after everything was taken up again."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import av

from reelroom.store.boxes import check_whole
from reelroom.store.errors import StoreError
from reelroom.store.library import MARK

from .outside import ClipRow, JobRow, Snapshot
from .program import SECRET, Submit

Kind = Literal["second post", "lost", "twice", "unknown", "lie", "stray", "database", "left over", "key"]
VIDEOS = (".mp4", ".webm")


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How things stand after `resume`: rows and files, and what the commands print of them."""

    code: int
    jobs: list[dict[str, Any]]
    media: list[dict[str, Any]]
    left: Snapshot


def after_kill(left: Snapshot, library: Path) -> Iterator[Finding]:
    """A whole clip may have its name before its row; nothing else may be in the open, and no row lies."""
    yield from _database(left)
    yield from _strays(left, library, rows_needed=False)
    for clip in left.clips:
        yield from _lies(clip, library)


def after_resume(
    killed: Snapshot, ending: Ending, submits: Sequence[Submit], library: Path
) -> Iterator[Finding]:
    """Each request that was counted is one saved clip, or unknown where nobody can know; and nothing more."""
    left = ending.left
    yield from _database(left)
    yield from _strays(left, library, rows_needed=True)
    for clip in left.clips:
        yield from _lies(clip, library)
    yield from _unknowns(killed, ending)
    for submit in submits:
        yield from _accounted(submit, left)
    unfinished = {job.state for job in left.jobs} - {"saved", "unknown"}
    if unfinished or ending.code != ("unknown" in left.states):
        yield Finding("lost", f"resume ended with {ending.code} and jobs that are {sorted(unfinished)}")
    if sorted(str(clip["media_id"]) for clip in ending.media) != sorted(clip.id for clip in left.clips):
        yield Finding("lost", "media does not list the clips that have rows")
    hidden = sorted(name for name in left.files if name.startswith(".") and name != MARK)
    if hidden and not unfinished:
        yield Finding("left over", f"nothing is unfinished, and {hidden} are still there")


def after_all(home: Path) -> Iterator[Finding]:
    """The key is in no file: no database, no log, no sidecar, nothing that was printed."""
    for path in (home.with_name(f"{home.name}.log"), *home.rglob("*")):
        if path.is_file() and SECRET.encode() in path.read_bytes():
            yield Finding("key", f"{path.name} holds the key")


def _database(left: Snapshot) -> Iterator[Finding]:
    if left.integrity != "ok":
        yield Finding("database", left.integrity)


def _strays(left: Snapshot, library: Path, *, rows_needed: bool) -> Iterator[Finding]:
    """Names without a leading dot that are neither a whole clip nor the sidecar of one."""
    clips = {name for name in left.files if name.endswith(VIDEOS) and not name.startswith(".")}
    sidecars = {Path(name).with_suffix(".json").name for name in clips}
    for name in left.files:
        if not name.startswith(".") and name not in clips | sidecars:
            yield Finding("stray", f"{name} stands in the open")
    for name in clips - {clip.path for clip in left.clips}:
        try:
            check_whole(library / name)
        except StoreError as error:
            yield Finding("stray", f"{name} is no whole clip: {error}")
        if rows_needed:
            yield Finding("stray", f"{name} has no row")


def _lies(clip: ClipRow, library: Path) -> Iterator[Finding]:
    """A row must be true of its file and of the sidecar beside it."""
    path = library / clip.path
    try:
        data = path.read_bytes()
        sidecar = json.loads(path.with_suffix(".json").read_bytes())
        frames = _decoded(path)
    except (OSError, ValueError, av.FFmpegError) as error:
        yield Finding("lie", f"{clip.path} has a row, but {type(error).__name__}: {error}")
        return
    if (len(data), hashlib.sha256(data).hexdigest()) != (clip.bytes, clip.sha256):
        yield Finding("lie", f"{clip.path} has not the size and digest that its row says")
    if (sidecar["media_id"], sidecar["file"]["sha256"]) != (clip.id, clip.sha256):
        yield Finding("lie", f"the sidecar of {clip.path} is of another clip")
    if not frames:
        yield Finding("lie", f"{clip.path} holds no picture")


def _decoded(path: Path) -> int:
    with av.open(path) as container:
        return sum(1 for _ in container.decode(video=0))


def _unknowns(killed: Snapshot, ending: Ending) -> Iterator[Finding]:
    """Unknown is honest only where the program was killed between a POST and its answer."""
    unknown = {job.id for job in ending.left.jobs if job.state == "unknown"}
    if unknown != {job["job_id"] for job in ending.jobs if job["state"] == "unknown"}:
        yield Finding("unknown", "`jobs` does not list the jobs that are unknown")
    sending = {job.id for job in killed.jobs if job.state in {"intent", "submitting"}}
    for job_id in unknown - sending:
        yield Finding("unknown", f"job {job_id} had its answer, and is unknown")


def _accounted(submit: Submit, left: Snapshot) -> Iterator[Finding]:
    if submit.posts > 1:
        yield Finding("second post", f"{submit.endpoint} was sent {submit.posts} times for one job")
    mine = [job for job in left.jobs if _is_of(job, submit)]
    clips = Counter(clip.job_id for clip in left.clips)
    if len(mine) != 1:
        yield Finding("lost", f"{len(mine)} jobs stand for the request {submit.request_id}")
    for job in mine:
        if job.state == "saved" and (job.request_id, clips[job.id]) != (submit.request_id, 1):
            yield Finding("twice", f"job {job.id} has {clips[job.id]} clips, of request {job.request_id}")
        if job.state not in {"saved", "unknown"}:
            yield Finding("lost", f"the request {submit.request_id} was counted, and its job is {job.state}")


def _is_of(job: JobRow, submit: Submit) -> bool:
    return (job.endpoint, json.loads(job.input)) == (submit.endpoint, submit.input)
