"""How a job ended, and what a person can do then. Pure functions; FAL's own words stand in “ ”."""

from typing import Final

from reelroom.store.records import Job, Media
from reelroom.store.states import JobState
from reelroom.tui import sentences, words
from reelroom.tui.ways import way_of

from .told import Told, line, shorter, stop

_OPENINGS: Final = ("FAL ", "The FAL account ", "The model ended with an error")
"""How our own sentences begin that go on with FAL's words after a colon."""


def ended(job: Job, clip: Media | None) -> Told:
    """What is said about a job that has ended; `clip` is what it brought, where that is known."""
    match job.state:
        case JobState.SAVED:
            took = words.running_time((job.ended_at or job.state_since) - job.created_at)
            name = f" It is {job.outputs[0].file_name}" if job.outputs else ""
            return Told(shorter(*sentences.ending(job, clip)), f"Saved {took} after you asked.{name}")
        case JobState.CANCELLED:
            facts = sentences.ending(job, clip)
            return Told(shorter(*facts), f"Cancelled {facts[0]}: {facts[1]}.")
        case JobState.DISMISSED:
            return _dismissed(job)
        case JobState.EXPIRED:
            why = line(sentences.why(job))
            request = f"request {job.request_id[:8]}" if job.request_id else ""
            return Told(shorter(why, request), f"{stop(why)} {_charge(job)} {way_of(job).screen}")
        case _:
            return _refused(job)


def _dismissed(job: Job) -> Told:
    if job.submitted_at is None:
        return Told(("never sent · nothing charged", "never sent"), "You put it away before it was sent.")
    return Told(
        ("put away by you · may have been charged", "may have been charged"),
        "You put it away while nobody knew whether FAL had taken it. It may have been charged.",
    )


def _refused(job: Job) -> Told:
    """A definite no, or an error of the model: FAL's words, whether it was charged, and the ways out."""
    own = said(job)
    whole = line(sentences.why(job))
    if own is None:
        return Told((whole,), f"{stop(whole)} {_charge(job)} {way_of(job).screen}")
    opening = "FAL refused it" if job.state is JobState.REJECTED else "The model ended with an error"
    if whole != own:
        opening = whole.partition(": ")[0]
    return Told((f"“{own}”",), f"{opening}: “{{}}” {_charge(job)} {way_of(job).screen}", own)


def _charge(job: Job) -> str:
    charged = sentences.charged(job)
    return "Not charged." if charged == "nothing charged" else f"{charged[0].upper()}{charged[1:]}."


def said(job: Job) -> str | None:
    """FAL's own words in the job's detail; None where the sentence is all ours."""
    text = line(job.detail)
    if not text or job.state not in {JobState.REJECTED, JobState.FAILED}:
        return None
    if job.rereadable:
        return None
    if not text.startswith(_OPENINGS):
        return text
    return text.partition(": ")[2] or None
