"""The harness must be able to fail: engines with a known fault, and whether it is found.

A mutant is a copy of the sources in which one piece of text is another; the real program runs from it.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from .forks import fork_server
from .kills import Harness, Tally
from .mutants import plant
from .program import Sandbox
from .windows import AFTER_SAVED, Window, window_named

MOST = 8
"""Kills after which a mutant that lives is one too many."""

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault: where it is, and the promise that it breaks."""

    name: str
    file: str
    old: str
    new: str
    window: Window
    kinds: tuple[str, ...]


UNKNOWN = '    return await _unknown(rig, job, "left_while_sending", detail)'
MUTANTS = (
    Mutant(
        "sends again what may have been sent",
        "tui/studio/send.py",
        UNKNOWN,
        "    return await send(rig, await rig.store.move(job.id, JobState.INTENT))",
        window_named("submit"),
        ("second post",),
    ),
    Mutant(
        "writes the row before the file has its name",
        "tui/studio/save.py",
        "await settled(in_thread(_publish, rig, job, output, media))\n",
        "await rig.store.save(job.id, [media])\n"
        "        await settled(in_thread(_publish, rig, job, output, media))\n",
        AFTER_SAVED,
        ("lie",),
    ),
    Mutant(
        "downloads in the open",
        "store/library.py",
        'self.path(f".{media_id}.part")',
        'self.path(f"{media_id}.part")',
        window_named("download"),
        ("stray",),
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_harness_finds_an_engine_that(mutant: Mutant, served: Sandbox, tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    plant(mutant, sources)
    assert _origin(sources).is_relative_to(tmp_path)
    (tmp_path / "trials").mkdir()
    tally = Tally(mutant.window.name)
    with fork_server({"PYTHONPATH": str(sources)}) as program:
        harness = Harness(served, tmp_path / "trials", program)
        while not tally.found(*mutant.kinds) and len(tally.trials) < MOST:
            tally.trials.append(harness.trial(mutant.window, f"{mutant.window.name}:{len(tally.trials)}"))
    assert tally.found(*mutant.kinds), f"{len(tally.trials)} kills found only {tally.told()}"


def _origin(sources: Path) -> Path:
    """The file that the package is loaded from: a mutant that is not run proves nothing."""
    asked = [sys.executable, "-c", "import reelroom.tui.studio.save as it; print(it.__file__)"]
    environment = {"PYTHONPATH": str(sources)}
    return Path(subprocess.run(asked, env=environment, check=True, capture_output=True, text=True).stdout)
