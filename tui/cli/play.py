"""`play FILE_OR_ID`: a clip in motion on this terminal, without the studio."""

import argparse
import asyncio
import sys
from contextlib import closing
from pathlib import Path

from reelroom.fal.clean import clean

from .context import Context
from .ending import Code, Stop
from .shelf import find_clip, open_shelf

FIRST_FRAME = 20.0
"""Seconds for the first picture of a file."""


def run(context: Context, args: argparse.Namespace) -> int:
    """Play until a key ends it; returns the exit code."""
    if not (sys.stdin.isatty() and context.terminal.out_is_terminal):
        raise Stop(
            Code.USAGE,
            "A clip plays on a terminal, and there is none here. `reelroom show` tells what it is.",
        )
    if context.environ.get("TERM", "dumb") == "dumb":
        raise Stop(Code.USAGE, "This terminal (TERM=dumb) cannot show pictures.")
    return _play(context, args, _file(context, args))


def _file(context: Context, args: argparse.Namespace) -> Path:
    given = Path(args.clip)
    if given.is_file():
        return given
    if given.exists() or len(given.parts) > 1:
        raise Stop(Code.USAGE, f"{clean(args.clip, limit=200)} is not a file.")
    return asyncio.run(_kept(context, clean(args.clip, limit=200), context.settings(args).library.value))


async def _kept(context: Context, text: str, library: Path) -> Path:
    async with open_shelf(context) as store:
        if store is None:
            raise Stop(Code.USAGE, f"{text} is no file here, and there are no clips yet.")
        return library / (await find_clip(store, text)).path


def _play(context: Context, args: argparse.Namespace, clip: Path) -> int:
    from reelroom.tui.colours import color_depth, no_color  # noqa: PLC0415 - loaded once there is a clip to play
    from reelroom.tui.media.decode import probe  # noqa: PLC0415 - as above
    from reelroom.tui.media.errors import NotDecodable  # noqa: PLC0415 - as above
    from reelroom.tui.media.reel import Reel  # noqa: PLC0415 - as above
    from reelroom.tui.media.tones import Tones  # noqa: PLC0415 - as above
    from reelroom.tui.player.console import console  # noqa: PLC0415 - as above
    from reelroom.tui.player.lines import HEIGHT  # noqa: PLC0415 - as above
    from reelroom.tui.player.show import Player, Wish  # noqa: PLC0415 - as above

    style = context.terminal.out_style
    tones: Tones = color_depth(context.environ)
    if no_color(context.environ) or not style.unicode:
        tones = "plain" if style.unicode else "ascii"
    try:
        facts = probe(clip)
    except NotDecodable as trouble:
        raise Stop(Code.USAGE, clean(str(trouble))) from trouble
    terminal = context.terminal
    reel = Reel(clip, terminal.width + 1, 2 * max(1, terminal.height - HEIGHT))
    wish = Wish(loop=args.loop, speed=args.speed, fps=args.fps)
    with closing(Player(clip, facts, reel, tones, style, wish)) as player:
        if not reel.wait(FIRST_FRAME):
            raise Stop(Code.USAGE, clean(reel.trouble or f"No picture could be read from {clip.name}."))
        with console(sys.stdin.fileno()) as opened:
            player.run(opened)
    return Code.SAVED if opened.ended is None else 128 + opened.ended
