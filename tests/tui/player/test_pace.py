import pytest

from reelroom.tui.player.pace import Pace


@pytest.mark.parametrize(
    ("link", "frames"),
    [(None, 24), (5_000_000, 24), (400_001, 24), (400_000, 12), (250_000, 10), (100_000, 8), (60_000, 8)],
)
def test_frames_a_second_follow_the_link(link: float | None, frames: float) -> None:
    assert Pace(30.0).frames(link) == frames


def test_a_clip_is_shown_at_its_own_rate_and_a_wish_goes_beyond_24() -> None:
    assert Pace(12.0).frames(None) == 12
    assert Pace(12.0).frames(None, speed=0.5) == 6
    assert Pace(60.0, asked=48).frames(None) == 48


def test_a_slow_link_never_gets_more_than_its_share() -> None:
    pace, now, written = Pace(24.0), 10.0, 0
    while now < 20.0:
        if pace.due(now) == 0:
            pace.wrote(30_000, now, 200_000, 1.0)
            written += 30_000
        now += 0.005
    assert written / 10 == pytest.approx(0.75 * 200_000, rel=0.05)


def test_the_beat_is_kept_where_frames_are_a_little_late() -> None:
    pace, now, frames = Pace(24.0), 10.0, 0
    while now < 20.0:
        if pace.due(now) == 0:
            pace.wrote(100, now, None, 1.0)
            frames += 1
        now += 0.017
    assert frames == pytest.approx(240, abs=4)


def test_below_100_kb_a_second_it_stops_once_and_a_little_more_ends_that() -> None:
    pace = Pace(24.0)
    assert not pace.judge(None)
    assert not pace.judge(100_000)
    assert pace.judge(99_000)
    assert not pace.judge(90_000)
    assert pace.by_steps
    assert not pace.judge(120_000)
    assert pace.by_steps
    assert not pace.judge(140_000)
    assert not pace.by_steps
