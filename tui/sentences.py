"""What is said about a job: where it stands, what happens next, and what a person can do. Pure functions.

The texts of FAL and of people that are woven in were cleaned where they entered.
"""

from typing import Final

from reelroom.store.records import Job, Media
from reelroom.store.states import REREADABLE, HoldUp, JobState

from . import words
from .studio.progress import Progress

"""Endings after which reading FAL's reply again may still bring the clip."""

_NEXT: Final = {
    JobState.INTENT: "It was not sent yet. `reelroom resume` sends it, `reelroom dismiss {id}` puts it away.",
    JobState.SUBMITTING: "Waiting for FAL's answer to the request.",
    JobState.UNKNOWN: (
        "It may have been charged, so it is not sent again."
        " `reelroom resume` looks again, `reelroom dismiss {id}` puts it away."
    ),
    JobState.QUEUED: "It starts when its turn comes at FAL, and is saved when it is done.",
    JobState.RUNNING: "It is saved when FAL is done.",
    JobState.CANCELLING: "FAL was asked to cancel it. If it finishes first, it is saved, and charged.",
    JobState.READY: "FAL is done. The download comes next.",
    JobState.DOWNLOADING: "It goes on where it stands, also after a break.",
}

_FREE: Final = {
    HoldUp.DISK: "Nothing is lost. Once there is room, `reelroom resume` goes on.",
    HoldUp.NETWORK: "Nothing is lost. `reelroom resume` asks FAL again, and goes on.",
    HoldUp.AUTH: "Nothing is lost. `reelroom key set` changes the key, then `reelroom resume` goes on.",
    HoldUp.PERMISSION: "Nothing is lost. Once the folder may be written to, `reelroom resume` goes on.",
}

_CANCELLED: Final = {
    "never_sent": "before it was sent",
    "before_start": "before it started",
    "while_running": "while it was running",
}


def facts(job: Job, progress: Progress | None, clip: Media | None, now: float) -> tuple[str, ...]:
    """Where a job stands, in parts that are dropped from the end where there is no room."""
    if job.hold_up is not None and not job.terminal:
        return (job.detail or _FREE[job.hold_up],)
    if job.terminal or job.state is JobState.UNKNOWN:
        return ending(job, clip)
    return _working(job, progress, now - job.state_since)


def _working(job: Job, progress: Progress | None, seconds: float) -> tuple[str, ...]:
    since = (words.running_time(seconds),) if seconds >= 1 else ()
    said = (progress.log,) if progress and progress.log else ()
    return {
        JobState.INTENT: (job.detail or "not sent yet",),
        JobState.SUBMITTING: ("the request is on its way", *since),
        JobState.QUEUED: (_place(progress), *since),
        JobState.RUNNING: (*since, *said),
        JobState.CANCELLING: (
            " ".join(("asked FAL", *since, "ago" if since else "just now")),
            "may still finish",
        ),
        JobState.READY: ("FAL is done", "the download comes next"),
        JobState.DOWNLOADING: download(progress) or since,
    }[job.state]


def ending(job: Job, clip: Media | None) -> tuple[str, ...]:
    """How a job ended, or why no one knows."""
    match job.state:
        case JobState.SAVED:
            return about(clip) if clip else ("in the library",)
        case JobState.CANCELLED:
            return (_CANCELLED.get(job.reason or "", "as you asked"), charged(job))
        case JobState.DISMISSED:
            return ("put away by you",)
        case JobState.UNKNOWN:
            return (job.detail or "no answer to the request",)
        case _:
            return (job.detail or job.reason or "no word from FAL",)


def download(progress: Progress | None) -> tuple[str, ...]:
    """`8.2 of 12.4 MB`, `3.1 MB/s`, `1 s left`: what is known of them."""
    if progress is None or progress.done is None:
        return ()
    if progress.total is None:
        parts = [words.size(progress.done)]
    else:
        parts = [words.sizes(progress.done, progress.total)]
    if progress.rate:
        parts.append(words.rate(progress.rate))
        if progress.total is not None:
            parts.append(f"{words.running_time((progress.total - progress.done) / progress.rate)} left")
    return tuple(parts)


def about(clip: Media) -> tuple[str, ...]:
    """`720p`, `5.0 s`, `9.8 MB`: what the file says of itself."""
    parts = []
    if clip.width and clip.height:
        parts.append(f"{min(clip.width, clip.height)}p")
    if clip.duration is not None:
        parts.append(words.clip_length(clip.duration))
    return (*parts, words.size(clip.bytes))


def charged(job: Job) -> str:
    """Whether FAL charged for a job, as far as anyone here can know."""
    if job.billed is False or job.submitted_at is None:
        return "nothing charged"
    if job.billed is True or job.cost is not None:
        return f"charged {words.job_price(job)}"
    return "may have been charged"


def next_step(job: Job, here: str | None = None) -> str:
    """What happens next with a job that has not ended. `here` is the origin that is worked for now."""
    if here is not None and job.origin != here:
        return f"It {needs(job.origin)}, and waits for that."
    if job.hold_up is not None:
        return _FREE[job.hold_up]
    return _NEXT[job.state].format(id=words.short_id(job.id))


def needs(origin: str) -> str:
    """What a job of this origin cannot go on without."""
    if origin == "sandbox":
        return "needs the sandbox"
    if origin.startswith("fal:"):
        return f"needs the key {origin.removeprefix('fal:')}"
    return f"needs {origin}"


def way_out(job: Job) -> str:
    """What a person can do about a bad ending."""
    if job.state in {JobState.FAILED, JobState.EXPIRED} and job.reason in REREADABLE:
        return f"`reelroom retry {words.short_id(job.id)}` reads FAL's reply again, and never pays."
    if job.state is JobState.REJECTED and job.reason == "auth":
        return "`reelroom key set` changes the key; then generate it again."
    if job.state is JobState.REJECTED and job.reason in {"balance", "locked"}:
        return "See to the account at fal.ai/dashboard/billing; then generate it again."
    if job.state is JobState.REJECTED:
        return "Change what FAL names; then generate it again."
    return "Generating it again makes a new, paid job."


def last_words(job: Job) -> list[str]:
    """What a person has to know of a job that did not become a clip."""
    request = f"Request {job.request_id}" if job.request_id else "FAL gave it no request id"
    if not job.terminal:
        return [f"{request}. {next_step(job)}"]
    if job.state.value in {"saved", "cancelled", "dismissed"}:
        return []
    return [f"{request}, {charged(job)}. {way_out(job)}"]


def _place(progress: Progress | None) -> str:
    if progress is None or progress.position is None:
        return "in FAL's line"
    return f"{words.ordinal(progress.position + 1)} in line"
