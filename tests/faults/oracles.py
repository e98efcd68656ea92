"""What must hold after a kill, and after everything was taken up again."""

import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import av

from reelroom.store.boxes import check_whole
from reelroom.store.errors import StoreError
from reelroom.store.library import MARK
from reelroom.store.states import TERMINAL, JobState, allowed

from .outside import ClipRow, JobRow, Snapshot
from .program import SECRET, Submit

Kind = Literal[
    "second post",
    "lost",
    "twice",
    "unknown",
    "lie",
    "stray",
    "database",
    "left over",
    "key",
    "unannounced",
    "backwards",
    "silent",
    "raw",
]
FINE = frozenset({"saved", "unknown"})
"""The states that a job may have once everything was taken up."""
VIDEOS = (".mp4", ".webm")
SENDING = ("intent", "submitting")


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


def after_kill(left: Snapshot, library: Path, submits: Sequence[Submit] = ()) -> Iterator[Finding]:
    """A whole clip may have its name before its row; nothing else may be in the open, and no row lies.

    What FAL has counted by then was committed as being sent before (I6).
    """
    yield from _database(left)
    yield from _once(left)
    for submit in submits:
        if not any(_is_of(job, submit) and job.state != "intent" for job in left.jobs):
            yield Finding("unannounced", f"{submit.request_id} was sent, and no row says so")
    yield from _strays(left, library, rows_needed=False)
    for clip in left.clips:
        yield from _lies(clip, library)


def after_resume(
    kills: Sequence[Snapshot],
    ending: Ending,
    submits: Sequence[Submit],
    library: Path,
    fine: frozenset[str] = FINE,
) -> Iterator[Finding]:
    """Each request that was counted is one saved clip, or unknown where nobody can know; and nothing more."""
    left = ending.left
    yield from _database(left)
    yield from _once(left)
    for killed in kills:
        yield from _backwards(killed, left)
    yield from _strays(left, library, rows_needed=True)
    for clip in left.clips:
        yield from _lies(clip, library)
    yield from _unknowns(kills, ending)
    for submit in submits:
        yield from _accounted(submit, left, fine)
    unfinished = {job.state for job in left.jobs} - fine
    if unfinished or (fine == FINE and ending.code != ("unknown" in left.states)):
        yield Finding("lost", f"resume ended with {ending.code} and jobs that are {sorted(unfinished)}")
    if sorted(str(clip["media_id"]) for clip in ending.media) != sorted(clip.id for clip in left.clips):
        yield Finding("lost", "media does not list the clips that have rows")
    hidden = sorted(name for name in left.files if name.startswith(".") and name != MARK)
    # Without its mark the library was never begun: the next job writes it anew.
    if hidden and not unfinished and MARK in left.files:
        yield Finding("left over", f"nothing is unfinished, and {hidden} are still there")


def after_all(home: Path) -> Iterator[Finding]:
    """The key is in no file: no database, no log, no sidecar, nothing that was printed (I12).

    What was printed holds no control character and nothing that turns the writing direction round (I13).
    """
    talk = home.with_name(f"{home.name}.log")
    for character in set(talk.read_bytes().decode()) - {"\n"}:
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"}:
            yield Finding("raw", f"{character!r} was printed")
    for path in (talk, *home.rglob("*")):
        if path.is_file() and SECRET.encode() in path.read_bytes():
            yield Finding("key", f"{path.name} holds the key")


def _once(left: Snapshot) -> Iterator[Finding]:
    """No request belongs to two jobs, and no file to two clips (I5); states moved along their edges (I7)."""
    requests = Counter(job.request_id for job in left.jobs if job.request_id)
    paths = Counter(clip.path for clip in left.clips)
    for name, count in (requests + paths).items():
        if count > 1:
            yield Finding("twice", f"{name} stands in {count} rows")
    for job_id, states in left.history.items():
        for old, new in pairwise(states):
            if not allowed(JobState(old), JobState(new)):
                yield Finding("backwards", f"job {job_id} went from {old} to {new}")


def _backwards(before: Snapshot, after: Snapshot) -> Iterator[Finding]:
    """An ending stays what it is, and no row that was there is gone (I7)."""
    now = {job.id: job.state for job in after.jobs}
    for job in before.jobs:
        if job.id not in now or (job.state in TERMINAL and now[job.id] != job.state):
            yield Finding("backwards", f"job {job.id} was {job.state}, and is {now.get(job.id, 'gone')}")
    for clip in set(before.clips) - set(after.clips):
        yield Finding("backwards", f"the row of {clip.path} is gone, or another")


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


def _unknowns(kills: Sequence[Snapshot], ending: Ending) -> Iterator[Finding]:
    """Unknown is honest only where the program was killed between a POST and its answer, and says why."""
    unknown = {job.id for job in ending.left.jobs if job.state == "unknown"}
    if unknown != {job["job_id"] for job in ending.jobs if job["state"] == "unknown"}:
        yield Finding("unknown", "`jobs` does not list the jobs that are unknown")
    sending = {job.id for killed in kills for job in killed.jobs if job.state in {*SENDING, "unknown"}}
    for job in ending.left.jobs:
        if job.state == "unknown" and not (job.reason and job.detail):
            yield Finding("silent", f"job {job.id} is unknown, and nothing says why")
    for job_id in unknown - sending:
        yield Finding("unknown", f"job {job_id} had its answer, and is unknown")


def _accounted(submit: Submit, left: Snapshot, fine: frozenset[str]) -> Iterator[Finding]:
    if submit.posts > 1:
        yield Finding("second post", f"{submit.endpoint} was sent {submit.posts} times for one job")
    mine = [job for job in left.jobs if _is_of(job, submit)]
    clips = Counter(clip.job_id for clip in left.clips)
    if len(mine) != 1:
        yield Finding("lost", f"{len(mine)} jobs stand for the request {submit.request_id}")
    for job in mine:
        if job.state == "saved" and (job.request_id, clips[job.id]) != (submit.request_id, 1):
            yield Finding("twice", f"job {job.id} has {clips[job.id]} clips, of request {job.request_id}")
        if job.state == "unknown":
            yield Finding("lost", f"the listing shows {submit.request_id}, and its job is still unknown")
        if job.state not in fine:
            yield Finding("lost", f"the request {submit.request_id} was counted, and its job is {job.state}")


def unfound(submits: Sequence[Submit], left: Snapshot) -> bool:
    """Whether a request that was counted is unknown: it may have come just after it was looked for."""
    return any(_is_of(job, one) for one in submits for job in left.jobs if job.state == "unknown")


def _is_of(job: JobRow, submit: Submit) -> bool:
    return (job.endpoint, json.loads(job.input)) == (submit.endpoint, submit.input)
