"""Several commands on one library: the first does the work, the others have it done, and take over."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.outside import snapshot, watch
from tests.tui.cli.script import HAILUO, KLING, LIMIT, Reelroom, running, wait_for

Pace = Callable[..., None]

TAKEOVER = 10.0
"""Seconds that the work may lie there after the engine was killed."""

pytestmark = pytest.mark.slow


@pytest.fixture
def engine(there: Reelroom, pace: Pace) -> Iterator[subprocess.Popen[bytes]]:
    """A command that does the work of the library, with a job that runs for a minute."""
    pace(queue_s=0.0, run_s=60.0)
    with running(there.start("generate", "the first", "-m", KLING)) as process:
        wait_for(process, "running")
        pace()
        yield process
    # The sandbox runs two requests at a time: one that is left would hold up the other tests.
    for job in snapshot(there.home).jobs:
        if job.state in {"queued", "running"}:
            there.run("cancel", job.id)


def until(so: Callable[[], bool], seconds: float) -> float:
    began = time.monotonic()
    while not so():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
    return time.monotonic() - began


def states(home: Path) -> list[str]:
    return sorted(snapshot(home).states)


def lock(home: Path) -> dict[str, object]:
    """Who holds the lock, as its file says."""
    return json.loads((home / "data/engine.lock").read_text() or "{}")


def test_a_second_generate_is_done_by_the_first_and_ends_as_if_it_were_alone(
    engine: subprocess.Popen[bytes], there: Reelroom
) -> None:
    ended = there.run("generate", "the second", "-m", KLING, "-m", HAILUO, "--json")
    assert ended.code == 0, ended.err
    assert f"Another Reelroom ({engine.pid}) does the work" in ended.err
    assert [(job["state"], Path(job["path"]).exists()) for job in ended.objects] == [("saved", True)] * 2
    assert engine.poll() is None
    assert lock(there.home)["pid"] == engine.pid
    assert states(there.home) == ["running", "saved", "saved"]


@pytest.mark.usefixtures("engine")
def test_the_progress_of_a_job_is_seen_beside_the_engine(there: Reelroom, pace: Pace) -> None:
    pace(queue_s=1.0, run_s=2.0)
    ended = there.run("generate", "the second", "-m", KLING)
    words = {line.split("  ")[2].strip() for line in ended.err.splitlines() if line.count("  ") >= 3}
    assert words >= {"queued", "running", "saved"}
    assert [path.exists() for path in ended.paths] == [True]


@pytest.mark.usefixtures("engine")
def test_detached_it_ends_once_fal_has_taken_the_request(there: Reelroom, pace: Pace) -> None:
    pace(queue_s=60.0)
    ended = there.run("generate", "the second", "-m", KLING, "--detach", "--json")
    assert (ended.code, [job["state"] for job in ended.objects]) == (0, ["queued"])


def test_the_place_of_a_killed_engine_is_taken_within_ten_seconds_and_nothing_is_sent_twice(
    engine: subprocess.Popen[bytes], there: Reelroom, pace: Pace
) -> None:
    pace(queue_s=0.0, run_s=4.0)
    with running(there.start("generate", "the second", "-m", KLING, "--json")) as second:
        wait_for(second, "running")
        engine.send_signal(signal.SIGKILL)
        engine.wait()
        took = until(lambda: lock(there.home).get("pid") == second.pid, TAKEOVER)
        out, err = second.communicate(timeout=LIMIT)
    assert took < TAKEOVER
    assert second.returncode == 0, err.decode()
    (job,) = [json.loads(line) for line in out.splitlines()]
    assert job["state"] == "saved"
    left = snapshot(there.home)
    assert sorted(row.state for row in left.jobs) == ["running", "saved"]
    assert len({row.request_id for row in left.jobs}) == 2


def test_the_work_of_an_engine_that_ends_goes_on_beside_it(
    engine: subprocess.Popen[bytes], there: Reelroom, pace: Pace
) -> None:
    pace(queue_s=0.0, run_s=3.0)
    with running(there.start("generate", "the second", "-m", KLING, "--json")) as second:
        wait_for(second, "running")
        engine.send_signal(signal.SIGINT)
        _out, err = engine.communicate(timeout=LIMIT)
        assert (engine.returncode, b"goes on without Reelroom" in err) == (130, True)
        out, _err = second.communicate(timeout=LIMIT)
    assert (second.returncode, json.loads(out)["state"]) == (0, "saved")


@pytest.mark.usefixtures("engine")
def test_leaving_beside_the_engine_leaves_the_job_to_it(there: Reelroom, pace: Pace) -> None:
    pace(queue_s=0.0, run_s=2.0)
    with running(there.start("generate", "the second", "-m", KLING)) as second:
        wait_for(second, "running")
        second.send_signal(signal.SIGINT)
        _out, err = second.communicate(timeout=LIMIT)
    assert second.returncode == 130
    assert "1 job goes on in the other Reelroom, which saves it." in err.decode()
    until(lambda: states(there.home) == ["running", "saved"], LIMIT)


def test_a_cancel_beside_the_engine_ends_the_job_in_both(
    engine: subprocess.Popen[bytes], there: Reelroom
) -> None:
    (job,) = there.run("jobs", "--json").objects
    ended = there.run("cancel", job["job_id"])
    assert (ended.code, "cancelled" in ended.err) == (0, True)
    _out, err = engine.communicate(timeout=LIMIT)
    assert (engine.returncode, b"cancelled" in err) == (1, True)


@pytest.mark.usefixtures("engine")
def test_resume_beside_the_engine_waits_for_what_it_works_on(there: Reelroom) -> None:
    with running(there.start("resume", "--json")) as second:
        wait_for(second, "running")
        (job,) = there.run("jobs", "--json").objects
        assert there.run("cancel", job["job_id"]).code == 0
        out, _err = second.communicate(timeout=LIMIT)
    assert [json.loads(line)["state"] for line in out.splitlines()] == ["cancelled"]
    assert second.returncode == 1


def test_what_belongs_elsewhere_is_not_handed_to_the_engine(
    engine: subprocess.Popen[bytes], there: Reelroom
) -> None:
    ended = Reelroom(there.home).run("generate", "the second", "-m", KLING)
    assert ended.code == 1
    assert f"(process {engine.pid})" in ended.err
    assert "and here it is sandbox" in ended.err
    assert "Nothing was done here; wait for it, or end it." in ended.err
    assert states(there.home) == ["running"]


@pytest.mark.usefixtures("engine")
def test_a_job_of_any_origin_is_put_away_beside_the_engine(there: Reelroom) -> None:
    (job,) = there.run("jobs", "--json").objects
    ended = there.run("dismiss", job["job_id"])
    assert (ended.code, "can be dismissed" in ended.err) == (1, True)


def test_a_killed_engine_with_a_sandbox_of_its_own_is_followed_by_one_that_starts_another(
    reelroom: Reelroom,
) -> None:
    small = ("--set", "duration=1", "--set", "resolution=360p", "-m", "pixverse-v6")
    with running(reelroom.start("generate", "the first", *small, "--json")) as first:
        with watch(reelroom.home) as seen:
            until(lambda: bool(seen.states() & {"queued", "running"}), 30)
        with running(reelroom.start("generate", "the second", *small, "--json")) as second:
            wait_for(second, "does the work")
            first.kill()
            first.wait()
            out, err = second.communicate(timeout=LIMIT)
    assert second.returncode == 0, err.decode()
    assert json.loads(out)["state"] == "saved"
    left = reelroom.run("resume")
    assert left.code == 0, left.err
    assert states(reelroom.home) == ["saved", "saved"]
