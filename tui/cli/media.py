"""`media`: the clips that are not in the trash."""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

from reelroom.fal.clean import clean
from reelroom.store.records import Media
from reelroom.store.store import Store
from reelroom.tui import words
from reelroom.tui.sentences import about

from . import objects
from .context import Context
from .ending import Code, Stop
from .paint import Line
from .shelf import open_shelf
from .terminal import Terminal

PAGE = 500
MODEL = 20


def run(context: Context, args: argparse.Namespace) -> int:
    """List clips on stdout: JSON, paths for a program, or a table for a person; returns the exit code."""
    wanted = None if args.project is None else clean(args.project.strip(), limit=200)
    args.project = None
    library = context.settings(args).library.value
    return asyncio.run(_list(context, clean(args.query), wanted, library, json=args.json))


async def _list(context: Context, query: str, project: str | None, library: Path, *, json: bool) -> int:
    async with open_shelf(context) as store:
        if store is None:
            context.terminal.say("No clips yet. `reelroom generate` makes the first one.")
            return Code.SAVED
        names = {one.id: one.name for one in await store.projects(archived=True)}
        empty = True
        async for clip in _clips(store, query, _project_id(names, project)):
            empty = False
            _put(context.terminal, clip, names.get(clip.project_id or ""), library, json=json)
    if empty:
        context.terminal.say("No clips match." if query or project else "No clips yet.")
    return Code.SAVED


def _project_id(names: dict[str, str], project: str | None) -> str | None:
    if project is None:
        return None
    for project_id, name in names.items():
        if name.casefold() == project.casefold():
            return project_id
    raise Stop(Code.USAGE, f"There is no project “{project}”.")


async def _clips(store: Store, query: str, project_id: str | None) -> AsyncIterator[Media]:
    before: tuple[float, str] | None = None
    while page := await store.media(query, project_id=project_id, before=before, limit=PAGE):
        for clip in page:
            yield clip
        before = (page[-1].created_at, page[-1].id)


def _put(terminal: Terminal, clip: Media, project: str | None, library: Path, *, json: bool) -> None:
    if json:
        terminal.put_data(objects.line(objects.clip(clip, project, library)))
    elif terminal.out_is_terminal:
        terminal.put(entry(clip, time.time(), terminal.width, terminal.out_style.mark))
    else:
        terminal.put_path(library / clip.path)


def entry(clip: Media, now: float, width: int, mark: str) -> Line:
    """One clip in a line of at most `width` cells."""
    left = f"{words.short_id(clip.id)} "
    model = words.cut(clip.model, MODEL, mark)
    model += " " * (MODEL + 1 - words.cells(model))
    right = f" {' · '.join(about(clip))} · {words.age(clip.created_at, now)}"
    room = width - words.cells(left + model + right)
    if room < 8:
        return ((left, "faint"), (words.cut(model.rstrip() + right, width - len(left), mark), "text"))
    prompt = words.cut(clip.prompt.replace("\n", " "), room, mark)
    gap = " " * (room - words.cells(prompt))
    return ((left, "faint"), (model, "text"), (prompt + gap, "text"), (right, "muted"))
