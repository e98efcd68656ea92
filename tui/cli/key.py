"""`key set|forget|show`: the key is read without echo, kept for its owner only, and never printed."""

import argparse
import getpass
import sys

from reelroom.fal.errors import BadKey
from reelroom.fal.key import Key

from .context import Context
from .ending import Code, Stop
from .keyfile import LONGEST, forget_key, keep_key
from .keyring import NoKeyring


def run(context: Context, args: argparse.Namespace) -> int:
    """Do what was asked; returns the exit code."""
    return {"set": _set, "forget": _forget, "show": _show}[args.do](context)


def _set(context: Context) -> int:
    try:
        key = Key.parse(_read(context))
    except BadKey as error:
        raise Stop(Code.KEY, f"{error} Nothing was kept.") from error
    try:
        said = keep_key(key, context.paths.key)
    except OSError as error:
        raise Stop(Code.OTHERWISE, f"The key could not be kept: {error.strerror}.") from error
    context.terminal.say(f"{said} Key id {key.id}.")
    _mind_the_environment(context)
    return Code.SAVED


def _read(context: Context) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.buffer.readline(LONGEST).decode("utf-8", "replace")
    try:
        return getpass.getpass("FAL key (not shown): ", sys.stderr)
    except EOFError:
        return ""
    finally:
        context.terminal.close()


def _forget(context: Context) -> int:
    try:
        gone = forget_key(context.paths.key)
    except OSError as error:
        raise Stop(Code.OTHERWISE, f"The key could not be removed: {error.strerror}.") from error
    except NoKeyring as error:
        raise Stop(Code.OTHERWISE, f"{error} The key is kept there, and was not removed.") from error
    context.terminal.say("The key is forgotten." if gone else "No key was kept.")
    _mind_the_environment(context)
    return Code.SAVED


def _show(context: Context) -> int:
    found = context.key(ask=False)
    if found is None:
        context.terminal.put((("No key. Reelroom works in its sandbox.", "text"),))
    else:
        context.terminal.put(((f"Key id {found.id}, from {found.source}.", "text"),))
    return Code.SAVED


def _mind_the_environment(context: Context) -> None:
    if context.given_key and context.given_key.strip():
        context.terminal.say("FAL_KEY is set in this terminal, and goes before a kept key.")
