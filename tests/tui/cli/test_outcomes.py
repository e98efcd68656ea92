import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from reelroom.store.records import Job, Media
from reelroom.store.states import HoldUp, JobState
from reelroom.tui import sentences
from reelroom.tui.cli import objects
from reelroom.tui.cli.jobs import group_of, notes
from reelroom.tui.cli.outcome import code_of
from reelroom.tui.cli.resume import elsewhere
from reelroom.tui.cli.wait import parting

JOB = Job(
    id="0190a0b0-c0d0-7000-8000-000012345678",
    origin="fal:abc",
    endpoint="a/b",
    model="M",
    prompt="a fox",
    input="{}",
    created_at=0,
    state_since=0,
)
CLIP = Media(
    id="m1",
    job_id=JOB.id,
    position=0,
    origin="fal:abc",
    kind="video",
    path="a.mp4",
    sha256="ab",
    bytes=9,
    created_at=0,
)
SAVED = replace(JOB, state=JobState.SAVED)
FAILED = replace(JOB, state=JobState.FAILED, reason="model_error", detail="FAL said no.", request_id="r-1")
RUNNING = replace(JOB, state=JobState.RUNNING, request_id="r-1")


def rejected(reason: str) -> Job:
    return replace(JOB, state=JobState.REJECTED, reason=reason)


def held(hold_up: HoldUp) -> Job:
    return replace(RUNNING, hold_up=hold_up)


@pytest.mark.parametrize(
    ("jobs", "code"),
    [
        ([], 0),
        ([SAVED, SAVED], 0),
        ([SAVED, FAILED], 1),
        ([replace(JOB, state=JobState.CANCELLED)], 1),
        ([replace(JOB, state=JobState.UNKNOWN)], 1),
        ([held(HoldUp.DISK)], 1),
        ([held(HoldUp.PERMISSION)], 1),
        ([held(HoldUp.NETWORK)], 5),
        ([held(HoldUp.AUTH)], 3),
        ([rejected("auth")], 3),
        ([rejected("locked")], 3),
        ([rejected("balance")], 3),
        ([rejected("policy")], 1),
        ([rejected("invalid_input")], 2),
        ([rejected("invalid_input"), FAILED], 1),
        ([FAILED, held(HoldUp.NETWORK)], 5),
        ([held(HoldUp.NETWORK), rejected("auth")], 3),
    ],
)
def test_one_exit_code_stands_for_all_jobs(jobs: list[Job], code: int) -> None:
    assert code_of(jobs) == code


def test_a_finished_object_has_every_field_of_the_contract() -> None:
    more = replace(CLIP, id="m2", position=1, path="b.mp4")
    job = replace(SAVED, cost=Decimal("0.40"), estimate=Decimal("0.35"), billed=True)
    found = objects.outcome(job, [CLIP, more], "Fables", Path("/lib"))
    assert list(found) == [
        "event",
        "job_id",
        "request_id",
        "origin",
        "endpoint_id",
        "model",
        "project",
        "state",
        "reason",
        "detail",
        "path",
        "media_id",
        "sha256",
        "bytes",
        "width",
        "height",
        "duration",
        "fps",
        "cost_usd",
        "estimate_usd",
        "billed",
        "more",
    ]
    assert (found["event"], found["path"], found["cost_usd"], found["width"]) == (
        "finished",
        "/lib/a.mp4",
        0.4,
        None,
    )
    assert found["more"] == [
        {"path": "/lib/b.mp4", "media_id": "m2", "sha256": "ab", "bytes": 9}
        | dict.fromkeys(("width", "height", "duration", "fps"))
    ]


def test_a_job_that_waits_says_what_holds_it_up() -> None:
    found = objects.outcome(held(HoldUp.DISK), [], None, Path("/lib"))
    assert (found["event"], found["state"], found["reason"], found["path"]) == (
        "waiting",
        "running",
        "disk",
        None,
    )
    assert (found["cost_usd"], found["estimate_usd"], found["more"]) == (None, None, [])


def test_a_clip_object_has_every_field_of_the_contract() -> None:
    found = objects.clip(replace(CLIP, tags=("x",)), None, Path("/lib"))
    assert list(found) == [
        "media_id",
        "job_id",
        "request_id",
        "origin",
        "endpoint_id",
        "model",
        "project",
        "kind",
        "path",
        "sha256",
        "bytes",
        "width",
        "height",
        "duration",
        "fps",
        "codec",
        "has_audio",
        "prompt",
        "seed",
        "cost_usd",
        "created_at",
        "tags",
        "rating",
        "favourite",
    ]
    assert (found["created_at"], found["tags"], found["favourite"]) == (
        "1970-01-01T00:00:00.000Z",
        ["x"],
        False,
    )


def test_a_line_of_json_is_one_line_of_ascii() -> None:
    line = objects.line({"prompt": "红\n\u2028\x9b", "nothing": None})
    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line) == {"prompt": "红\n\u2028\x9b", "nothing": None}


@pytest.mark.parametrize("state", list(JobState))
def test_every_job_has_its_facts_and_its_next_step_or_its_way_out(state: JobState) -> None:
    job = replace(JOB, state=state)
    assert all(sentences.facts(job, None, None, 10.0))
    assert sentences.way_out(job).endswith(".") if job.terminal else sentences.next_step(job).endswith(".")


def test_a_bad_ending_names_request_charge_and_what_to_do() -> None:
    said = " ".join(
        text for line in notes(replace(FAILED, submitted_at=5.0), 100.0, "fal:abc") for text, _ in line
    )
    assert "Request r-1" in said
    assert "may have been charged" in said
    assert "makes a new, paid job" in said
    again = replace(FAILED, reason="not_a_video", billed=False)
    said = " ".join(text for line in notes(again, 100.0, None) for text, _ in line)
    assert "nothing charged" in said
    assert "`reelroom retry 12345678`" in said


def test_a_job_of_another_origin_says_what_it_needs() -> None:
    assert sentences.next_step(RUNNING, "sandbox") == "It needs the key abc, and waits for that."
    assert sentences.needs("sandbox") == "needs the sandbox"
    assert elsewhere([RUNNING, RUNNING, replace(RUNNING, origin="sandbox")], "sandbox") == [
        "2 jobs left alone: needs the key abc."
    ]


def test_jobs_stand_in_three_groups() -> None:
    lost = replace(JOB, state=JobState.UNKNOWN)
    assert group_of(held(HoldUp.DISK), None) == "Needs you" == group_of(lost, JOB.origin)
    assert group_of(RUNNING, None) == "Working" == group_of(JOB, JOB.origin)
    assert group_of(held(HoldUp.NETWORK), None) == "Working" == group_of(lost, "sandbox")
    assert group_of(FAILED, None) == "Finished today"


@pytest.mark.parametrize("hold_up", list(HoldUp))
def test_a_command_that_leaves_a_held_up_job_names_what_takes_it_up(hold_up: HoldUp) -> None:
    (said,) = sentences.last_words(held(hold_up))
    assert "`reelroom resume`" in said


def test_leaving_says_what_goes_on_and_what_was_not_sent() -> None:
    assert parting([RUNNING, RUNNING, JOB], "fal:abc") == [
        "2 jobs are still at work at FAL. They go on without Reelroom, and `reelroom resume` saves them.",
        "1 job not sent yet. `reelroom resume` sends what is left.",
    ]
    assert "at FAL" not in parting([RUNNING], "sandbox")[0]
    assert parting([], "fal:abc") == ["Nothing is left at work."]
