"""`trash` and `restore`: out of sight and back; `trash --empty` alone removes anything for good."""

import argparse
import asyncio
import time
from contextlib import aclosing

from reelroom.fal.clean import clean
from reelroom.store.claim import open_library
from reelroom.store.records import Media
from reelroom.store.store import Store
from reelroom.tui import words
from reelroom.tui.studio.trash import remove_for_good

from .context import Context
from .ending import Code, Stop
from .media import entry
from .shelf import find_clip, open_shelf


def run(context: Context, args: argparse.Namespace) -> int:
    """Do what the command's name says; returns the exit code."""
    return asyncio.run(_run(context, args))


async def _run(context: Context, args: argparse.Namespace) -> int:
    async with open_shelf(context) as store:
        if store is None:
            raise Stop(Code.USAGE, "There are no clips yet.")
        if args.command == "restore":
            return await _restore(context, store, args.id)
        if args.empty and args.id:
            raise Stop(Code.USAGE, "--empty removes all that is in the trash, so it takes no ID.")
        if args.empty:
            return await _empty(context, store, yes=args.yes)
        return await (_trash(context, store, args.id) if args.id else _list(context, store))


async def _trash(context: Context, store: Store, text: str) -> int:
    clip = await store.trash((await find_clip(store, clean(text, limit=200))).id)
    back = f"`reelroom restore {words.short_id(clip.id)}` puts it back."
    context.terminal.say(f"Moved to trash: {clip.path}. The file stays where it is; {back}")
    return Code.SAVED


async def _restore(context: Context, store: Store, text: str) -> int:
    clip = await store.restore((await find_clip(store, clean(text, limit=200))).id)
    context.terminal.say("Put back.")
    context.terminal.put_path(context.settings().library.value / clip.path)
    return Code.SAVED


async def _list(context: Context, store: Store) -> int:
    clips = await store.media(trashed=True)
    terminal = context.terminal
    for clip in clips:
        terminal.put(entry(clip, time.time(), terminal.width, terminal.out_style.mark))
    hint = " `reelroom trash --empty` removes them for good." if clips else ""
    terminal.say(f"{_amount(clips)} in the trash.{hint}")
    return Code.SAVED


async def _empty(context: Context, store: Store, *, yes: bool) -> int:
    clips = await store.media(trashed=True)
    if not clips:
        context.terminal.say("The trash is empty.")
        return Code.SAVED
    if not yes:
        _ask(context, clips)
    library = await open_library(store, context.settings().library.value)
    gone = []
    async with aclosing(remove_for_good(store, library, clips)) as removed:
        async for clip in removed:
            gone.append(clip)
            context.terminal.put_path(library.folder / clip.path)
    context.terminal.say(f"{_amount(gone)} removed for good. What is known of the jobs is kept.")
    return Code.SAVED


def _ask(context: Context, clips: list[Media]) -> None:
    """Ask whether all of it is to go; raises Stop where it is not, or where nobody can answer."""
    terminal = context.terminal
    if not terminal.can_ask:
        raise Stop(
            Code.USAGE,
            f"{_amount(clips)} would be removed for good: that is asked first, and nobody is here to answer."
            " Nothing was removed. --yes answers it beforehand.",
        )
    question = f"{_amount(clips)} and what lies beside them would be removed for good. Remove?  y or n"
    if terminal.ask(question).lower() not in {"y", "yes"}:
        raise Stop(Code.OTHERWISE, "Nothing was removed.")


def _amount(clips: list[Media]) -> str:
    return f"{words.count(len(clips), 'clip')}, {words.size(sum(clip.bytes for clip in clips))}"
