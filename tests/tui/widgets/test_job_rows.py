"""Which job stands where, and how its row is drawn, without a screen."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.cells import cell_len

from reelroom.store.records import Job, Output
from reelroom.store.states import HoldUp, JobState
from reelroom.tui import bars
from reelroom.tui.studio.progress import Progress
from reelroom.tui.widgets.board_view import count_spans
from reelroom.tui.widgets.furthest import Furthest
from reelroom.tui.widgets.job_line import Columns, gauge, job_spans, opened_spans
from reelroom.tui.widgets.job_rows import Group, Groups, grouped, lay_out
from reelroom.tui.widgets.job_words import describe
from reelroom.tui.widgets.told import Told, UsualTime

Make = Callable[..., Job]
USUAL = UsualTime(55, 60, 70)
DAY = 86400
WIDE = Columns.of(120)


def groups(*jobs: Job, now: float) -> Groups:
    return grouped(jobs, now, "sandbox", "me")


def row(job: Job, width: int, now: float, *, selected: bool = False, ascii_only: bool = False) -> str:
    cols = Columns.of(width, ascii_only=ascii_only)
    told = describe(job, None, None, now)
    return "".join(
        span.text
        for span in job_spans(
            job, told, gauge(job, None, None, now, cols), cols, selected=selected, away=False
        )
    )


def test_what_needs_a_person_comes_first(job: Make, noon: float) -> None:
    found = groups(
        job("saved", JobState.SAVED),
        job("running"),
        job("lost", JobState.UNKNOWN),
        job("full", JobState.DOWNLOADING, hold_up=HoldUp.DISK),
        job("unsent", JobState.INTENT, sender="old"),
        now=noon,
    )
    assert set(found.needs_you) == {"job-lost", "job-full", "job-unsent"}
    assert found.working == ("job-running",)
    assert found.finished == ("job-saved",)
    assert found.order[:3] == found.needs_you


def test_a_network_that_is_away_leaves_a_job_in_its_place(job: Make, noon: float) -> None:
    one, two = job("one", ago=20), job("two", ago=10)
    before = groups(one, two, now=noon)
    assert groups(replace(one, hold_up=HoldUp.NETWORK), two, now=noon) == before


def test_a_job_keeps_its_place_while_it_is_worked_on(job: Make, noon: float) -> None:
    jobs = [job(str(number), JobState.QUEUED, ago=100 - number) for number in range(5)]
    before = groups(*jobs, now=noon).working
    for state in (JobState.RUNNING, JobState.READY, JobState.DOWNLOADING):
        jobs[2] = replace(jobs[2], state=state, state_since=noon)
        assert groups(*jobs, now=noon).working == before


def test_the_models_of_one_request_stay_in_their_order(job: Make, noon: float) -> None:
    jobs = [job(name) for name in ("a", "b", "c")]
    assert groups(*reversed(jobs), now=noon).working == ("job-a", "job-b", "job-c")


def test_what_ended_before_today_is_not_on_the_board(job: Make, noon: float) -> None:
    old, new = job("old", JobState.SAVED, ago=2 * DAY), job("new", JobState.SAVED, ago=1)
    assert groups(old, new, now=noon).order == ("job-new",)


def test_a_job_of_another_origin_stands_last_and_is_not_counted(job: Make, noon: float) -> None:
    found = groups(job("away", origin="fal:abc", ago=1), job("here", ago=9), now=noon)
    assert found.working == ("job-here", "job-away")
    assert found.idle == 1


def many(needs: int, working: int, finished: int) -> Groups:
    return Groups(
        tuple(f"n{i}" for i in range(needs)),
        tuple(f"w{i}" for i in range(working)),
        tuple(f"f{i}" for i in range(finished)),
    )


@pytest.mark.parametrize("height", range(1, 40))
@pytest.mark.parametrize("counts", [(2, 8, 6), (0, 500, 0), (40, 40, 40), (1, 0, 90), (0, 0, 1)])
def test_a_folded_board_fits_and_hides_no_more_than_it_must(
    counts: tuple[int, int, int], height: int
) -> None:
    lines = lay_out(many(*counts), height, opened=None, whole=False)
    assert len(lines) <= height
    shown = sum(line.kind == "job" for line in lines)
    titles = sum(line.kind == "title" for line in lines)
    assert shown == min(sum(counts), height - titles - sum(line.kind == "blank" for line in lines))
    for line in lines:
        if line.kind == "title":
            assert line.shown == sum(other.kind == "job" and other.group == line.group for other in lines)


def test_eleven_lines_are_shared_as_in_the_design() -> None:
    lines = lay_out(many(2, 8, 6), 11, opened=None, whole=False)
    titles = [(line.group, line.shown, line.total) for line in lines if line.kind == "title"]
    assert titles == [(Group.NEEDS_YOU, 2, 2), (Group.WORKING, 4, 8), (Group.FINISHED, 2, 6)]


def test_three_lines_have_no_titles_but_one_row_that_needs_a_person() -> None:
    lines = lay_out(many(2, 8, 6), 3, opened=None, whole=False)
    assert [line.group for line in lines] == [Group.NEEDS_YOU, Group.WORKING, Group.WORKING]


def test_the_whole_board_shows_every_job_and_opens_the_selected_one() -> None:
    lines = lay_out(many(2, 500, 6), 20, opened="w3", whole=True)
    assert sum(line.kind == "job" for line in lines) == 508
    at = next(at for at, line in enumerate(lines) if line.kind == "opened")
    assert lines[at - 1].job_id == lines[at].job_id == "w3"


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("width", [60, 65, 66, 80, 100, 120, 200])
@pytest.mark.parametrize("state", list(JobState))
@pytest.mark.parametrize("model", ["Veo", "日本のモデル名です長い", "👩‍👩‍👧 famille", "x" * 400])
def test_every_row_is_exactly_as_wide_as_the_board(
    job: Make, noon: float, state: JobState, width: int, model: str, ascii_only: bool
) -> None:
    it = replace(job("a", state, detail="words " * 40), model=model, prompt="漢字 " * 40)
    text = row(it, width, noon, ascii_only=ascii_only)
    assert cell_len(text) == width


@pytest.mark.parametrize("hold_up", list(HoldUp))
def test_the_word_and_the_price_are_never_cut(job: Make, noon: float, hold_up: HoldUp) -> None:
    it = job("a", hold_up=hold_up, detail="words " * 40, estimate=Decimal("1234.5"))
    text = row(it, 60, noon)
    assert text.rstrip().endswith("≈$1,234.50")
    assert {"disk": "disk full", "auth": "key refused"}.get(hold_up, "no ") in text


def test_an_unknown_price_is_never_nothing(job: Make, noon: float) -> None:
    assert "unknown" in row(job("a", estimate=None), 80, noon)
    assert "$0.00" in row(job("b", JobState.DISMISSED, submitted_at=None, request_id=None), 80, noon)


def test_the_bar_is_gone_on_a_narrow_board_and_longer_on_a_wide_one() -> None:
    assert [Columns.of(width).bar for width in (65, 66, 109, 110)] == [0, 10, 10, 14]


def test_bytes_are_a_solid_bar_in_half_steps(job: Make, noon: float) -> None:
    progress = Progress(job_id="job-a", done=8_200_000, total=12_400_000)
    found = gauge(job("a", JobState.DOWNLOADING), progress, None, noon, WIDE)
    assert found is not None
    assert str(found.bar) == "━━━━━━━━━─────"


def test_an_estimate_is_dashed_and_marks_the_usual_range(job: Make, noon: float) -> None:
    found = gauge(job("a", ago=38), None, USUAL, noon, WIDE)
    assert found is not None
    assert str(found.bar) == "╍╍╍╍╍╍╍────≈≈≈"
    assert found.role == "bar"
    late = gauge(job("a", ago=71), None, USUAL, noon, WIDE)
    assert late is not None
    assert str(late.bar) == "╍" * 14
    assert late.role == "attention"


@pytest.mark.parametrize(
    ("state", "drawn"),
    [
        (JobState.RUNNING, "╌" * 14),
        (JobState.DOWNLOADING, "╌" * 14),
        (JobState.QUEUED, "· · · · · · · "),
        (JobState.SUBMITTING, "· · · · · · · "),
        (JobState.INTENT, "· · · · · · · "),
        (JobState.CANCELLING, "· · · · · · · "),
    ],
)
def test_no_fraction_is_drawn_that_is_not_known(job: Make, noon: float, state: JobState, drawn: str) -> None:
    found = gauge(job("a", state), None, None, noon, WIDE)
    assert found is not None
    assert str(found.bar).ljust(14) == drawn
    assert not found.bar.filled


def test_an_estimate_never_shows_its_end_before_it_is_past() -> None:
    for elapsed in range(70):
        assert len(bars.estimate(elapsed, 55, 70, 14).filled) < 14
    assert bars.estimate(-5, 55, 70, 14).filled == ""
    assert bars.estimate(5, 0, 0, 14).filled == "╍" * 14


def test_a_bar_never_runs_backwards(job: Make, noon: float) -> None:
    furthest, it = Furthest(), job("a", ago=38)
    far = furthest.keep(it, gauge(it, None, USUAL, noon, WIDE), WIDE)
    back = furthest.keep(it, gauge(it, None, UsualTime(100, 150, 200), noon, WIDE), WIDE)
    assert back == far
    again = replace(it, state_since=noon)
    anew = furthest.keep(again, gauge(again, None, USUAL, noon + 1, WIDE), WIDE)
    assert anew is not None
    assert anew.steps == 0


def test_a_download_that_starts_over_says_so(job: Make) -> None:
    furthest, it = Furthest(), job("a", JobState.DOWNLOADING)
    assert not furthest.restarted(it, Progress(job_id=it.id, done=800, total=1000))
    assert furthest.restarted(it, Progress(job_id=it.id, done=0, total=1000))
    assert furthest.restarted(it, Progress(job_id=it.id, done=100, total=1000))
    assert not furthest.restarted(replace(it, state=JobState.SAVED), None)


def test_the_next_clip_of_a_reply_is_no_download_that_starts_over(job: Make) -> None:
    outputs = tuple(Output(media_id=str(n), position=n, url="", file_name="") for n in range(2))
    furthest, it = Furthest(), job("a", JobState.DOWNLOADING, outputs=outputs)
    assert not furthest.restarted(it, Progress(job_id=it.id, done=800, total=1000))
    assert not furthest.restarted(it, Progress(job_id=it.id, done=0, total=1000))


def test_the_opened_line_is_marked_and_cut_to_the_width() -> None:
    spans = opened_spans(Told(("x",), "One sentence. " * 20), Columns.of(60))
    text = "".join(span.text for span in spans)
    assert text.startswith("▌  One sentence.")
    assert cell_len(text) <= 60


def test_the_counts_leave_out_what_is_nothing() -> None:
    assert [span.text for span in count_spans(1, 8, 2)] == ["1 needs you", "8 working", "2 saved"]
    assert [span.text for span in count_spans(0, 0, 3)] == ["3 saved"]
    assert count_spans(0, 0, 0) == ()


@pytest.mark.parametrize(
    ("width", "shown"), [(60, "Kling 2.5 Tur…"), (80, "Kling 2.5 Turbo Pro"), (150, "Kling 2.5 Turbo Pro")]
)
def test_a_name_is_cut_only_where_there_is_no_room(job: Make, noon: float, width: int, shown: str) -> None:
    text = row(job("a", model="Kling 2.5 Turbo Pro"), width, noon)
    assert text[3:].startswith(f"{shown} ")
    assert len(text) == width


def test_a_whole_name_leaves_room_for_how_fast_a_clip_comes(job: Make, noon: float) -> None:
    it = job("a", model="Kling 2.5 Turbo Pro", state=JobState.DOWNLOADING)
    cols, coming = Columns.of(80), Progress(job_id=it.id, done=200_000, total=2_000_000, rate=200_100.0)
    told = describe(it, coming, None, noon)
    text = "".join(
        span.text
        for span in job_spans(it, told, gauge(it, coming, None, noon, cols), cols, selected=False, away=False)
    )
    assert "Kling 2.5 Turbo Pro" in text
    assert "0.2 of 2.0 MB · 200 kB/s" in text
