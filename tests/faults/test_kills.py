"""The installed program, killed in each stretch of a job's life, and taken up again.

Two kills in each window here; REELROOM_KILLS sets another number, REELROOM_SEED repeats a run, and
`python -m tests.faults` prints the table.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from .kills import Harness
from .program import Sandbox, sandbox
from .windows import WINDOWS, Window

KILLS = int(os.environ.get("REELROOM_KILLS", "2"))

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="module")
def seed() -> str:
    return os.environ.get("REELROOM_SEED") or secrets.token_hex(4)


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: window.name)
def test_killed_in_any_window_what_was_sent_is_saved_once_or_unknown(
    window: Window, seed: str, served: Sandbox, tmp_path: Path
) -> None:
    tally = Harness(served, tmp_path).kill(window, KILLS, seed)
    assert tally.told() == []
    assert tally.kills == KILLS, f"{tally.outside} kills fell outside; the seed is {seed}"
    jobs = sum(len(trial.killed.jobs) for trial in tally.trials)
    assert tally.jobs("saved") + tally.jobs("unknown") == jobs
    assert jobs > 0
    if window.name != "submit":
        assert (tally.counted, tally.jobs("unknown")) == (jobs, 0)
