"""The own sandbox as a child process, which ends with this one however it ends."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from reelroom.tui.paths import Paths

from .ending import Code, Stop

READY: Final = re.compile(rb"READY (http://127\.0\.0\.1:[0-9]{1,5})\r?\n")
START = 60.0
"""Seconds until a sandbox that has not said READY is given up; a cold disk takes a few."""
END = 5.0


@asynccontextmanager
async def run_sandbox(paths: Paths, environ: Mapping[str, str]) -> AsyncIterator[str]:
    """Start a sandbox on a free port; yields its base URL. Raises Stop where it does not start.

    Its stdin is a pipe that nobody writes to: when this process goes, the pipe closes and the child ends.
    A session of its own keeps Ctrl+C for this process alone.
    """
    talk = paths.state / "sandbox.log"
    with os.fdopen(os.open(talk, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as log:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            # -P: what lies in the folder a person happens to be in is never imported.
            *("-P", "-m", "reelroom.tui", "sandbox", "--port", "0", "--attached"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            close_fds=True,
            env=dict(environ),
        )
    try:
        yield await _ready(child, str(talk))
    finally:
        await _end(child)


async def _ready(child: asyncio.subprocess.Process, talk: str) -> str:
    assert child.stdout is not None
    try:
        async with asyncio.timeout(START):
            line = await child.stdout.readline()
    except TimeoutError:
        line = b""
    said = READY.fullmatch(line)
    if said is None:
        raise Stop(Code.OTHERWISE, f"The sandbox did not start. What it said is in {talk}.")
    return said[1].decode()


async def _end(child: asyncio.subprocess.Process) -> None:
    """Close its stdin and wait; only a child that does not heed that is told in harder ways."""
    assert child.stdin is not None
    child.stdin.close()
    for harder in (child.terminate, child.kill):
        try:
            async with asyncio.timeout(END):
                await child.wait()
        except TimeoutError:
            harder()
        else:
            return
    await child.wait()
