from dataclasses import replace
from decimal import Decimal

import pytest

from reelroom.store.records import Job, Media
from reelroom.store.states import HoldUp, JobState
from reelroom.tui import words
from reelroom.tui.cli.live import Row, block, draw, plain
from reelroom.tui.cli.paint import Style, width_of
from reelroom.tui.studio.progress import Progress

NOW = 1000.0
STYLE = Style()
ASCII = Style(unicode=False)
JOB = Job(
    id="0190a0b0c0d070008000000012345678",
    origin="sandbox",
    endpoint="a/b",
    model="Kling 2.5 Turbo Pro",
    prompt="a red fox",
    input="{}",
    estimate=Decimal("0.35"),
    state=JobState.QUEUED,
    created_at=NOW - 60,
    state_since=NOW - 21,
)
CLIP = Media(
    id="m",
    job_id=JOB.id,
    position=0,
    origin="sandbox",
    kind="video",
    path="a.mp4",
    sha256="",
    bytes=9_800_000,
    created_at=NOW,
    width=1280,
    height=720,
    duration=5.0,
)


def text(row: Row, width: int = 120, style: Style = STYLE) -> str:
    return style.paint(draw(row, NOW, width, style))


def test_a_queued_job_has_no_fill_and_its_place_in_words() -> None:
    row = Row(JOB, Progress(job_id=JOB.id, position=2))
    assert text(row).startswith("⋯ Kling 2.5 Tur… queued      · · · · · · ·   3rd in line · 21 s")
    assert text(row).endswith("≈$0.35")


def test_a_download_shows_both_sides_of_a_known_fraction() -> None:
    job = replace(JOB, state=JobState.DOWNLOADING)
    progress = Progress(job_id=JOB.id, done=8_200_000, total=12_400_000, rate=3_100_000.0)
    drawn = text(Row(job).moved(progress))
    assert "saving      ━━━━━━━━━─────  8.2 of 12.4 MB · 3.1 MB/s · 1 s left" in drawn


def test_a_download_begun_anew_never_draws_a_shorter_bar() -> None:
    job = replace(JOB, state=JobState.DOWNLOADING)
    row = Row(job).moved(Progress(job_id=JOB.id, done=80, total=100))
    anew = row.moved(Progress(job_id=JOB.id, done=10, total=100))
    assert text(anew).count("━") == text(row).count("━")


def test_a_running_job_without_history_has_a_still_bar() -> None:
    running = Row(replace(JOB, state=JobState.RUNNING))
    assert "running     ╌╌╌╌╌╌╌╌╌╌╌╌╌╌  21 s" in text(running)
    assert "%" not in text(running)


def test_a_saved_job_shows_what_the_file_says_where_the_bar_was() -> None:
    row = Row(replace(JOB, state=JobState.SAVED), clip=CLIP)
    assert text(row).startswith("✓ Kling 2.5 Tur… saved       720p · 5.0 s · 9.8 MB")


def test_an_unknown_job_says_that_it_may_have_been_charged() -> None:
    row = Row(replace(JOB, state=JobState.UNKNOWN, detail="FAL did not answer."))
    assert text(row).startswith("? Kling 2.5 Tur… may have been charged FAL did not answer.")


@pytest.mark.parametrize("style", [STYLE, ASCII])
@pytest.mark.parametrize("state", list(JobState))
@pytest.mark.parametrize("hold_up", [None, *HoldUp])
def test_no_row_is_wider_than_asked_and_none_loses_its_word_or_price(
    state: JobState, hold_up: HoldUp | None, style: Style
) -> None:
    job = replace(
        JOB, state=state, hold_up=hold_up, detail="红狐 the disk has 96 MB free “…” and needs 214 MB"
    )
    row = Row(job, Progress(job_id=JOB.id, done=5, total=12_400_000, rate=3e6, log="步 1 of 9"), CLIP)
    for width in (40, 59, 65, 66, 79, 109, 110, 199):
        line = draw(row, NOW, width, style)
        shown = style.paint(line)
        assert width_of(line) == width
        assert words.look_of(job).word in shown
        assert shown.endswith("$0.35")
        if style is ASCII:
            assert shown.replace("红狐", "").replace("步", "").isascii()


def test_more_rows_than_lines_are_counted() -> None:
    lines = block([Row(JOB)] * 9, NOW, 80, 6, STYLE)
    assert len(lines) == 4
    assert STYLE.paint(lines[-1]) == "↓ 6 more"
    assert len(block([Row(JOB)] * 4, NOW, 80, 6, STYLE)) == 4


def test_colours_go_with_the_role_and_no_color_keeps_bold_and_dim() -> None:
    row = Row(replace(JOB, state=JobState.FAILED, detail="FAL said no."))
    line = draw(row, NOW, 80, STYLE)
    assert "\x1b[31mfailed" in Style(escapes=True, colours=True).paint(line)
    assert "\x1b[1mfailed" in Style(escapes=True, colours=False).paint(line)
    assert "\x1b" not in Style().paint(line)


def test_what_slipped_through_uncleaned_is_shown_and_never_obeyed() -> None:
    line = ((("a\x1b]52;c;aGk=\x07\u202eb"), "text"),)
    painted = Style(escapes=True, colours=True).paint(line)
    assert "\x1b" not in painted
    assert "\u202e" not in painted


def test_a_plain_line_names_the_job() -> None:
    assert plain(Row(JOB), NOW) == "12345678  Kling 2.5 Turbo Pro  queued  in FAL's line · 21 s  ≈$0.35"
