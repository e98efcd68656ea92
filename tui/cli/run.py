"""One command from its words to its exit code: the place where every error becomes a sentence."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .ending import Code, Stop
from .terminal import Terminal

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from reelroom.tui.studio.seams import Seams

    from .context import Context


def run(words: Sequence[str], *, version: str, seams: Seams | None = None) -> int:
    """Run one command; returns its exit code. Raises SystemExit(0) after printing help, and nothing else."""

    def command(terminal: Terminal, given_key: str | None) -> int:
        from .parser import parse  # noqa: PLC0415 - the studio on screen has nothing to parse

        args = parse(words, version)
        context = _context(version, terminal, given_key, seams)
        return _call(f"reelroom.tui.cli.{args.module}", args, context)

    return _guarded(command)


def run_module(name: str, *, version: str, seams: Seams | None = None) -> int:
    """Run a module that has `run(context, args)`, with the surroundings of a command; its args are None."""

    def command(terminal: Terminal, given_key: str | None) -> int:
        return _call(name, None, _context(version, terminal, given_key, seams))

    return _guarded(command)


def _guarded(command: Callable[[Terminal, str | None], int]) -> int:
    # Everything that is made belongs to this user alone, from the first file on.
    os.umask(0o077)
    given_key = os.environ.pop("FAL_KEY", None)
    terminal = Terminal(sys.stdin, sys.stdout, sys.stderr, os.environ)
    try:
        return command(terminal, given_key)
    except Stop as stop:
        terminal.say(str(stop), "attention")
        return stop.code
    except KeyboardInterrupt:
        return Code.INTERRUPTED
    finally:
        terminal.close()


def _context(version: str, terminal: Terminal, given_key: str | None, seams: Seams | None) -> Context:
    # Imported only now: `--help` and a slip of the hand have been answered by the parser alone.
    from reelroom.tui.paths import find_paths  # noqa: PLC0415 - see above

    from .context import Context  # noqa: PLC0415 - see above

    paths = find_paths(os.environ, Path.home())
    return Context(version, terminal, dict(os.environ), Path(), paths, given_key, seams)


def _call(name: str, args: Namespace | None, context: Context) -> int:
    from .log import close_log, open_log, secrets_of  # noqa: PLC0415 - as above

    log = open_log(context.paths.log, secrets_of(context.given_key, context.key_if_any()))
    try:
        code: int = importlib.import_module(name).run(context, args)
    except Stop:
        raise
    except Exception as error:
        from .explain import explain  # noqa: PLC0415 - for what ends badly

        raise explain(error, context.paths.log) from error
    else:
        return code
    finally:
        close_log(log)
