"""Without a key the program's own sandbox is a child; no kill leaves one behind, and its jobs go on."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .outside import snapshot, watch
from .program import Program

pytestmark = pytest.mark.slow


def until(answer: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not answer():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.mark.skipif(
    not Path(f"/proc/self/task/{os.getpid()}/children").exists(), reason="needs Linux's /proc"
)
def test_the_sandbox_of_a_killed_program_ends_by_itself_and_its_job_is_saved(tmp_path: Path) -> None:
    program, home = Program(), tmp_path / "home"
    home.mkdir()
    order = ("generate", "a fox", "-m", "pixverse-v6", "--set", "duration=1", "--set", "resolution=360p")
    with program.start(home, None, *order) as process:
        try:
            with watch(home) as seen:
                until(lambda: bool(seen.states() & {"queued", "running"}), 30)
            (child,) = children_of(process.pid)
            assert is_running(child)
        finally:
            process.kill()
    until(lambda: not is_running(child), 5)

    code, ended = program.run(home, None, "resume", "--json")

    assert (code, [one["state"] for one in ended]) == (0, ["saved"])
    left = snapshot(home)
    assert [(clip.request_id, clip.path) for clip in left.clips] == [
        (ended[0]["request_id"], Path(ended[0]["path"]).name)
    ]
