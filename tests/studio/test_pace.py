from itertools import islice
from random import Random

from reelroom.fal.values import LogLine
from reelroom.tui.studio.logs import Logs
from reelroom.tui.studio.pace import Pace, Usual


class Even(Random):
    """No jitter."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


PACE = Pace(random=Even())


def test_the_further_back_in_line_the_longer_the_wait() -> None:
    assert [PACE.queued(position, 0) for position in (None, 0, 1, 3, 9, 500)] == [
        0.5,
        0.5,
        0.5,
        1.5,
        4.5,
        5.0,
    ]


def test_the_longer_a_request_has_waited_the_longer_the_wait() -> None:
    assert [PACE.queued(0, waited) for waited in (0, 4, 16, 40, 4000)] == [0.5, 0.5, 2.0, 5.0, 5.0]


def test_polls_are_close_together_about_the_time_when_a_request_usually_ends() -> None:
    waits = [PACE.running(ran, usual=60) for ran in (0, 20, 44, 58, 60, 62, 76, 600)]
    assert waits == [5.0, 5.0, 2.0, 0.5, 0.5, 0.5, 2.0, 5.0]


def test_where_no_time_is_usual_polls_grow_apart_from_half_a_second_to_five() -> None:
    assert [PACE.running(ran, usual=0) for ran in (0, 4, 16, 40, 4000)] == [0.5, 0.5, 2.0, 5.0, 5.0]


def test_hundreds_of_jobs_share_the_polls_that_there_may_be() -> None:
    assert [PACE.in_turn(jobs) for jobs in (1, 25, 350)] == [0.02, 0.5, 7.0]


def test_every_wait_is_jittered_by_a_fifth_from_a_source_that_may_be_seeded() -> None:
    one, two = Pace(random=Random(7)), Pace(random=Random(7))
    waits = [one.queued(4, 0) for _ in range(200)]
    assert waits == [two.queued(4, 0) for _ in range(200)]
    assert 1.6 <= min(waits) < 1.7
    assert 2.3 < max(waits) <= 2.4
    assert list(islice(one.retries(), 5)) != list(islice(one.retries(), 5))


def test_retries_grow_to_their_longest() -> None:
    assert list(islice(PACE.retries(), 8)) == [1, 2, 4, 8, 16, 32, 60, 60]
    assert list(islice(PACE.restreams(), 4)) == [15, 60, 240, 300]


def test_what_is_usual_follows_what_was_measured_last() -> None:
    usual = Usual()
    assert usual.of("a/b") == 0
    usual.learn("a/b", 40)
    assert usual.of("a/b") == 40
    usual.learn("a/b", 80)
    assert (usual.of("a/b"), usual.of("a/c")) == (60, 0)


def lines(*messages: str) -> list[LogLine]:
    return [LogLine(message, f"at {message}") for message in messages]


def test_a_line_that_slides_through_the_window_is_told_once() -> None:
    logs = Logs([], most=100)
    assert logs.fresh(lines("1", "2")) == ["1", "2"]
    assert logs.fresh(lines("2", "3")) == ["3"]
    assert logs.fresh(lines("4")) == ["4"]
    assert logs.fresh(lines("2", "3", "4", "5")) == ["5"]
    assert logs.last == "5"


def test_the_same_words_at_another_time_are_another_line() -> None:
    logs = Logs([], most=100)
    assert (
        logs.fresh([LogLine("step", "1"), LogLine("step", "2"), LogLine("step", "2", "ERROR")])
        == ["step"] * 3
    )


def test_what_was_kept_before_a_restart_is_not_kept_again() -> None:
    logs = Logs(["1", "2"], most=100)
    assert logs.fresh([]) == []
    assert logs.fresh(lines("1", "2", "3")) == ["3"]
    assert logs.fresh([LogLine("1", "later")]) == ["1"]


def test_the_memory_for_lines_is_bounded() -> None:
    logs = Logs([], most=3)
    assert logs.fresh(lines("1", "2", "3", "4")) == ["1", "2", "3"]
    assert logs.fresh(lines("5")) == []
    assert logs.last == "5"
    assert len(logs._seen) == 3
