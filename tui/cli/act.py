"""`cancel`, `retry` and `dismiss`: one job, one wish."""

import argparse

from reelroom.fal.hosts import Hosts
from reelroom.store.records import Job
from reelroom.store.states import JobState
from reelroom.tui import sentences
from reelroom.tui.settings import Settings
from reelroom.tui.studio.studio import Studio

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
        place = _place(context, settings, args.command, job)
        if place.first_line:
            context.terminal.say(place.first_line, "attention")
        return await _act(context, args, settings, place, job, leaving)

    return run_async(command)


def _place(context: Context, settings: Settings, command: str, job: Job) -> Place:
    if command == "dismiss":
        # Nothing is asked of FAL, so a job of any origin can be put away, without key or sandbox.
        return Place(job.origin, Hosts.fal(), None)
    place = choose_place(settings, context.key())
    if job.origin != place.origin:
        raise Stop(Code.OTHERWISE, f"This job {sentences.needs(job.origin)}. Nothing was done.")
    return place


async def _act(
    context: Context, args: argparse.Namespace, settings: Settings, place: Place, job: Job, leaving: Leaving
) -> int:
    async with open_engine(context, settings, place) as engine:
        if args.command == "dismiss":
            await engine.studio.dismiss(job.id)
            context.terminal.say("Put away.")
            return Code.SAVED
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
