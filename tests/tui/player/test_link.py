"""The link against a terminal of some speed and some way off, on a clock of its own."""

from collections import deque

import pytest

from reelroom.tui.player.link import ASK, DEAF, FIRST, Link

KERNEL = 8_192
STEP = 0.001


class Far:
    """A terminal at the other end of a link. Time passes only in `run`."""

    def __init__(self, speed: float, *, trip: float = 0.0, answers: bool = True) -> None:
        self._speed, self._trip, self._answers = speed, trip, answers
        self._buffer = b""
        self._credit = 0.0
        self._coming: deque[float] = deque()
        self.now = 100.0
        self.seen = b""
        self.link = Link(self._take)

    def _take(self, data: bytes) -> int:
        room = KERNEL - len(self._buffer)
        self._buffer += data[:room]
        return min(room, len(data))

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += STEP
            self._credit = min(self._credit + self._speed * STEP, len(self._buffer))
            arrived, self._buffer = self._buffer[: int(self._credit)], self._buffer[int(self._credit) :]
            self._credit -= len(arrived)
            asked = (self.seen[-3:] + arrived).count(ASK)
            self.seen += arrived
            if self._answers:
                self._coming.extend([self.now + self._trip] * asked)
            while self._coming and self._coming[0] <= self.now:
                self._coming.popleft()
                self.link.heard(self.now)
            self.link.pump(self.now)


def picture(size: int) -> list[bytes]:
    return [b"x" * 500] * (size // 500)


@pytest.mark.parametrize("trip", [0.0, 0.15])
@pytest.mark.parametrize("speed", [50_000, 200_000, 1_000_000])
def test_the_speed_is_measured_and_not_the_way_there_and_back(speed: int, trip: float) -> None:
    far = Far(speed, trip=trip)
    far.link.show(picture(58_000), far.now)
    far.run(4)
    assert far.link.speed == pytest.approx(speed, rel=0.4)


@pytest.mark.parametrize("speed", [50_000, 200_000, 1_000_000])
def test_what_is_said_arrives_before_the_rest_of_a_picture(speed: int) -> None:
    far = Far(speed)
    far.link.show(picture(58_000), far.now)
    far.run(1)
    far.link.show(picture(58_000), far.now)
    far.link.say(b"HELLO", far.now)
    far.run(0.1)
    assert b"HELLO" in far.seen


def test_a_picture_is_written_whole_and_in_order_whatever_is_said_between() -> None:
    far = Far(100_000)
    far.link.show([bytes([65 + row]) * 900 for row in range(26)], far.now)
    far.run(0.05)
    far.link.say(b"[said]", far.now)
    far.run(2)
    plain = far.seen.replace(ASK, b"").replace(b"[said]", b"")
    assert plain == b"".join(bytes([65 + row]) * 900 for row in range(26))
    assert far.link.settled


def test_nothing_more_is_under_way_than_a_moment_of_the_link() -> None:
    far = Far(50_000)
    far.link.show(picture(60_000), far.now)
    far.run(0.5)
    assert not far.link.idle
    assert far.link.sent - len(far.seen) < 0.1 * 50_000


def test_a_terminal_that_never_answers_is_written_to_all_the_same() -> None:
    far = Far(10_000_000, answers=False)
    far.link.show(picture(60_000), far.now)
    far.run(1)
    assert len(far.seen) < FIRST + 2_500
    far.run(DEAF)
    assert len(far.seen.replace(ASK, b"")) == 60_000
    assert far.link.settled
    assert far.link.speed is None


def test_what_was_begun_is_finished_when_the_rest_is_forgotten() -> None:
    far = Far(50_000)
    far.link.show([b"(" + b"x" * 2_000 + b")"] * 30, far.now)
    far.run(0.03)
    far.link.forget()
    far.link.say(b"END", far.now)
    far.run(2)
    assert far.seen.replace(ASK, b"").count(b"(") == far.seen.count(b")")
    assert b"END" in far.seen
    assert len(far.seen) < FIRST + 4_000
