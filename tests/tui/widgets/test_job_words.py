"""What is said about a job, without a screen."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from reelroom.store.records import Job, Media, Output
from reelroom.store.states import HoldUp, JobState
from reelroom.tui.studio.progress import Progress
from reelroom.tui.widgets.job_words import describe
from reelroom.tui.widgets.told import Told, UsualTime

Make = Callable[..., Job]
USUAL = UsualTime(55, 60, 70)


def told(job: Job, now: float, progress: Progress | None = None, usual: UsualTime | None = None) -> Told:
    return describe(job, progress, usual, now, origin="sandbox", sender="me")


@pytest.mark.parametrize("state", list(JobState))
@pytest.mark.parametrize("hold_up", [None, *HoldUp])
def test_every_state_and_hold_up_says_where_it_stands_and_what_comes_next(
    job: Make, noon: float, state: JobState, hold_up: HoldUp | None
) -> None:
    it = told(job("a", state, hold_up=hold_up, detail="Words of its own."), noon)
    assert it.detail
    assert it.sentence.endswith(".")
    assert "{" not in it.sentence


def test_a_place_in_line_is_a_word(job: Make, noon: float) -> None:
    it = told(job("a", JobState.QUEUED, ago=21), noon, Progress(job_id="job-a", position=2))
    assert it.wordings == ("3rd in line · 21 s", "3rd in line")


def test_a_running_job_says_how_long_it_usually_takes(job: Make, noon: float) -> None:
    it = told(job("a", ago=38), noon, usual=USUAL)
    assert it.detail == "38 s · usually 55–70 s"
    assert it.next.startswith("Usually done in 17–32 s from now.")


def test_within_the_usual_range_only_its_end_is_promised(job: Make, noon: float) -> None:
    assert told(job("a", ago=60), noon, usual=USUAL).next.startswith("Usually done within 11 s from now.")


def test_past_the_usual_range_nothing_is_promised(job: Make, noon: float) -> None:
    it = told(job("a", ago=250), noon, usual=UsualTime(120, 150, 180))
    assert it.wordings == (
        "4 m 10 s · longer than the usual 2–3 m",
        "4 m 10 s · usually 2–3 m",
        "4 m 10 s, slow",
    )
    assert it.next.startswith("It takes longer than usual")


def test_without_history_nothing_is_promised(job: Make, noon: float) -> None:
    it = told(job("a", ago=12), noon)
    assert it.detail == "12 s · no history yet"
    assert "not known yet" in it.next


def test_a_download_says_its_bytes_and_when_it_is_whole(job: Make, noon: float) -> None:
    progress = Progress(job_id="job-a", done=8_200_000, total=12_400_000, rate=3_100_000.0)
    it = told(job("a", JobState.DOWNLOADING), noon, progress)
    assert it.detail == "8.2 of 12.4 MB · 3.1 MB/s · 1 s left"
    assert it.next.startswith("Whole in about 1 s;")


def test_a_download_of_unknown_size_has_no_fraction(job: Make, noon: float) -> None:
    it = told(job("a", JobState.DOWNLOADING), noon, Progress(job_id="job-a", done=8_200_000))
    assert it.detail == "8.2 MB"
    assert "when all of it is here" in it.next


def test_fals_own_words_are_quoted_and_ours_are_not(job: Make, noon: float) -> None:
    refused = job(
        "a", JobState.REJECTED, reason="invalid_input", billed=False, detail="FAL refused the input: too long"
    )
    it = told(refused, noon)
    assert it.detail == "“too long”"
    assert it.sentence.startswith("FAL refused the input: “too long” Not charged.")
    ours = told(job("a", JobState.FAILED, reason="no_media", detail="FAL's result holds no video."), noon)
    assert ours.detail == "FAL's result holds no video."
    assert "“" not in ours.sentence
    assert "r reads FAL's answer again, and never pays." in ours.sentence


def test_fals_words_give_way_before_what_is_safe(job: Make, noon: float) -> None:
    detail = f"The model ended with an error: {'long ' * 60}"
    it = told(job("a", JobState.FAILED, reason="model_error", billed=False, detail=detail), noon)
    assert it.next_in(80).endswith("…” Not charged.")
    assert len(it.next_in(80)) <= 80
    assert "long long" in it.sentence


def test_braces_in_fals_words_are_only_words(job: Make, noon: float) -> None:
    detail = "The model ended with an error: {} {0} {quote!r}"
    it = told(job("a", JobState.FAILED, reason="model_error", detail=detail), noon)
    assert "“{} {0} {quote!r}”" in it.sentence
    bare = told(job("a", JobState.FAILED, reason="no_media", detail="Nothing in {}."), noon)
    assert "Nothing in {}." in bare.sentence


def test_a_whole_sentence_goes_before_a_word_is_cut(job: Make, noon: float) -> None:
    it = told(job("a", JobState.DOWNLOADING, hold_up=HoldUp.DISK, detail="96 MB free"), noon)
    assert it.sentence.endswith("r tries now.")
    assert it.next_in(50) == "It goes on by itself once there is room."


def test_an_unanswered_request_is_never_said_to_be_unpaid(job: Make, noon: float) -> None:
    it = told(job("a", JobState.UNKNOWN, request_id=None), noon)
    assert "may have been charged" in it.sentence
    gone = told(job("a", JobState.DISMISSED, request_id=None), noon)
    assert "may have been charged" in gone.sentence
    unsent = told(job("a", JobState.DISMISSED, request_id=None, submitted_at=None), noon)
    assert "nothing charged" in unsent.detail


def test_an_intent_of_an_earlier_process_says_its_price(job: Make, noon: float) -> None:
    old = job("a", JobState.INTENT, sender="old", estimate=Decimal("0.42"))
    assert "s sends it for ≈$0.42" in told(old, noon).next
    assert "unknown price" in told(replace(old, estimate=None), noon).next
    assert "s sends" not in told(replace(old, sender="me"), noon).next


def test_a_job_of_another_origin_says_what_it_needs(job: Make, noon: float) -> None:
    it = told(job("a", origin="fal:abc123"), noon)
    assert it.detail == "needs the key abc123"


def test_a_saved_job_tells_of_its_clip(job: Make, noon: float) -> None:
    output = Output(media_id="m", position=0, url="https://v3.fal.media/x", file_name="20261122-fox-7f3a.mp4")
    saved = job("a", JobState.SAVED, outputs=(output,))
    clip = Media(
        id="m",
        job_id=saved.id,
        position=0,
        origin="sandbox",
        kind="video",
        path=output.file_name,
        sha256="",
        bytes=9_800_000,
        created_at=noon,
        width=1280,
        height=720,
        duration=5.0,
    )
    it = describe(saved, None, None, noon, clip=clip)
    assert it.detail == "720p · 5.0 s · 9.8 MB"
    assert "20261122-fox-7f3a.mp4" in it.next


def test_a_new_line_in_fals_words_stays_on_one_line(job: Make, noon: float) -> None:
    it = told(
        job("a", JobState.FAILED, reason="model_error", detail="The model ended with an error: one\ntwo"),
        noon,
    )
    assert it.detail == "“one two”"
