"""What is said about a job: where it stands, what happens next, and what a person can do. Pure functions.

The texts of FAL and of people that are woven in were cleaned where they entered.
"""

from typing import Final

from reelroom.store.reasons import Charged
from reelroom.store.records import Job, Media
from reelroom.store.states import JobState

from . import words
from .studio.progress import Progress
from .ways import way_of

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


def facts(job: Job, progress: Progress | None, clip: Media | None, now: float) -> tuple[str, ...]:
    """Where a job stands, in parts that are dropped from the end where there is no room."""
    if job.hold_up is not None and not job.terminal:
        return (why(job),)
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
            return (when_cancelled(job), charged(job))
        case JobState.DISMISSED:
            return ("put away by you",)
        case JobState.UNKNOWN:
            return (job.detail or "no answer to the request",)
        case _:
            return (why(job),)


def why(job: Job) -> str:
    """Why a job ended or waits: what was said of it in particular, else what its reason means."""
    return job.detail or (job.why.sentence if job.why else "no word from FAL")


def when_cancelled(job: Job) -> str:
    """`before it started`: how far a job had come that was cancelled."""
    said = job.why.sentence if job.why else "Cancelled as you asked."
    return said.removeprefix("Cancelled ").removesuffix(".")


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
    if job.terminal and job.why is not None and job.why.charged is not Charged.MAYBE:
        return f"charged {words.job_price(job)}" if job.why.charged is Charged.YES else "nothing charged"
    return "may have been charged"


def next_step(job: Job, here: str | None = None) -> str:
    """What happens next with a job that has not ended. `here` is the origin that is worked for now."""
    if here is not None and job.origin != here:
        return f"It {needs(job.origin)}, and waits for that."
    if job.hold_up is not None:
        return way_of(job).command
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
    return way_of(job).command


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
