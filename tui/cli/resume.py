"""`resume`: take up everything unfinished, wait, and end as `generate` does."""

import argparse
from collections.abc import Sequence

from reelroom.store.records import Job
from reelroom.tui import sentences, words
from reelroom.tui.settings import Settings

from .context import Context
from .ending import Code, Stop
from .engine import open_engine
from .leaving import Leaving, run_async
from .money import ask_before_spending
from .place import Place, choose_place
from .shelf import open_shelf
from .view import watched
from .wait import Wait


def run(context: Context, args: argparse.Namespace) -> int:
    """Take up, wait, and return the exit code."""
    settings = context.settings(args)
    place = choose_place(settings, context.key())

    async def command(leaving: Leaving) -> int:
        if not await _anything(context, place):
            return Code.SAVED
        if place.first_line:
            context.terminal.say(place.first_line, "attention")
        return await _resume(context, args, settings, place, leaving)

    return run_async(command)


async def _anything(context: Context, place: Place) -> bool:
    """Whether there is anything to take up here; says what belongs elsewhere."""
    async with open_shelf(context) as store:
        jobs = await store.jobs(unfinished=True) if store else []
    alone = elsewhere(jobs, place.origin)
    for sentence in alone:
        context.terminal.say(sentence)
    if any(job.origin == place.origin for job in jobs):
        return True
    context.terminal.say("Nothing else is unfinished." if alone else "Nothing is unfinished here.")
    return False


def elsewhere(jobs: Sequence[Job], here: str) -> list[str]:
    """A sentence for each other origin that has unfinished jobs; they are never sent here."""
    origins = sorted({job.origin for job in jobs} - {here})
    return [
        f"{words.count(sum(job.origin == origin for job in jobs), 'job')} left alone:"
        f" {sentences.needs(origin)}."
        for origin in origins
    ]


async def _resume(
    context: Context, args: argparse.Namespace, settings: Settings, place: Place, leaving: Leaving
) -> int:
    async with open_engine(context, settings, place) as engine:
        jobs = await engine.store.jobs(unfinished=True, origin=place.origin)
        unsent = [job for job in jobs if engine.studio.is_unsent(job)]
        refused = _refused(context, settings, place, unsent) if unsent else None
        with leaving.listened():
            async with watched(engine.studio, context.terminal) as view:
                wait = Wait(engine, context.terminal, view, leaving, args.patience, args.json)
                code = await wait.for_all(await engine.studio.resume(send_unsent=refused is None))
        if refused is not None and code in {Code.SAVED, Code.OTHERWISE}:
            raise refused
        return code


def _refused(context: Context, settings: Settings, place: Place, unsent: Sequence[Job]) -> Stop | None:
    """Ask about what was never sent, where that is due; why it is not to be sent, or None."""
    amounts = [job.estimate for job in unsent]
    were = "was" if len(unsent) == 1 else "were"
    said = f"{words.count(len(unsent), 'job')} {were} never sent, {words.total(amounts)}"
    try:
        if place.spends:
            ask_before_spending(amounts, settings.ask_above_usd.value, context.terminal, yes=False)
    except Stop as stop:
        context.terminal.say(f"{said}: left unsent. What FAL has taken already goes on.")
        return stop
    context.terminal.say(f"{said}: sending now.")
    return None
