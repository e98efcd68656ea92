"""`job ID`: all that is known of one job, with its history."""

import argparse
import asyncio

from reelroom.store.records import Event, Job
from reelroom.store.states import TERMINAL, JobState
from reelroom.tui import sentences, words

from .context import Context
from .ending import Code
from .paint import Line
from .place import SANDBOX
from .shelf import find_job, open_shelf

LABEL = 12


def run(context: Context, args: argparse.Namespace) -> int:
    """Print the job on stdout; returns the exit code."""
    return asyncio.run(_show(context, args.id))


async def _show(context: Context, text: str) -> int:
    job = await find_job(context, text)
    async with open_shelf(context) as store:
        assert store is not None
        events = await store.events(job.id)
        projects = await store.projects(archived=True)
    project = next((one.name for one in projects if one.id == job.project_id), None)
    for line in [*facts(job, project), *history(events)]:
        context.terminal.put(line)
    return Code.SAVED


def fact(label: str, value: object) -> Line:
    """A label and its value; what is not known is said to be so."""
    shown = "unknown" if value is None else str(value)
    return ((label.ljust(LABEL), "muted"), (shown, "text"))


def facts(job: Job, project: str | None) -> list[Line]:
    """Everything about a job, one fact in a line."""
    look = words.look_of(job)
    lines = [
        fact("job", job.id),
        ((("state").ljust(LABEL), "muted"), (look.word, look.role)),
        fact("model", f"{job.model} ({job.endpoint})"),
        *_paragraph("prompt", job.prompt),
        fact("input", job.input),
        fact("project", project or "none"),
        fact("seed", "none" if job.seed is None else words.seed(job.seed)),
        fact("origin", job.origin),
        fact("request", job.request_id or "none"),
        fact("estimate", words.price(job.estimate, about=True)),
        fact("billed", _billed(job)),
        fact("made", words.date_time(job.created_at)),
    ]
    if job.replaces:
        lines.append(fact("instead of", job.replaces))
    if job.why:
        lines.append(fact("reason", f"{job.why.word} · {job.why.sentence}"))
    if job.detail:
        lines.append(fact("said", job.detail))
    lines.extend(fact("clip", output.file_name) for output in job.outputs)
    lines.extend(fact("next", sentence) for sentence in sentences.last_words(job))
    return lines


def history(events: list[Event]) -> list[Line]:
    """The events of a job, oldest first."""
    return [_event(event) for event in events]


def _event(event: Event) -> Line:
    role: words.Role = "text"
    said = event.text
    if event.state is not None:
        look = words.LOOKS[event.state]
        role = look.role if event.state in TERMINAL else "text"
        said = " · ".join(part for part in (look.word, event.text) if part)
    elif event.kind == "hold_up":
        said = said or "nothing holds it up any longer"
    return ((words.clock_time(event.at).ljust(LABEL), "faint"), (said, role))


def _paragraph(label: str, text: str) -> list[Line]:
    first, *rest = text.split("\n")
    return [fact(label, first), *(fact("", line) for line in rest)]


def _billed(job: Job) -> str:
    if job.origin == SANDBOX:
        return "practice money"
    if job.cost is not None:
        return words.price(job.cost)
    return (
        "not billed yet, as far as is known here" if job.state is JobState.SAVED else sentences.charged(job)
    )
