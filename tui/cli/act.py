"""`cancel`, `retry` and `dismiss`: one job, one wish."""

import argparse

from reelroom.store.records import Job
from reelroom.store.states import JobState
from reelroom.store.store import open_store
from reelroom.tui import sentences
from reelroom.tui.settings import Settings
from reelroom.tui.studio.studio import Studio
from reelroom.tui.studio.wishes import dismiss

from .context import Context
from .ending import Code, Stop
from .engine import open_engine
from .leaving import Leaving, run_async
from .place import Place, choose_place
from .shelf import find_job
from .view import watched
from .wait import Wait


def run(context: Context, args: argparse.Namespace) -> int:
    """Do what the command's name says to the job that is named."""
    settings = context.settings(args)

    async def command(leaving: Leaving) -> int:
        job = await find_job(context, args.id)
        if args.command == "retry" and job.state is JobState.SAVED:
            context.terminal.say("It is saved already.")
            for output in job.outputs:
                context.terminal.put_path(settings.library.value / output.file_name)
            return Code.SAVED
        if args.command == "dismiss":
            return await _dismiss(context, job)
        place = _place(context, settings, job)
        if place.first_line:
            context.terminal.say(place.first_line, "attention")
        return await _act(context, args, settings, place, job, leaving)

    return run_async(command)


async def _dismiss(context: Context, job: Job) -> int:
    """Nothing is asked of FAL, so a job of any origin can be put away, whoever does the work."""
    async with open_store(context.paths.database) as store:
        await dismiss(store, job.id)
    context.terminal.say("Put away.")
    return Code.SAVED


def _place(context: Context, settings: Settings, job: Job) -> Place:
    place = choose_place(settings, context.key())
    if job.origin != place.origin:
        raise Stop(Code.OTHERWISE, f"This job {sentences.needs(job.origin)}. Nothing was done.")
    return place


async def _act(
    context: Context, args: argparse.Namespace, settings: Settings, place: Place, job: Job, leaving: Leaving
) -> int:
    async with open_engine(context, settings, place) as engine:
        with leaving.listened():
            async with watched(engine.studio, context.terminal) as view:
                changed = await _wish(engine.studio, args.command, job.id)
                wait = Wait(engine, context.terminal, view, leaving, args.patience, json=False)
                code = await wait.for_all([changed])
    if args.command != "cancel" or job.id not in wait.ended:
        return code
    return _cancelled(context, wait.ended[job.id], code)


async def _wish(studio: Studio, command: str, job_id: str) -> Job:
    return await (studio.cancel(job_id) if command == "cancel" else studio.retry(job_id))


def _cancelled(context: Context, job: Job, code: Code) -> Code:
    if job.state is JobState.CANCELLED:
        return Code.SAVED
    if job.state is JobState.SAVED:
        context.terminal.say("It finished before FAL saw the cancel. It was charged, and the clip is saved.")
        return Code.OTHERWISE
    return code
