"""One command from its words to its exit code: the place where every error becomes a sentence."""

import importlib
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from .ending import Code, Stop
from .parser import parse
from .terminal import Terminal


def run(words: Sequence[str], *, version: str) -> int:
    """Run one command; returns its exit code. Raises SystemExit(0) after printing help, and nothing else."""

    def command(terminal: Terminal, given_key: str | None) -> int:
        args = parse(words, version)
        return _call(f"reelroom.tui.cli.{args.module}", args, version, given_key, terminal)

    return _guarded(command)


def run_module(name: str, *, version: str) -> int:
    """Run a module that has `run(context, args)`, with the same surroundings as a command."""

    def command(terminal: Terminal, given_key: str | None) -> int:
        return _call(name, Namespace(command=None), version, given_key, terminal)

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


def _call(name: str, args: Namespace, version: str, given_key: str | None, terminal: Terminal) -> int:
    # Imported only now: `--help` and a slip of the hand have been answered by the parser alone.
    from reelroom.tui.paths import find_paths  # noqa: PLC0415

    from .context import Context  # noqa: PLC0415
    from .log import close_log, open_log, secrets_of  # noqa: PLC0415

    paths = find_paths(os.environ, Path.home())
    context = Context(version, terminal, dict(os.environ), Path(), paths, given_key)
    log = open_log(paths.log, secrets_of(given_key, context.key_if_any()))
    try:
        code: int = importlib.import_module(name).run(context, args)
    except Stop:
        raise
    except Exception as error:
        from .explain import explain  # noqa: PLC0415

        raise explain(error, paths.log) from error
    else:
        return code
    finally:
        close_log(log)
