"""What the screen says about a job: where it stands, what comes next, by when. Pure functions, no markup."""

from collections.abc import Iterator
from typing import Final

from reelroom.store.reasons import Then
from reelroom.store.records import Job, Media
from reelroom.store.states import JobState
from reelroom.tui import sentences, words
from reelroom.tui.standing import elsewhere, unsent
from reelroom.tui.studio.progress import Progress
from reelroom.tui.ways import way_of

from .job_endings import ended
from .told import Told, UsualTime, line, shorter

KEPT_FOR: Final = 7 * words.DAY
"""Seconds that FAL keeps a finished file at least (its documentation on media expiration)."""


_NEXT: Final = {
    JobState.INTENT: "It is sent by itself as soon as FAL takes it. Nothing is paid yet; x takes it back.",
    JobState.SUBMITTING: "FAL's answer is written down as soon as it comes. Leaving waits for it.",
    JobState.UNKNOWN: (
        "FAL did not answer. It may have been charged, so it is not sent again. D puts it away."
    ),
}


def describe(
    job: Job,
    progress: Progress | None,
    usual: UsualTime | None,
    now: float,
    *,
    clip: Media | None = None,
    origin: str | None = None,
    sender: str | None = None,
) -> Told:
    """What is said about a job. `origin` and `sender` are the present ones; None where that plays no part."""
    if elsewhere(job, origin):
        needs = sentences.needs(job.origin)
        return Told((needs,), f"It {needs}, and waits for that. Nothing is lost.")
    if job.terminal:
        return ended(job, clip)
    if job.hold_up is not None or (job.why is not None and job.state is not JobState.UNKNOWN):
        return Told(shorter(line(sentences.why(job)), _age(job, now)), _waits(job))
    if unsent(job, sender):
        price = (
            f"for {words.price(job.estimate, about=True)}"
            if job.estimate is not None
            else "at an unknown price"
        )
        return Told(
            (f"never sent · {words.age(job.created_at, now)}", "never sent"),
            f"It was made before and never sent. s sends it {price}, D puts it away.",
        )
    return Told(tuple(_standing(job, progress, usual, now)), _next(job, progress, usual, now))


def _standing(job: Job, progress: Progress | None, usual: UsualTime | None, now: float) -> Iterator[str]:
    """The wordings for a job that is worked on, from long to short."""
    since = words.running_time(now - job.state_since)
    match job.state:
        case JobState.INTENT:
            yield from ("sends when a slot is free", "sends next")
        case JobState.SUBMITTING:
            yield from (f"the request is on its way · {since}", since)
        case JobState.UNKNOWN:
            yield from (f"no answer to the request · {since}", "no answer", since)
        case JobState.QUEUED:
            place = _place(progress)
            yield from (f"{place} · {since}", place)
        case JobState.RUNNING:
            yield from _running(usual, now - job.state_since)
        case JobState.CANCELLING:
            yield from (f"asked FAL {since} ago · may still finish", f"asked {since} ago")
        case JobState.READY:
            yield from ("FAL is done · the download comes next", "FAL is done")
        case _:
            yield from shorter(*(sentences.download(progress) or (since,)))


def _running(usual: UsualTime | None, elapsed: float) -> tuple[str, ...]:
    since = words.running_time(elapsed)
    if usual is None:
        return (f"{since} · no history yet", since)
    if elapsed > usual.p90:
        return (f"{since} · longer than the usual {usual}", f"{since} · usually {usual}", f"{since}, slow")
    return (f"{since} · usually {usual}", since)


def _place(progress: Progress | None) -> str:
    if progress is None or progress.position is None:
        return "in FAL's line"
    return f"{words.ordinal(progress.position + 1)} in line"


def _next(job: Job, progress: Progress | None, usual: UsualTime | None, now: float) -> str:
    """What happens next with a job that is worked on, and by when."""
    match job.state:
        case JobState.QUEUED:
            takes = f" It usually takes {usual} from there." if usual else ""
            return f"FAL starts it when its turn comes.{takes} x takes it out of the line."
        case JobState.RUNNING:
            return _next_when_running(usual, now - job.state_since)
        case JobState.CANCELLING:
            return f"If FAL finishes it first, it is saved, and charged: {words.job_price(job)}."
        case JobState.READY:
            return f"FAL's answer is stored. FAL keeps the file until {_kept_until(job)} at least."
        case JobState.DOWNLOADING:
            return _next_when_downloading(progress)
        case _:
            return _NEXT[job.state]


def _next_when_running(usual: UsualTime | None, elapsed: float) -> str:
    saved = "Then it is saved by itself."
    if usual is None:
        return f"How long it takes is not known yet: it is the first here. {saved}"
    if elapsed > usual.p90:
        return "It takes longer than usual, and is waited for as long as it takes. x asks FAL to stop."
    last = words.running_time(usual.p90 - elapsed + 1)
    if elapsed >= usual.p25:
        return f"Usually done within {last} from now. {saved}"
    return f"Usually done in {words.usual_range(usual.p25 - elapsed, usual.p90 - elapsed)} from now. {saved}"


def _next_when_downloading(progress: Progress | None) -> str:
    if progress and progress.rate and progress.total is not None and progress.done is not None:
        left = words.running_time((progress.total - progress.done) / progress.rate)
        return f"Whole in about {left}; then it is checked and saved. A dropped link goes on where it stands."
    return "It is checked and saved when all of it is here. A dropped link goes on where it stands."


def _waits(job: Job) -> str:
    """What can be done about what holds a job up."""
    way = way_of(job).screen
    if job.why is not None and job.why.then is Then.FREE_SPACE and _made(job):
        return way.replace(". ", f". FAL keeps it until {_kept_until(job)}. ", 1)
    return way


def _made(job: Job) -> bool:
    return job.state in {JobState.READY, JobState.DOWNLOADING}


def _kept_until(job: Job) -> str:
    return words.day(job.state_since + KEPT_FOR)


def _age(job: Job, now: float) -> str:
    return words.running_time(now - job.state_since)
