"""The fault matrix: 42 rows, a test each, by its number.

The real program where that is quick, against the sandbox's faults; the engine on a fake FAL and a fast clock
where a row lasts for minutes or days. A row that needs a right or a tool that is missing is skipped: not run.
"""

import os
import signal
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from reelroom.store.states import HoldUp, JobState
from tests.disks import fill, small_disk
from tests.fakes import FakeFal, FastClock, Killed, reply, steps_until
from tests.fal import test_downloads
from tests.faults.forks import Child, ForkServer
from tests.faults.kills import Harness
from tests.faults.power import cut, loop_disk, stopped
from tests.faults.program import Sandbox
from tests.faults.scenes import scene_of
from tests.faults.stage import OFF, Stage
from tests.faults.syscalls import Injection, injected
from tests.faults.windows import SPEEDY, window_named
from tests.store import test_cancelled_writers as writers
from tests.studio import test_cancelling, test_old_failures
from tests.studio.room import Room, order

pytestmark = pytest.mark.slow

SLOW = {**SPEEDY, "media_bytes_per_s": 300_000.0}


@pytest.fixture
def stage(served: Sandbox, forks: ForkServer, tmp_path: Path) -> Stage:
    return Stage(served, forks, tmp_path / f"home-{os.urandom(3).hex()}")


@pytest.fixture
def harness(served: Sandbox, forks: ForkServer, tmp_path: Path) -> Harness:
    return Harness(served, tmp_path, forks)


@pytest.fixture
def room(tmp_path: Path, clip: bytes) -> Room:
    (tmp_path / "library").mkdir()
    return Room(tmp_path, FakeFal(clip=clip), FastClock())


def saved(stage: Stage, jobs: int = 1) -> None:
    """Every job saved, each paid once."""
    assert stage.states() == ["saved"] * jobs
    assert len(stage.submits()) == jobs


def at(harness: Harness, point: str) -> list[str]:
    trial = harness.at_point(scene_of(point.partition(":")[0]), point, f"row-{point}-{os.urandom(3).hex()}")
    assert trial.hit
    assert trial.findings == []
    return trial.ended.states


def test_every_row_has_its_test() -> None:
    rows = {name[9:11] for name in globals() if name.startswith("test_row_")}
    assert rows == {f"{row:02}" for row in range(1, 43)}


def test_row_01_killed_before_the_intent_nothing_was_sent_or_charged(harness: Harness) -> None:
    assert at(harness, "intent.begin:1") == []


def test_row_02_killed_after_the_intent_it_is_sent_once(harness: Harness) -> None:
    assert at(harness, "intent.committed:1") == ["saved"] * 3


def test_row_03_killed_after_the_post_it_is_never_sent_again(harness: Harness) -> None:
    trial = harness.trial(window_named("submit"), f"row-03-{os.urandom(3).hex()}")
    assert trial.findings == []
    assert at(harness, "submitting.committed:1")[0] in {"saved", "unknown"}


def test_row_04_killed_with_the_answer_in_hand_it_is_found_in_the_listing(harness: Harness) -> None:
    # The other two may not have been sent yet, which nobody can know.
    assert at(harness, "submit.replied:1").count("saved") >= 1


def test_row_05_a_refused_connection_is_tried_again(stage: Stage) -> None:
    stage.set(away_s=0.5)
    assert stage.generate()[0] == 0
    saved(stage)


async def test_row_06_no_answer_to_a_post_is_unknown_then_found(room: Room) -> None:
    room.fal.submits = [httpx.ReadTimeout("no answer")]
    (job,) = await room.run([order()])
    assert (job.state, job.reason) == (JobState.UNKNOWN, "no_answer")
    room.fal.list_posts(room.clock.at)
    (job,) = await room.run()
    assert (job.state, len(room.fal.posts)) == (JobState.SAVED, 1)


def test_row_07_a_stale_connection_is_unknown_and_never_sent_again(stage: Stage) -> None:
    stage.set({"step": "submit", "post": 1, "cut": "before", "how": "close"})
    code, (job,) = stage.generate()
    assert (code, job["state"], stage.submits()) == (1, "unknown", [])
    assert "may" in job["detail"]
    assert stage.resume()[1][0]["state"] == "unknown"
    assert stage.submits() == []


@pytest.mark.parametrize(("status", "acted"), [(502, True), (503, False), (504, True)])
def test_row_08_a_gateway_answers_the_post(stage: Stage, status: int, acted: bool) -> None:
    stage.set({"step": "submit", "status": status, "acted": acted}, **OFF)
    code, (job,) = stage.generate()
    assert (code, job["state"]) == (1, "unknown")
    assert job["detail"]
    assert len(stage.submits()) == acted
    stage.resume()
    assert stage.states() == ["saved" if acted else "unknown"]
    assert len(stage.submits()) == acted


def test_row_09_a_refused_key_keeps_the_jobs_until_a_good_one(stage: Stage) -> None:
    stage.set({"step": "status", "status": 401})
    code, (job,) = stage.generate()
    assert (code, job["event"], job["state"]) == (3, "waiting", "queued")
    assert stage.resume()[0] == 0
    saved(stage)


@pytest.mark.parametrize(("status", "code"), [(402, 3), (403, 3), (422, 2)])
def test_row_10_a_definite_no_is_an_ending_in_fals_words(stage: Stage, status: int, code: int) -> None:
    stage.set({"step": "submit", "status": status})
    ended, (job,) = stage.generate()
    assert (ended, job["state"]) == (code, "rejected")
    assert job["reason"]
    assert job["detail"]
    assert stage.submits() == []
    assert stage.sql("SELECT billed FROM job") == [(0,)]


async def test_row_11_too_many_requests_wait_no_longer_than_is_sane(room: Room) -> None:
    absurd = httpx.Response(429, headers={"retry-after": "86400000"}, json={"detail": "busy"})
    room.fal.submits = [absurd, room.fal._take]
    room.fal.statuses = [absurd, reply(200, status="COMPLETED")]
    began = room.clock.at
    async with room.engine() as studio:
        (job,) = await studio.submit([order()])
        while not (await room.job()).terminal:
            async for _ in studio.settle([job.id]):
                pass
    assert (await room.job()).state is JobState.SAVED
    assert room.clock.at - began < 2 * 3700


@pytest.mark.parametrize(
    "rule", [{"body": "html", "acted": True}, {"body": "truncated"}, {"drop": ["request_id", "status_url"]}]
)
def test_row_12_a_reply_that_says_nothing_is_kept_and_the_request_found(
    stage: Stage, rule: dict[str, object]
) -> None:
    stage.set({"step": "submit", **rule}, **OFF)
    _code, (job,) = stage.generate()
    if job["state"] != "saved":  # the reply still named the request
        assert job["state"] == "unknown"
        assert stage.sql("SELECT count(*) FROM document WHERE kind = 'submit'") == [(1,)]
        stage.resume()
    saved(stage)


def test_row_13_a_reply_that_is_the_result_is_saved(stage: Stage) -> None:
    stage.set({"step": "submit", "direct": True})
    assert stage.generate()[0] == 0
    assert stage.states() == ["saved"]


async def test_row_14_a_request_that_is_not_found_for_minutes_is_asked_for_again(room: Room) -> None:
    room.fal.statuses = [*[reply(404, detail="Not Found")] * 4, reply(200, status="COMPLETED")]
    (job,) = await room.run([order()])
    assert job.state is JobState.SAVED
    room.fal.statuses = [reply(404, detail="Not Found")]
    began = room.clock.at
    async with room.engine() as studio:
        (job,) = await studio.submit([order(prompt="another")])
        (ended,) = [ended async for ended in studio.settle([job.id], patience=1e9)]
    assert (ended.state, ended.reason) == (JobState.EXPIRED, "not_known")
    assert room.clock.at - began >= 600
    assert "may have been charged" in (ended.detail or "")


def test_row_15_unknown_words_and_missing_fields_are_no_ending(stage: Stage) -> None:
    stage.set(
        {"step": "status", "nth": 1, "set": {"status": "PAUSED"}},
        {"step": "status", "nth": 2, "drop": ["logs", "queue_position", "metrics"]},
        {"step": "status", "nth": 3, "drop": ["status"]},
        {"step": "status", "nth": 4, "json": ["COMPLETED"]},
        pace={**SPEEDY, "queue_s": 0.3},
    )
    assert stage.generate()[0] == 0
    saved(stage)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("generation_timeout", "timed_out"),
        ("content_policy_violation", "policy"),
        ("runner_server_error", "service_failed"),
    ],
)
def test_row_16_completed_with_an_error_is_a_failure_in_fals_words(
    stage: Stage, error: str, reason: str
) -> None:
    stage.set({"error": error})
    code, (job,) = stage.generate()
    assert (code, job["state"], job["reason"]) == (1, "failed", reason)
    assert job["detail"]
    assert job["request_id"]


def test_row_17_a_result_that_is_away_twenty_times_is_asked_for_again(stage: Stage) -> None:
    stage.set({"step": "result", "nth": "1-20", "status": 503, "body": "html"})
    assert stage.generate(1, "--patience", "30")[0] == 0
    saved(stage)


@pytest.mark.parametrize(
    ("output", "state"), [("null", "failed"), ("list", "saved"), ("nested", "saved"), ("text", "failed")]
)
def test_row_18_whatever_the_result_is_it_is_kept(stage: Stage, output: str, state: str) -> None:
    stage.set({"output": output})
    _code, (job,) = stage.generate()
    assert job["state"] == state
    assert job["reason"] == (None if state == "saved" else "no_media")
    assert stage.sql("SELECT count(*) FROM document WHERE kind = 'result'") != [(0,)]
    assert stage.states() == [state]


async def test_row_19_an_hour_without_network_is_no_ending(room: Room) -> None:
    off = httpx.ConnectError("Network is unreachable")
    room.fal.statuses = [reply(200, status="IN_QUEUE", queue_position=1), off]
    async with room.engine() as studio:
        (job,) = await studio.submit([order()])
        back = room.clock.at + 3600
        while room.clock.at < back:
            room.clock.on_wait = [lambda: None]
            async for waiting in studio.settle([job.id], patience=60):
                assert waiting.hold_up in {None, HoldUp.NETWORK}
        room.fal.statuses = [reply(200, status="COMPLETED")]
        assert [ended.state async for ended in studio.settle([job.id], patience=1e9)] == [JobState.SAVED]
    assert len(room.fal.posts) == 1


@pytest.mark.parametrize(
    "rule",
    [{"cut": "body", "keep": 1, "how": "hang"}, {"cut": "body", "keep": 0, "how": "mute"}, {"status": 404}],
)
def test_row_20_a_stream_that_stalls_leaves_the_job_to_polling(stage: Stage, rule: dict[str, object]) -> None:
    stage.set({"step": "stream", **rule}, pace={**SPEEDY, "run_s": 0.8})
    assert stage.generate()[0] == 0
    saved(stage)


@pytest.mark.parametrize("how", ["reset", "close"])
def test_row_21_a_cut_download_goes_on_where_it_stopped(stage: Stage, how: str) -> None:
    stage.set({"step": "media", "nth": "1-2", "cut": "body", "how": how})
    assert stage.generate()[0] == 0
    saved(stage)
    assert stage.submits()[0].resumed == 1


def test_row_22_a_short_file_without_a_length_is_fetched_anew(stage: Stage) -> None:
    stage.set(
        {"step": "media", "nth": 1, "unsized": True, "cut": "body", "keep": 30000, "how": "close"},
        {"step": "media", "nth": 2, "body": "truncated"},
    )
    assert stage.generate()[0] == 0
    saved(stage)


@pytest.mark.parametrize(
    "rule", [{"no_range": True}, {"shift": 1000}, {"status": 416, "headers": {"content-range": "bytes */1"}}]
)
def test_row_23_a_wrong_answer_to_a_range_never_splices(stage: Stage, rule: dict[str, object]) -> None:
    stage.set(
        {"step": "media", "nth": 1, "cut": "body", "keep": 20000, "how": "reset"},
        {"step": "media", "nth": 2, **rule},
    )
    assert stage.generate()[0] == 0
    saved(stage)


def test_row_24_a_file_that_changed_between_parts_is_begun_anew(stage: Stage) -> None:
    stage.set(
        {
            "step": "media",
            "nth": 1,
            "cut": "body",
            "keep": 20000,
            "how": "reset",
            "headers": {"etag": '"old"'},
        },
        {"step": "media", "nth": 2, "headers": {"etag": '"new"'}},
    )
    assert stage.generate()[0] == 0
    saved(stage)


def test_row_25_a_page_that_calls_itself_a_video_is_refused(stage: Stage) -> None:
    page = {"step": "media", "body": "html", "headers": {"content-type": "video/mp4"}}
    stage.set({**page, "nth": 1})
    assert stage.generate()[0] == 0
    stage.set(page)
    code, (job,) = stage.generate(prompt="a hare")
    assert (code, job["state"], job["reason"]) == (1, "failed", "not_a_video")
    assert stage.states() == ["saved", "failed"]


def test_row_26_a_file_beyond_any_clip_is_stopped_in_little_memory(stage: Stage) -> None:
    stage.set()
    stage.generate(prompt="an owl")
    usual = stage.program.peak
    stage.set({"step": "media", "body": "endless", "length": 5 << 30})
    code, (job,) = stage.generate()
    assert (code, job["state"], job["reason"]) == (1, "failed", "not_a_video")
    assert stage.program.peak - usual < 16 << 10
    stage.set({"step": "result", "nth": 1, "body": "bomb", "size": 100_000_000})
    assert stage.generate(prompt="a hare")[0] == 0
    assert stage.states() == ["saved", "failed", "saved"]


async def test_row_27_a_drip_is_a_stall() -> None:
    await test_downloads.test_a_drip_is_a_stall()


@pytest.mark.parametrize(
    "to", ["http://127.0.0.1:9/a.mp4", "https://127.0.0.1/a.mp4", "file:///etc/hostname"]
)
def test_row_28_a_redirect_to_a_stranger_is_refused(stage: Stage, to: str) -> None:
    stage.set({"step": "media", "status": 302, "body": "empty", "headers": {"location": to}})
    code, (job,) = stage.generate()
    assert (code, job["state"], job["reason"]) == (1, "failed", "foreign_address")
    assert job["request_id"]
    stage.left()


def test_row_29_a_foreign_address_for_questions_is_not_used(stage: Stage) -> None:
    foreign = {"status_url": "https://example.net/s", "response_url": "http://127.0.0.1:9/r"}
    stage.set({"step": "submit", "set": foreign})
    assert stage.generate()[0] == 0
    saved(stage)


@pytest.mark.parametrize("status", [403, 404, 410])
def test_row_30_a_dead_link_is_fetched_anew_and_its_end_is_said_aloud(stage: Stage, status: int) -> None:
    stage.set({"step": "media", "nth": 1, "status": status})
    assert stage.generate()[0] == 0
    stage.set({"step": "media", "status": status})
    code, (job,) = stage.generate(prompt="a hare")
    assert (code, job["state"], job["reason"]) == (1, "expired", "link_refused")
    assert job["detail"]
    assert job["request_id"]


def standing(stage: Stage, point: str) -> Child:
    """A `generate` that stands still at a step."""
    child = stopped(stage, f"{point}:1")
    assert child is not None
    return child


def filled(stage: Stage, point: str) -> None:
    """The disk fills up while the program stands at a point; later there is room again."""
    with small_disk(stage.home, 96 << 20):
        stage.set()
        child = standing(stage, point)
        ballast = fill(stage.home)
        os.kill(child.pid, signal.SIGCONT)
        code, _ = child.wait()
        stage.left()
        ballast.unlink()
        assert code in {0, 1}
        stage.resume()
        saved(stage)


def test_row_31_a_disk_that_fills_up_before_a_download_loses_nothing(stage: Stage) -> None:
    filled(stage, "downloading.committed")


@pytest.mark.parametrize("point", ["submitting.committed", "saved.begin"])
def test_row_32_a_disk_that_fills_up_before_a_commit_loses_nothing(stage: Stage, point: str) -> None:
    """Before FAL's reply is kept, and before the rows of the clip are."""
    filled(stage, point)


@pytest.mark.parametrize("call", ["fsync", "pwrite64"])
def test_row_33_a_disk_that_errs_is_written_to_anew(stage: Stage, call: str) -> None:
    """The first calls of that name in each thread: of database, part, sidecar and folder."""
    stage.set()
    stage.generate()
    hits = 0
    for when in range(1, 6):
        hits += injected(stage, Injection(call, "EIO", when), prompt=f"hare {when}")
        stage.left()
        stage.resume()
        assert set(stage.states()) == {"saved"}
    assert hits


def test_row_34_a_library_that_is_gone_is_never_made_anew(stage: Stage) -> None:
    stage.set()
    stage.generate()
    stage.start(*stage.order(prompt="a hare"), point="downloading.committed:1").wait()
    away = stage.home / "away"
    stage.library.rename(away)
    code, (job,) = stage.resume()
    assert (code, job["event"]) == (1, "waiting")
    assert not any(path.suffix == ".mp4" for path in stage.home.glob("data/library/*"))
    with suppress(FileNotFoundError):
        stage.library.rmdir()
    away.rename(stage.library)
    assert stage.resume()[0] == 0
    saved(stage, 2)


@pytest.mark.parametrize("point", ["part.synced:1", "renamed:1", "folder.synced:1", "saved.begin:1"])
def test_row_35_killed_at_each_step_of_a_save_it_is_adopted(harness: Harness, point: str) -> None:
    assert at(harness, point) == ["saved"] * 3


@pytest.mark.parametrize(
    "point", ["submit.kept", "queued.committed", "part.synced", "folder.synced", "saved.committed"]
)
def test_row_36_a_power_cut_takes_nothing_that_was_said(stage: Stage, point: str) -> None:
    with loop_disk(stage.home) as disk:
        stage.set()
        with cut(stage, disk, f"{point}:1") as (said, left):
            assert (left.jobs, left.clips) == (said.jobs, said.clips)
            stage.left()
            stage.resume()
            saved(stage)


def test_row_36_a_power_cut_takes_no_clip_from_a_library_on_a_disk_of_its_own(stage: Stage) -> None:
    """There no commit of the database brings the clip to the disk as well."""
    with loop_disk(stage.library) as disk:
        stage.set()
        assert stage.generate(prompt="an owl")[0] == 0
        with cut(stage, disk, "saved.committed:1", stage.library) as (said, left):
            assert (left.jobs, left.clips) == (said.jobs, said.clips)
            stage.left()


@pytest.mark.parametrize("sent", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_row_37_a_hang_up_in_the_middle_is_taken_up(stage: Stage, sent: signal.Signals) -> None:
    stage.set(pace=SLOW)
    child = standing(stage, "downloading.committed")
    os.kill(child.pid, signal.SIGCONT)
    os.kill(child.pid, sent)
    child.wait()
    stage.left()
    stage.resume()
    saved(stage)


def test_row_38_of_two_processes_one_works_and_the_next_takes_over(stage: Stage) -> None:
    stage.set(pace={**SPEEDY, "run_s": 0.5})
    first = stage.start(*stage.order(2))
    second = stage.start("resume", "--json")
    third = stage.start("resume", "--json")
    time.sleep(0.5)
    first.kill()
    for child in (first, second, third):
        child.wait()
    stage.resume()
    left = stage.left()
    assert set(left.states) <= {"saved", "unknown"}
    assert len(left.clips) == len(left.jobs) - left.states.count("unknown")


def test_row_39_a_database_that_is_busy_is_waited_for(stage: Stage) -> None:
    stage.set(pace={**SPEEDY, "run_s": 0.3})
    child = standing(stage, "queued.committed")
    with closing(sqlite3.connect(stage.home / "data/reelroom.db", isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        os.kill(child.pid, signal.SIGCONT)
        time.sleep(2)
        assert child.poll() is None
        foreign.execute("COMMIT")
    assert child.wait()[0] == 0
    saved(stage)


@pytest.mark.parametrize("damage", ["emptied", "garbage", "gone", "newer"])
def test_row_40_a_database_that_is_damaged_is_set_aside_and_made_anew(stage: Stage, damage: str) -> None:
    stage.set()
    stage.generate(2)
    before = stage.left()
    database = stage.home / "data/reelroom.db"
    if damage == "newer":
        with closing(sqlite3.connect(database)) as own:
            own.execute("PRAGMA user_version = 9999")
        content = database.read_bytes()
        assert stage.run("resume", "--json")[0] == 1
        assert database.read_bytes() == content
        return
    for path in database.parent.glob("reelroom.db*"):
        path.unlink()
    if damage != "gone":
        database.write_bytes(b"" if damage == "emptied" else b"garbage " * 4096)
        assert stage.generate()[0] != 0
        assert len(stage.submits()) == 2
    stage.run("doctor", "--fix")
    after = stage.left()
    assert sorted(clip.path for clip in after.clips) == sorted(clip.path for clip in before.clips)
    assert {clip.sha256 for clip in after.clips} == {clip.sha256 for clip in before.clips}


@pytest.mark.parametrize("days", [-400, 400])
@pytest.mark.parametrize("step", ["submit.kept", "running.committed", "downloading.committed"])
async def test_row_41_a_clock_that_jumps_ends_nothing_early(room: Room, step: str, days: int) -> None:
    room.fal.statuses = [reply(200, status="IN_PROGRESS", logs=[]), reply(200, status="COMPLETED")]
    with pytest.raises(BaseExceptionGroup):
        await room.run([order()], step=steps_until(step, [], Killed))
    room.clock.at += days * 86400
    (job,) = await room.run()
    assert job.state is JobState.SAVED
    assert len(room.fal.posts) == 1


async def test_row_42_leaving_and_cancelling_at_every_turn_loses_nothing(room: Room, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    await writers.test_a_transaction_goes_on_and_is_told_of_when_its_task_is_cancelled_in_the_middle(
        tmp_path / "store" / "reelroom.db"
    )
    projects = replace(room, folder=tmp_path / "projects")
    projects.library.folder.mkdir(parents=True)
    await test_old_failures.test_the_project_is_deleted_meanwhile_and_the_clip_is_saved_unfiled(projects)
    races = replace(room, folder=tmp_path / "races", fal=FakeFal(clip=room.fal.clip))
    races.library.folder.mkdir(parents=True)
    await test_cancelling.test_finished_before_the_cancel_it_is_saved(races)
