"""The installed program, killed in each stretch of a job's life, and taken up again.

A few kills in each window here, and two hundred at any moment, the taking up among them. REELROOM_KILLS sets
another number for each window, REELROOM_SEED repeats a run, and `python -m tests.faults` prints the table.
"""

import os
import secrets
from pathlib import Path

import pytest

from .forks import ForkServer
from .kills import Harness, Tally
from .program import Sandbox
from .windows import ANY, WINDOWS, Window

KILLS = int(os.environ.get("REELROOM_KILLS", "3"))
MOMENTS_KILLED = 200

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def seed() -> str:
    return os.environ.get("REELROOM_SEED") or secrets.token_hex(4)


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: window.name)
def test_killed_in_any_window_what_was_sent_is_saved_once_or_unknown(
    window: Window, seed: str, served: Sandbox, forks: ForkServer, tmp_path: Path
) -> None:
    tally = Harness(served, tmp_path, forks).kill(window, KILLS, seed)
    assert tally.told() == []
    assert tally.kills == KILLS, f"{tally.outside} kills fell outside; the seed is {seed}"
    jobs = sum(len(trial.ended.jobs) for trial in tally.trials)
    assert tally.jobs("saved") + tally.jobs("unknown") == jobs
    assert jobs > 0
    if window.name != "submit":
        assert (tally.counted, tally.jobs("unknown")) == (jobs, 0)


def test_killed_at_any_moment_and_again_while_it_takes_up(
    seed: str, served: Sandbox, forks: ForkServer, tmp_path: Path
) -> None:
    harness = Harness(served, tmp_path, forks)
    tally = Tally(ANY.name)
    for trial in harness.trials(ANY, seed, again=4):
        tally.trials.append(trial)
        if tally.all_kills >= MOMENTS_KILLED:
            break
    assert tally.told() == []
