"""The way to the terminal: what is written waits here and not in the kernel, and its speed is measured.

Behind each piece the terminal is asked whether it is well (DSR 5), and its answer says that the piece has
arrived. So at most a few milliseconds of output are ever under way, also where sshd and TCP would
take megabytes, and the answer to a key is never far behind.
"""

from collections import deque
from collections.abc import Callable, Sequence

ASK = b"\x1b[5n"
ANSWER = b"\x1b[0n"
PIECE = 1_000
"""Bytes, about: rows are put together up to this."""
SMALLEST, FIRST, LARGEST = 2_000, 16_384, 262_144
"""Bytes that may be under way: at least, before the speed is known, and at most."""
AHEAD = 0.05
"""Seconds of output that may be under way, above the time that an answer takes anyway."""
SAMPLE = 6_000
"""Bytes after which a run of pieces is a measure of the speed."""
DEAF = 2.0
"""Seconds after which a terminal that has not answered is taken for one that never will."""
BEGIN, END = b"\x1b[?2026h", b"\x1b[?2026l"


class Link:
    """Pieces of output in order, and what is said before them. `write` returns how many bytes it took."""

    def __init__(self, write: Callable[[bytes], int]) -> None:
        self._write = write
        self._waiting: deque[bytes] = deque()
        self._rest = b""
        self._under_way: deque[tuple[int, float]] = deque()
        self._answers = True
        self._run: tuple[float, int] | None = None
        self._last = 0.0
        self._samples: deque[tuple[int, float]] = deque(maxlen=4)
        self._trip = 0.5
        self.sent = 0
        """Bytes so far."""

    @property
    def speed(self) -> float | None:
        """Bytes a second that the terminal takes; None before it was measured twice."""
        if len(self._samples) < 2:
            return None
        return sum(size for size, _ in self._samples) / sum(seconds for _, seconds in self._samples)

    @property
    def idle(self) -> bool:
        """Whether the next picture would begin to be written at once."""
        return not self._waiting and not self._rest and self._room > 0

    @property
    def blocked(self) -> bool:
        """Whether the kernel holds something up: the terminal is to be watched for room."""
        return bool(self._rest)

    @property
    def settled(self) -> bool:
        """Whether everything has arrived, and no answer is missing."""
        return not (self._waiting or self._rest or self._under_way)

    @property
    def _room(self) -> int:
        window = FIRST if self.speed is None else self.speed * (AHEAD + self._trip)
        return int(max(SMALLEST, min(window, LARGEST))) - sum(size for size, _ in self._under_way)

    def show(self, rows: Sequence[bytes], now: float) -> None:
        """Write a picture, row by row, and at once where it can be done in one go."""
        if not rows:
            return
        whole = sum(map(len, rows))
        pieces = [BEGIN, *rows, END] if whole <= self._room else rows
        piece = b""
        for row in pieces:
            piece += row
            if len(piece) >= PIECE:
                self._waiting.append(piece)
                piece = b""
        if piece:
            self._waiting.append(piece)
        self.pump(now)

    def say(self, text: bytes, now: float) -> None:
        """Write before everything that waits. The text sets its own place and colours, as rows do."""
        if text:
            self._waiting.appendleft(text)
            self.pump(now)

    def forget(self) -> None:
        """What waits is of no interest any more; what was begun is still finished."""
        self._waiting.clear()

    def pump(self, now: float) -> None:
        """Write what may be written now."""
        self._give_up(now)
        while self._rest or (self._waiting and self._room > 0):
            if not self._rest:
                piece = self._waiting.popleft()
                self._rest = piece + ASK if self._answers else piece
                if self._answers:
                    self._under_way.append((len(self._rest), now))
            took = self._write(self._rest)
            self.sent += took
            self._rest = self._rest[took:]
            if self._rest:
                return

    def heard(self, now: float) -> None:
        """The terminal has answered: the oldest piece under way has arrived."""
        self._answers = True
        if not self._under_way:
            return
        size, began = self._under_way.popleft()
        self._trip = min(self._trip, max(0.0, now - began - (size / self.speed if self.speed else 0.0)))
        # Only a piece that had to wait behind another one measures the link; others measure our pauses,
        # or the way there and back.
        if began + self._trip > self._last:
            self._run = None
        self._measure(size, now)
        self._last = now
        self.pump(now)

    def _measure(self, size: int, now: float) -> None:
        if self._run is None:
            self._run = now, 0
            return
        since, before = self._run
        if before + size < SAMPLE:
            self._run = since, before + size
            return
        self._samples.append((before + size, max(now - since, 1e-4)))
        self._run = now, 0

    def _give_up(self, now: float) -> None:
        if self._under_way and now - self._under_way[0][1] > DEAF:
            self._under_way.clear()
            self._answers = False
            self._run = None
