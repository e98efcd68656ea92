"""Killed at every named step of a job, at its first three times, and taken up again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .forks import ForkServer
from .kills import Harness
from .program import Sandbox
from .scenes import SCENES, points, scene_of

pytestmark = pytest.mark.slow


def moments() -> Iterator[tuple[str, int]]:
    for point in points():
        for hit in range(1, scene_of(point).hits + 1):
            yield point, hit


def test_every_scene_is_of_a_step_that_is_there() -> None:
    assert set(SCENES) <= set(points())


def test_a_step_whose_name_is_not_written_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text("def f(rig, name): rig.step(name)\n")
    with pytest.raises(AssertionError, match="not written out"):
        points(tmp_path)


@pytest.mark.parametrize(("point", "hit"), moments(), ids=str)
def test_killed_there_what_was_sent_is_saved_once_or_shown(
    point: str, hit: int, served: Sandbox, forks: ForkServer, tmp_path: Path
) -> None:
    harness = Harness(served, tmp_path, forks)
    trial = harness.at_point(scene_of(point), f"{point}:{hit}", f"{point}:{hit}", twice=hit == 1)
    assert trial.hit, f"the program ended before it came to {point} for time {hit}"
    assert [f"{one.kind}: {one.text}" for one in trial.findings] == []
