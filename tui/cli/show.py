"""`show ID` or `show FILE`: all that is known of one clip, from its row or from what lies beside it."""

import argparse
import asyncio
from pathlib import Path

from reelroom.fal.clean import clean
from reelroom.store.records import Media
from reelroom.tui import words
from reelroom.tui.studio.sidecar import NotASidecar, read_sidecar

from .context import Context
from .ending import Code, Stop
from .job import fact
from .paint import Line
from .shelf import find_clip, open_shelf


def run(context: Context, args: argparse.Namespace) -> int:
    """Print the clip on stdout; returns the exit code."""
    if (file := Path(args.id)).is_file():
        return _show_file(context, file)
    return asyncio.run(_show(context, clean(args.id, limit=200), context.settings(args).library.value))


def _show_file(context: Context, file: Path) -> int:
    """What the sidecar tells, wherever the clip lies now."""
    beside = file.with_suffix(".json")
    try:
        clip = read_sidecar(beside.read_bytes(), file.name).clip
    except FileNotFoundError:
        raise Stop(
            Code.USAGE, f"{clean(beside.name)} does not lie beside it, so nothing is known of it."
        ) from None
    except NotASidecar as error:
        raise Stop(Code.USAGE, str(error)) from error
    for line in facts(clip, None, file.absolute().parent):
        context.terminal.put(line)
    return Code.SAVED


async def _show(context: Context, text: str, library: Path) -> int:
    async with open_shelf(context) as store:
        if store is None:
            raise Stop(Code.USAGE, "There are no clips yet.")
        clip = await find_clip(store, text)
        projects = await store.projects(archived=True)
    project = next((one.name for one in projects if one.id == clip.project_id), None)
    for line in facts(clip, project, library):
        context.terminal.put(line)
    return Code.SAVED


def facts(clip: Media, project: str | None, library: Path) -> list[Line]:
    """Everything about a clip, one fact in a line."""
    first, *rest = clip.prompt.split("\n")
    picture = f"{clip.width}×{clip.height}" if clip.width and clip.height else None
    sound = {True: "yes", False: "no", None: None}[clip.has_audio]
    return [
        fact("clip", clip.id),
        fact("path", clean(str(library / clip.path))),
        fact("prompt", first),
        *(fact("", line) for line in rest),
        fact("model", f"{clip.model} ({clip.endpoint})"),
        fact("project", project or "none"),
        fact("length", None if clip.duration is None else words.clip_length(clip.duration)),
        fact("picture", picture),
        fact("frames", None if clip.fps is None else f"{clip.fps:g} a second"),
        fact("codec", clip.codec),
        fact("sound", sound),
        fact("size", f"{words.size(clip.bytes)} ({clip.bytes:,} bytes)"),
        fact("seed", "none" if clip.seed is None else words.seed(clip.seed)),
        fact("billed", words.price(clip.cost)),
        fact("rating", "none" if clip.rating is None else f"{clip.rating} of 5"),
        fact("favourite", "yes" if clip.favourite else "no"),
        fact("tags", ", ".join(clip.tags) or "none"),
        fact("made", words.date_time(clip.created_at)),
        fact("origin", clip.origin),
        fact("request", clip.request_id or "none"),
        fact("job", clip.job_id or "none"),
        fact("sha256", clip.sha256),
        *([fact("in trash", words.date_time(clip.trashed_at))] if clip.trashed_at else []),
    ]
