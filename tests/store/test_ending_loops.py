"""A program that ends in the middle: the loop cancels every task, and the database's thread must end too."""

import subprocess
import sys
from pathlib import Path

import pytest

# Threads that stay are joined when Python ends: a program with one never does.
PROGRAM = """
import asyncio, sys
from pathlib import Path
from reelroom.store.database import open_database

async def main(path, turns):
    opened = asyncio.Event()
    async def hold():
        async with open_database(path):
            opened.set()
            await asyncio.Event().wait()
    task = asyncio.ensure_future(hold())
    await opened.wait()
    task.cancel()
    for _ in range(turns):
        await asyncio.sleep(0)

for turns in range(8):
    asyncio.run(main(Path(sys.argv[1]), turns))
"""


@pytest.mark.slow
def test_a_loop_that_ends_while_the_database_is_being_closed_leaves_no_thread_behind(path: Path) -> None:
    child = [sys.executable, "-W", "error", "-c", PROGRAM, str(path)]
    ended = subprocess.run(child, capture_output=True, check=False, timeout=20)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
