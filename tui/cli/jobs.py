"""`jobs`: what is unfinished, and what ended today."""

import argparse
import asyncio
import time
from collections.abc import Sequence
from datetime import datetime

from reelroom.store.errors import NotFound
from reelroom.store.records import Job, Media
from reelroom.store.states import JobState
from reelroom.store.store import Store
from reelroom.tui import sentences, words
from reelroom.tui.standing import needs_person

from . import objects
from .context import Context
from .ending import Code, Stop
from .live import Row, draw
from .paint import Line, width_of
from .place import choose_place
from .shelf import open_shelf
from .terminal import Terminal

LOOKED_AT = 2000
"""How many of the newest jobs are looked at for those that ended today."""
ID = 9
"""Cells of the short id and its blank."""
WIDTH_OF_A_FILE = 120


def run(context: Context, args: argparse.Namespace) -> int:
    """List jobs on stdout; returns the exit code."""
    here = _here(context, args)
    return asyncio.run(_list(context, here, json=args.json))


def _here(context: Context, args: argparse.Namespace) -> str | None:
    """The origin that would be worked for now; None where that cannot be said."""
    try:
        return choose_place(context.settings(args), context.key(ask=False)).origin
    except Stop as stop:
        if stop.code is Code.USAGE:
            raise
        return None


async def _list(context: Context, here: str | None, *, json: bool) -> int:
    async with open_shelf(context) as store:
        if store is None:
            jobs, names, clips = list[Job](), dict[str, str](), dict[str, Media]()
        else:
            jobs = _wanted(await store.jobs(limit=LOOKED_AT), await store.jobs(unfinished=True))
            names = {project.id: project.name for project in await store.projects(archived=True)}
            clips = {} if json else await _clips(store, jobs)
    if json:
        for job in jobs:
            context.terminal.put_data(objects.line(objects.listed(job, names.get(job.project_id or ""))))
    elif not jobs:
        context.terminal.say("No jobs today, and none unfinished.")
    else:
        _table(context.terminal, jobs, clips, here)
    return Code.SAVED


def _wanted(newest: Sequence[Job], unfinished: Sequence[Job]) -> list[Job]:
    midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    wanted = {job.id: job for job in unfinished}
    wanted.update((job.id, job) for job in newest if job.terminal and (job.ended_at or 0) >= midnight)
    return sorted(wanted.values(), key=lambda job: (job.created_at, job.id))


async def _clips(store: Store, jobs: Sequence[Job]) -> dict[str, Media]:
    clips = {}
    for job in jobs:
        if job.state is JobState.SAVED and job.outputs:
            try:
                clips[job.id] = await store.clip(job.outputs[0].media_id)
            except NotFound:
                continue
    return clips


def _table(terminal: Terminal, jobs: Sequence[Job], clips: dict[str, Media], here: str | None) -> None:
    now = time.time()
    wide = terminal.width if terminal.out_is_terminal else WIDTH_OF_A_FILE
    groups = {"Needs you": list[Job](), "Working": list[Job](), "Finished today": list[Job]()}
    for job in jobs:
        groups[group_of(job, here)].append(job)
    for title, group in groups.items():
        if group:
            terminal.put(((title, "accent"),))
        for job in group:
            row = draw(Row(job, clip=clips.get(job.id)), now, wide - ID, terminal.out_style)
            terminal.put(((f"{words.short_id(job.id)} ", "faint"), *row))
            for line in notes(job, now, here):
                terminal.put(_indented(line, wide, terminal))


def _indented(line: Line, wide: int, terminal: Terminal) -> Line:
    """A note below a job; words flow over the edge rather than being lost, a prompt is cut."""
    left = width_of(line)
    if left + ID <= wide or line[0][1] != "faint":
        return ((" " * ID, "text"), *line)
    text = words.cut(line[0][0], wide - ID - (left - words.cells(line[0][0])), terminal.out_style.mark)
    return ((" " * ID, "text"), (text, "faint"), *line[1:])


def group_of(job: Job, here: str | None) -> str:
    """Needs you, Working, or Finished today, as on the screen. `here` is the origin that is worked for."""
    if job.terminal:
        return "Finished today"
    # Whose intents are under way in another process cannot be known from here.
    return "Needs you" if needs_person(job, here, None) else "Working"


def notes(job: Job, now: float, here: str | None) -> list[Line]:
    """What stands below a job: prompt and age, then what happens next or what can be done."""
    age = words.age(job.created_at, now)
    lines: list[Line] = [((f"“{job.prompt.replace(chr(10), ' ')}”", "faint"), (f" · {age}", "muted"))]
    if not job.terminal:
        if job.request_id:
            lines.append(((f"Request {job.request_id}", "muted"),))
        lines.append(((sentences.next_step(job, here), "text"),))
    elif job.state not in {JobState.SAVED, JobState.CANCELLED, JobState.DISMISSED}:
        request = f"Request {job.request_id}" if job.request_id else "FAL gave it no request id"
        lines.append(((f"{request} · {sentences.charged(job)}", "muted"),))
        lines.append(((sentences.way_out(job), "text"),))
    return lines
