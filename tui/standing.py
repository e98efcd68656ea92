"""What all jobs together come to: today's money, and what holds the program up. Pure functions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from reelroom.store.states import HoldUp, JobState

from . import words
from .studio.day import start_of_day
from .studio.overcharge import overcharge

__all__ = ["held_up", "spent", "start_of_day", "would_ask"]

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from reelroom.store.records import Job  # the first paint does without the records

HELD = (
    (HoldUp.AUTH, "FAL does not accept the key: {1} {0}."),
    (HoldUp.DISK, "{1} {0}. FAL keeps the clips meanwhile."),
    (HoldUp.PERMISSION, "{1} {0}. FAL keeps the clips meanwhile."),
    (HoldUp.NETWORK, "No answer from FAL. {0}, and nothing is lost."),
)


def spent(jobs: Iterable[Job], since: float, *, practice: bool) -> Decimal:
    """US dollars charged, or by the estimate to be charged, for what was sent since a moment.

    Practice money in the sandbox, else FAL's alone. What was refused or cancelled in line costs nothing.
    """
    counted = (
        job
        for job in jobs
        if (job.submitted_at or 0) >= since
        and job.billed is not False
        and job.origin.startswith("fal:") != practice
    )
    costs = (job.estimate if job.cost is None else job.cost for job in counted)
    return sum((cost for cost in costs if cost is not None), Decimal(0))


def held_up(jobs: Collection[Job], since: float) -> tuple[str, bool]:
    """What holds jobs up in a sentence, the worst first, and whether it is bad; empty if nothing does.

    After that comes what FAL billed far over the estimate for what ended since a moment.
    """
    waiting = [job for job in jobs if job.hold_up is not None and not job.terminal]
    for hold_up, sentence in HELD:
        held = [job for job in waiting if job.hold_up is hold_up]
        if held:
            detail = " ".join((held[0].detail or "").split())
            return sentence.format(words.count(len(held), "job waits", "jobs wait"), detail), True
    return overcharge(job for job in jobs if (job.ended_at or 0) >= since), False


def unsent(job: Job, sender: str | None) -> bool:
    """Whether the job waits for a person to send it, since the process that made it is not this one."""
    return job.state is JobState.INTENT and sender is not None and job.sender != sender


def elsewhere(job: Job, origin: str | None) -> bool:
    """Whether the job belongs to another origin than the one that is worked for now."""
    return origin is not None and job.origin != origin and not job.terminal


def needs_person(job: Job, origin: str | None, sender: str | None) -> bool:
    """Whether an unfinished job waits for somebody. `origin` and `sender` are the present ones, where known.

    A network that is away needs nobody: it is tried again, and the job keeps its place.
    """
    if job.terminal or elsewhere(job, origin):
        return False
    held = job.hold_up is not None and job.hold_up is not HoldUp.NETWORK
    return held or job.state is JobState.UNKNOWN or unsent(job, sender)


def would_ask(amounts: Sequence[Decimal | None], above: Decimal) -> bool:
    """Whether a run asks first: an estimate is unknown, or together they are over `above` dollars."""
    known = [amount for amount in amounts if amount is not None]
    return len(known) < len(amounts) or sum(known, Decimal(0)) > above
