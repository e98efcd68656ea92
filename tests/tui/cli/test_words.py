from dataclasses import replace
from decimal import Decimal

import pytest

from reelroom.store.records import Job
from reelroom.store.states import HoldUp, JobState
from reelroom.tui import bars, words

JOB = Job(
    id="0" * 32,
    origin="sandbox",
    endpoint="a/b",
    model="M",
    prompt="",
    input="{}",
    created_at=0,
    state_since=0,
)


@pytest.mark.parametrize(
    ("amount", "about", "said"),
    [
        ("0.35", False, "$0.35"),
        ("0.35", True, "≈$0.35"),
        ("0", False, "$0.00"),
        ("0.004", False, "$0.004"),
        ("0.0005", True, "≈$0.0005"),
        ("1250", False, "$1,250.00"),
        (None, True, "unknown"),
    ],
)
def test_a_price_never_says_nothing_for_something(amount: str | None, about: bool, said: str) -> None:
    assert words.price(None if amount is None else Decimal(amount), about=about) == said


def test_an_unknown_price_is_counted_and_never_added_as_nothing() -> None:
    assert words.total([Decimal("0.35"), None]) == "≈$0.35 and 1 of unknown price"
    assert words.total([None, None]) == "an unknown amount"
    assert words.total([Decimal("0.35"), Decimal("0.49")]) == "≈$0.84"


def test_a_job_costs_what_was_billed_else_nothing_else_about_its_estimate() -> None:
    job = replace(JOB, estimate=Decimal("0.35"))
    assert words.job_price(job) == "≈$0.35"
    assert words.job_price(replace(job, billed=False)) == "$0.00"
    assert words.job_price(replace(job, cost=Decimal("0.40"))) == "$0.40"
    assert words.job_price(replace(job, estimate=None)) == "unknown"


def test_both_sides_of_a_download_have_one_unit() -> None:
    assert words.sizes(8_200_000, 12_400_000) == "8.2 of 12.4 MB"
    assert words.sizes(900, 12_400_000) == "0.0 of 12.4 MB"
    assert words.sizes(170_300, 923_100) == "170 of 923 kB"
    assert words.rate(199_900) == "200 kB/s"
    assert words.size(9_800_000) == "9.8 MB"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (38, "38 s"), (64, "1 m 04 s"), (7500, "2 h 05 m"), (-3, "0 s")]
)
def test_a_running_time_has_two_units_at_most(seconds: float, said: str) -> None:
    assert words.running_time(seconds) == said


def test_a_clip_length_keeps_one_decimal() -> None:
    assert [words.clip_length(length) for length in (6.04, 5.0, 0.5)] == ["6.04 s", "5.0 s", "0.5 s"]


def test_ages_are_words_up_to_a_week_and_then_a_day() -> None:
    now = 1_790_000_000.0
    assert words.age(now - 180, now) == "3 minutes ago"
    assert words.age(now + 5, now) == "now"
    assert words.age(now - 90_000, now) == "yesterday"
    assert len(words.age(now - 4 * 86400, now).split()) == 2
    assert words.age(now - 400 * 86400, now)[-4:].isdecimal()


def test_ordinals_know_the_teens() -> None:
    assert [words.ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == [
        *("1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th")
    ]


def test_a_text_is_cut_in_cells_and_not_in_characters() -> None:
    assert words.cells("红狐 fox") == 8
    assert words.cut("红狐红狐", 6) == "红狐…"
    assert words.cut("abcdef", 6) == "abcdef"
    assert words.cut("abcdefg", 6, "...") == "abc..."
    assert words.cut("abc", 0) == ""


def test_every_state_and_hold_up_has_glyph_ascii_word_and_colour() -> None:
    looks = [words.LOOKS[state] for state in JobState] + [words.HELD_UP[hold_up] for hold_up in HoldUp]
    for look in looks:
        assert words.cells(look.glyph) == 1
        assert len(look.ascii) == 1
        assert look.ascii.isascii()
        assert look.word
        assert look.word.islower()


def test_what_holds_a_job_up_comes_before_its_state_but_never_hides_an_ending() -> None:
    held = replace(JOB, state=JobState.DOWNLOADING, hold_up=HoldUp.DISK)
    assert words.look_of(held).word == "disk full"
    assert words.look_of(replace(held, state=JobState.SAVED)).word == "saved"


def test_a_bar_is_full_only_when_all_is_there() -> None:
    assert str(bars.known(0, 100, 7)) == "───────"
    assert str(bars.known(50, 100, 7)) == "━━━╸───"
    assert str(bars.known(99, 100, 7)) == "━━━━━━╸"
    assert str(bars.known(100, 100, 7)) == "━" * 7
    assert str(bars.known(200, 100, 7)) == "━" * 7
    assert str(bars.known(5, 0, 7)) == "───────"


@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("width", [1, 12, 13, 14])
def test_every_bar_has_its_width(width: int, unicode: bool) -> None:
    drawn = [
        bars.known(3, 7, width, unicode=unicode),
        bars.waiting(width, unicode=unicode),
        bars.unknown(width, unicode=unicode),
    ]
    for bar in drawn:
        assert words.cells(str(bar)) == width
        assert unicode or str(bar).isascii()
