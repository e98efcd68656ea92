import asyncio
import stat
from pathlib import Path

import pytest

from reelroom.fal.sandbox.app import sandbox_app
from reelroom.fal.sandbox.errors import CannotServe, NotAccepted
from reelroom.fal.sandbox.pace import Pace, times

from .conftest import SMALL, TEXT, Caller, Start


async def test_the_sandbox_says_what_it_is(sandbox: Caller) -> None:
    assert (await sandbox.http.get(f"{sandbox.base}/sandbox")).json() == {"sandbox": "reelroom", "version": 1}


async def test_the_ledger_counts_submits_bills_and_downloads(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=0, run_s=0)
    url = (await sandbox.video())["url"]
    await sandbox.http.get(url)
    await sandbox.http.get(url, headers={"range": "bytes=10-"})
    await sandbox.video()
    await sandbox.video(seed=3)
    ledger = await sandbox.ledger()
    assert ledger["billed"] == 3
    assert [entry["posts"] for entry in ledger["submits"]] == [2, 2, 1]
    first = ledger["submits"][0]
    assert (first["endpoint"], first["input"], first["state"]) == (TEXT, SMALL, "completed")
    assert first["submitted_at"] <= first["started_at"] <= first["ended_at"]
    size = first["file_size"]
    assert first["downloads"] == {"complete": 1, "resumed": 1, "broken": 0, "bytes": 2 * size - 10}


async def test_a_submit_can_be_held_before_and_after_it_is_counted(sandbox: Caller) -> None:
    await sandbox.pace(submit_before_s=0.3, submit_after_s=0.3)
    async with asyncio.TaskGroup() as tasks:
        posting = tasks.create_task(sandbox.submit())
        await asyncio.sleep(0.15)
        assert (await sandbox.ledger())["submits"] == []
        await asyncio.sleep(0.3)
        (entry,) = (await sandbox.ledger())["submits"]
        assert not posting.done()
    assert posting.result()["request_id"] == entry["request_id"]


async def test_a_caller_that_leaves_before_the_answer_has_still_submitted(sandbox: Caller) -> None:
    await sandbox.pace(submit_after_s=0.3)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.15):
            await sandbox.submit()
    (entry,) = (await sandbox.ledger())["submits"]
    assert entry["input"] == SMALL


@pytest.mark.parametrize(
    "knobs",
    [
        {"queue_s": -1},
        {"run_s": "fast"},
        {"submit_before_s": None},
        {"media_bytes_per_s": 0},
        {"speed": 2},
        {"run_s": True},
    ],
)
async def test_a_pace_that_is_none_is_refused_with_a_sentence(
    sandbox: Caller, knobs: dict[str, object]
) -> None:
    answer = await sandbox.pace(**knobs)
    assert answer.status_code == 422
    assert next(iter(knobs)) in answer.json()["detail"]
    raw = await sandbox.http.put(f"{sandbox.base}/sandbox/pace", content=b"[")
    assert raw.status_code == 422


def test_usual_times_are_within_their_bounds_and_the_same_each_time() -> None:
    for number in range(200):
        queue_s, run_s = times(TEXT, f'{{"seed":{number}}}', speed=1.0, pace=Pace())
        assert 1 <= queue_s <= 2
        assert 4 <= queue_s + run_s <= 8
        slow = times(TEXT, f'{{"seed":{number}}}', speed=10.0, pace=Pace())
        assert slow == pytest.approx((queue_s * 10, run_s * 10))


async def test_a_restart_takes_up_what_was_in_line_and_at_work(start: Start) -> None:
    async with start(slots=1) as sandbox:
        await sandbox.pace(queue_s=0, run_s=0.5)
        done = await sandbox.submit(seed=1)
        await sandbox.until(done, "COMPLETED")
        at_work, in_line = await sandbox.submit(seed=2), await sandbox.submit(seed=3)
        await sandbox.until(at_work, "IN_PROGRESS")
        before = (await sandbox.ledger())["submits"]
    async with start(slots=1) as sandbox:
        for ticket in (done, at_work, in_line):
            here = {"status_url": f"{sandbox.base}/queue/a/b/requests/{ticket['request_id']}/status"}
            await sandbox.until(here, "COMPLETED")
        after = (await sandbox.ledger())["submits"]
        assert [entry["request_id"] for entry in after] == [entry["request_id"] for entry in before]
        assert [entry["state"] for entry in after] == ["completed"] * 3
        assert after[1]["started_at"] == before[1]["started_at"]
        name = at_work["request_id"].replace("-", "")
        assert (
            await sandbox.http.get(f"{sandbox.base}/cdn/files/sandbox/{name}/output.mp4")
        ).status_code == 200


async def test_nothing_half_written_bears_a_plain_name_and_leftovers_go(start: Start, tmp_path: Path) -> None:
    media = tmp_path / "state" / "sandbox-media"
    media.mkdir(parents=True)
    (media / ".left.over.part").write_bytes(b"half")
    async with start() as sandbox:
        await sandbox.video()
        names = sorted(path.name for path in media.iterdir())
        assert len(names) == 1
        assert names[0].endswith(".mp4")


async def test_the_ledger_is_readable_by_its_owner_only(start: Start, tmp_path: Path) -> None:
    async with start() as sandbox:
        await sandbox.video()
        for path in (tmp_path / "state").glob("sandbox.*"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


async def test_two_sandboxes_never_share_a_folder(start: Start, tmp_path: Path) -> None:
    async with start():
        with pytest.raises(CannotServe, match="Another sandbox"):
            async with sandbox_app(tmp_path / "state", patience=0.1):
                pass


async def test_a_folder_that_cannot_be_used_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotServe, match="cannot use the folder"):
        async with sandbox_app(tmp_path / "file"):
            pass


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf"), 1e9])
async def test_a_speed_that_is_none_is_refused(tmp_path: Path, speed: float) -> None:
    with pytest.raises(NotAccepted, match="speed"):
        async with sandbox_app(tmp_path, speed=speed):
            pass


async def test_a_clip_that_cannot_be_rendered_fails_alone(start: Start, tmp_path: Path) -> None:
    async with start() as sandbox:
        media = tmp_path / "state" / "sandbox-media"
        media.rename(tmp_path / "away")
        bad = await sandbox.submit(seed=1)
        body = await sandbox.until(bad, "COMPLETED")
        assert body["error_type"] == "internal_server_error"
        assert (await sandbox.http.get(bad["response_url"])).status_code == 500
        (tmp_path / "away").rename(media)
        assert (await sandbox.video(seed=2))["file_size"] > 0
        assert (await sandbox.ledger())["billed"] == 1
