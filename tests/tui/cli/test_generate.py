"""From a prompt to a clip through the console script, against a real sandbox."""

import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.cli.script import HAILUO, KLING, LIMIT, Reelroom, running, wait_for

Pace = Callable[..., None]
HOSTILE = "a fox [/] [red]x[/red] \x1b]52;c;aGFja2Vk\x07 \u202egnp.exe \x9b2J"


def test_two_models_become_two_clips_with_paths_alone_on_stdout(there: Reelroom) -> None:
    ended = there.run("generate", "a red fox", "-m", KLING, "-m", HAILUO)
    assert ended.code == 0, ended.err
    assert len(ended.paths) == 2
    for path in ended.paths:
        assert path.is_absolute()
        assert path.parent == there.home / "data" / "library"
        assert path.stat().st_size > 1000
    assert ended.err.splitlines()[0].endswith("stands in for FAL.")
    assert "2 jobs for 2 models: ≈$0.84 in practice money." in ended.err
    assert ended.err.count("saved") == 2
    made = list(there.home.rglob("*"))
    assert all(path.stat().st_mode & 0o077 == 0 for path in made), made


def test_json_tells_of_each_job_and_media_lists_the_same_clips(there: Reelroom, sandbox: str) -> None:
    ended = there.run("generate", "a red fox", "-m", KLING, "--count", "2", "--project", "Fables", "--json")
    assert ended.code == 0, ended.err
    first, second = ended.objects
    for job in (first, second):
        assert (job["event"], job["state"], job["origin"]) == ("finished", "saved", sandbox)
        assert (job["endpoint_id"], job["model"], job["project"]) == (KLING, "Kling 2.5 Turbo Pro", "Fables")
        assert job["estimate_usd"] == 0.35
        assert job["request_id"]
        assert job["more"] == []
        assert hashlib.sha256(Path(job["path"]).read_bytes()).hexdigest() == job["sha256"]
    listed = there.run("media", "--json").objects
    assert {clip["media_id"]: clip["path"] for clip in listed} == {
        job["media_id"]: job["path"] for job in (first, second)
    }
    for clip in listed:
        assert (clip["project"], clip["prompt"], clip["tags"]) == ("Fables", "a red fox", [])
        assert clip["created_at"].endswith("Z")
    assert [clip["path"] for clip in listed] == there.run("media").out.splitlines()
    assert there.run("media", "no such word", "--json").out == ""
    assert len(there.run("media", "RED kling", "--project", "fables", "--json").objects) == 2
    assert there.run("media", "--project", "Nowhere").code == 2


def test_a_given_seed_is_sent_and_kept(there: Reelroom) -> None:
    ended = there.run("generate", "a fox", "-m", "pixverse-v6", "--seed", "41", "--json")
    assert ended.code == 0, ended.err
    assert [clip["seed"] for clip in there.run("media", "--json").objects] == [41]


def child_of(process: subprocess.Popen[bytes]) -> Path:
    """The place in /proc of the one child of a command."""
    command = ["ps", "-o", "pid=", "--ppid", str(process.pid)]
    (child,) = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return Path("/proc", child)


def test_without_a_key_a_sandbox_is_said_first_and_goes_on_where_it_was_left(reelroom: Reelroom) -> None:
    # A blank key is none, and shows that the variable is not handed on.
    with running(reelroom.at(FAL_KEY=" ").start("generate", "a red fox", "-m", KLING)) as process:
        said = wait_for(process, "queued")
        child = child_of(process)
        assert b"FAL_KEY" not in (child / "environ").read_bytes()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT)
    assert said.splitlines()[0].startswith("Sandbox: free practice clips, nothing is sent to FAL.")
    assert process.returncode == 130
    assert not child.exists()
    ended = reelroom.run("resume", "--json")
    assert ended.code == 0, ended.err
    (job,) = ended.objects
    assert (job["origin"], job["state"]) == ("sandbox", "saved")
    assert "-sandbox-" in job["path"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_job_at_work_and_cancels_nothing(
    there: Reelroom, pace: Pace, number: int
) -> None:
    pace(queue_s=60.0)
    with running(there.start("generate", "a red fox", "-m", KLING)) as process:
        wait_for(process, "queued")
        process.send_signal(number)
        out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    assert "1 job is still at work at FAL. It goes on without Reelroom" in err.decode()
    assert out == b""
    (job,) = there.run("jobs", "--json").objects
    assert (job["state"], job["hold_up"]) == ("queued", None)
    assert there.run("cancel", job["job_id"][-8:]).code == 0


def test_a_first_press_waits_for_the_answer_to_a_request(there: Reelroom, pace: Pace) -> None:
    pace(submit_after_s=0.8)
    with running(there.start("generate", "a red fox", "-m", KLING)) as process:
        wait_for(process, "sending")
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    assert b"Waiting for FAL's answer to 1 request, at most 15 s. Once more leaves at once." in err
    (job,) = there.run("jobs", "--json").objects
    assert job["request_id"] is not None
    pace()
    assert there.run("resume").code == 0
    assert there.run("resume").err.endswith("Nothing is unfinished here.\n")


def pressed_twice(there: Reelroom, pace: Pace) -> None:
    """Leave in the middle of a request, without waiting for the answer."""
    pace(submit_after_s=30.0)
    with running(there.start("generate", "a red fox", "-m", KLING)) as process:
        wait_for(process, "sending")
        process.send_signal(signal.SIGINT)
        wait_for(process, "Once more leaves at once")
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    assert time.monotonic() - began < 8
    pace()


def test_a_request_that_was_left_in_the_middle_is_found_in_fals_listing(there: Reelroom, pace: Pace) -> None:
    pressed_twice(there, pace)
    ended = there.run("resume", "--json")
    (job,) = ended.objects
    assert (ended.code, job["event"], job["state"]) == (0, "finished", "saved")


def test_where_the_listing_shows_nothing_it_stays_unknown_and_is_said(
    there: Reelroom, pace: Pace, scenario: Callable[[dict[str, object]], None]
) -> None:
    scenario({"settings": {"listing": "off"}})
    pressed_twice(there, pace)
    ended = there.run("resume", "--json")
    (job,) = ended.objects
    assert (ended.code, job["event"], job["state"]) == (1, "waiting", "unknown")
    assert "asked 3 times" in job["detail"]
    assert "may have been charged" in there.run("jobs").out
    assert there.run("dismiss", job["job_id"]).code == 0
    assert there.run("jobs", "--json").objects[0]["state"] == "dismissed"


def test_detach_leaves_once_the_request_is_taken_and_cancel_follows_to_the_true_end(
    there: Reelroom, pace: Pace
) -> None:
    pace(queue_s=60.0)
    left = there.run("generate", "a red fox", "-m", KLING, "--detach", "--json")
    assert left.code == 0, left.err
    (job,) = left.objects
    assert (job["event"], job["state"]) == ("waiting", "queued")
    ended = there.run("cancel", job["request_id"])
    assert ended.code == 0, ended.err
    assert "cancelled" in ended.err
    again = there.run("cancel", job["job_id"])
    assert again.code == 1
    assert "Nothing to cancel" in again.err


def test_a_saved_job_is_shown_whole_and_has_nothing_to_retry(there: Reelroom) -> None:
    (job,) = there.run("generate", "a red fox", "-m", KLING, "--json").objects
    shown = there.run("job", job["job_id"][:13]).out
    for part in (job["job_id"], job["request_id"], KLING, "a red fox", "sending", "queued", "saved"):
        assert part in shown
    clip = there.run("show", job["media_id"][-8:]).out
    for part in (job["path"], job["sha256"], "720p"[:3], "a red fox", "codec"):
        assert part in clip
    retried = there.run("retry", job["job_id"])
    assert (retried.code, "saved already" in retried.err, retried.out) == (0, True, f"{job['path']}\n")
    assert there.run("job", job["media_id"][-8:]).out == there.run("job", job["job_id"]).out
    assert there.run("show", job["job_id"][-8:]).out == clip
    assert there.run("job", "ffff0000").code == 2


def test_a_clip_that_was_taken_elsewhere_is_shown_from_what_lies_beside_it(there: Reelroom) -> None:
    (job,) = there.run("generate", "a red fox", "-m", KLING, "--json").objects
    clip, away = Path(job["path"]), there.home / "away"
    away.mkdir()
    for path in (clip, clip.with_suffix(".json")):
        path.rename(away / path.name)
    nobody = Reelroom(there.home / "another")
    shown = nobody.run("show", str(away / clip.name))
    assert shown.code == 0, shown.err
    for part in (job["media_id"], job["job_id"], job["sha256"], "a red fox", str(away / clip.name)):
        assert part in shown.out
    (away / clip.with_suffix(".json").name).write_text("[]")
    assert nobody.run("show", str(away / clip.name)).code == 2
    (away / clip.with_suffix(".json").name).unlink()
    ended = nobody.run("show", str(away / clip.name))
    assert (ended.code, "does not lie beside it" in ended.err) == (2, True)


def test_a_job_of_another_origin_is_left_alone(there: Reelroom, pace: Pace) -> None:
    pace(queue_s=60.0)
    assert there.run("generate", "a red fox", "-m", KLING, "--detach").code == 0
    (job,) = there.run("jobs", "--json").objects
    elsewhere = Reelroom(there.home)
    ended = elsewhere.run("resume")
    assert ended.code == 0
    assert f"1 job left alone: needs {job['origin']}." in ended.err
    assert ended.err.endswith("Nothing else is unfinished.\n")
    ended = elsewhere.run("cancel", job["job_id"])
    assert (ended.code, f"needs {job['origin']}. Nothing was done." in ended.err) == (1, True)
    ended = elsewhere.run("dismiss", job["job_id"])
    assert (ended.code, "can be dismissed" in ended.err) == (1, True)
    assert there.run("cancel", job["job_id"]).code == 0


def test_no_fal_at_all_keeps_the_work_and_ends_with_5(reelroom: Reelroom) -> None:
    nobody = reelroom.at(REELROOM_FAL_URL="http://127.0.0.1:9")
    ended = nobody.run("generate", "a red fox", "-m", KLING, "--patience", "1", "--json")
    assert ended.code == 5, ended.err
    (job,) = ended.objects
    assert (job["event"], job["state"], job["reason"]) == ("waiting", "intent", "network")
    assert nobody.run("dismiss", job["job_id"]).code == 0


def test_a_reader_that_leaves_stops_the_talk_and_not_the_work(there: Reelroom) -> None:
    read, write = os.pipe()
    os.close(read)
    with running(there.start("generate", "a red fox", "-m", KLING, stdout=write)) as process:
        os.close(write)
        assert process.stderr is not None
        said = process.stderr.read().decode()
        assert process.wait(LIMIT) == 0
    assert "Broken" not in said
    assert "Traceback" not in said
    assert len(there.run("media", "--json").objects) == 1


def test_a_hostile_prompt_reaches_no_terminal_raw(there: Reelroom) -> None:
    code, seen = there.run_on_terminal("generate", HOSTILE, "-m", KLING, "--project", HOSTILE)
    assert code == 0, seen
    (job,) = there.run("jobs", "--json").objects
    (clip,) = there.run("media", "--json").objects
    assert "[/] [red]x[/red] ␛]52;c;aGFja2Vk<U+0007> <U+202E>gnp.exe" in clip["prompt"]
    for words in (["jobs"], ["media"], ["job", job["job_id"]], ["show", clip["media_id"]], ["job", HOSTILE]):
        seen += there.run_on_terminal(*words)[1]
    assert b"[/] [red]x[/red]" in seen
    for raw in (b"\x1b]", b"\x07", "\u202e".encode(), "\x9b".encode()):
        assert raw not in seen


def test_on_a_terminal_a_line_per_job_is_redrawn_in_place(there: Reelroom, pace: Pace) -> None:
    pace(run_s=3.0)
    code, seen = there.run_on_terminal("generate", "a red fox", "-m", KLING)
    assert code == 0
    assert b"\x1b[1A\r\x1b[J" in seen
    assert "╌╌╌".encode() in seen
    assert "✓".encode() in seen
    assert seen.strip().endswith(b".mp4")


def test_the_sandbox_child_ends_with_its_parent_however_that_ends(reelroom: Reelroom) -> None:
    with running(reelroom.start("generate", "a red fox", "-m", KLING)) as process:
        wait_for(process, "queued")
        child = child_of(process)
        process.kill()
    until = time.monotonic() + 10
    while child.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not child.exists()


def test_a_run_over_its_budget_ends_with_4_before_anything_is_asked_of_fal(reelroom: Reelroom) -> None:
    ended = reelroom.at(FAL_KEY="abc:secret").run("generate", "a fox", "-m", KLING, "--budget", "0.01")
    assert (ended.code, ended.out) == (4, "")
    assert "The budget of a run is $0.01" in ended.err
    assert reelroom.run("jobs", "--json").objects == []


def test_no_spend_sends_nothing_whatever_else_is_said(there: Reelroom) -> None:
    ended = there.run("generate", "a fox", "-m", KLING, "--no-spend", "--yes")
    assert (ended.code, ended.out) == (4, "")
    assert "--no-spend" in ended.err


def test_a_budget_that_is_no_amount_is_refused_by_name(reelroom: Reelroom) -> None:
    ended = reelroom.run("generate", "a fox", "-m", KLING, "--budget", "much")
    assert ended.code == 2
    assert "such as 2.50, not “much”" in ended.err


def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(there: Reelroom) -> None:
    given = ("generate", "a red fox", "-m", KLING, "-m", HAILUO, "--duration", "8", "--dry-run")
    ended = there.run(*given)
    assert ended.code == 0, ended.err
    assert ended.out.splitlines() == [
        "Kling 2.5 Turbo Pro  ≈$0.70",
        "  prompt",
        "  duration 8 → 10 (it offers 5 or 10)",
        "Hailuo 2.3 Pro  will not be sent",
        "  prompt",
        "  duration 8: it has no length to choose",
    ]
    assert "1 job for 1 model: ≈$0.70. Nothing was sent." in ended.err
    kling, hailuo = there.run(*given, "--json").objects
    assert (kling["event"], kling["endpoint_id"], kling["jobs"]) == ("preview", KLING, 1)
    assert kling["input"] == {"prompt": "a red fox", "duration": "10"}
    assert (kling["estimate_usd"], kling["refusal"]) == (0.7, None)
    assert kling["conversions"][1] == {
        "field": "duration",
        "given": "8",
        "sent": "10",
        "how": "rounded",
        "words": "duration 8 → 10 (it offers 5 or 10)",
        "names": ["duration"],
    }
    assert (hailuo["input"], hailuo["jobs"], hailuo["estimate_usd"]) == (None, 0, None)
    assert hailuo["refusal"] == "Hailuo 2.3 Pro: duration 8: it has no length to choose"
    assert there.run("jobs", "--json").objects == []
    assert there.run(*given[:-1]).code == 2


def test_one_figure_is_shown_recorded_and_told(there: Reelroom) -> None:
    given = ("generate", "a red fox", "-m", KLING, "--duration", "8")
    (shown,) = there.run(*given, "--dry-run", "--json").objects
    ended = there.run(*given, "--json")
    assert ended.code == 0, ended.err
    assert "Kling 2.5 Turbo Pro: duration 8 → 10 (it offers 5 or 10)." in ended.err.splitlines()
    assert "1 job for 1 model: ≈$0.70 in practice money." in ended.err
    (told,) = ended.objects
    (kept,) = there.run("jobs", "--json").objects
    assert shown["estimate_usd"] == told["estimate_usd"] == kept["estimate_usd"] == 0.7
