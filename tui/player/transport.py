"""Where a clip stands: playing, paused, looped between two marks, at any speed. It knows no frames."""

from dataclasses import dataclass

SPEEDS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 4.0, 8.0)


@dataclass(slots=True)
class Transport:
    """A position in seconds that moves with a clock. `now` is always that clock's time."""

    length: float
    """Seconds; it may be found to be another while the clip is decoded."""
    loop: bool = False
    speed: float = 1.0
    mark_in: float | None = None
    mark_out: float | None = None
    _at: float = 0.0
    _since: float | None = None

    @property
    def playing(self) -> bool:
        """Whether the position moves."""
        return self._since is not None

    @property
    def first(self) -> float:
        """Where playing begins: the in mark, or 0."""
        return self.mark_in or 0.0

    @property
    def end(self) -> float:
        """Where playing ends: the out mark, or the length."""
        return self.length if self.mark_out is None else self.mark_out

    def at(self, now: float) -> float:
        """The position, at most the length."""
        return min(self._raw(now), self.length)

    def move_on(self, now: float, reach: float) -> bool:
        """Begin again or stop at the end, wait at `reach`, where decoding is; whether playing ended."""
        at = self._raw(now)
        if not self.playing or at < min(self.end, reach):
            return False
        if at < self.end:
            self._put(reach, now)
        elif self.loop and self.end > self.first:
            self._put(self.first + (at - self.end) % (self.end - self.first), now)
        else:
            self._at, self._since = self.end, None
            return True
        return False

    def play(self, now: float) -> None:
        """Go on; from the beginning of the part where its end was reached."""
        if not self.playing:
            self._at = self.first if self._at >= self.end - 1e-6 else self._at
            self._since = now

    def pause(self, now: float) -> None:
        """Stay here."""
        self._at, self._since = self.at(now), None

    def jump(self, to: float, now: float) -> None:
        """Another position, inside the clip; playing goes on from there."""
        self._put(max(0.0, min(to, self.length)), now)

    def faster(self, steps: int, now: float) -> None:
        """The next speed up (or down, by a negative number)."""
        near = min(range(len(SPEEDS)), key=lambda place: abs(SPEEDS[place] - self.speed))
        self._put(self.at(now), now)
        self.speed = SPEEDS[max(0, min(near + steps, len(SPEEDS) - 1))]

    def mark(self, *, now: float, out: bool) -> None:
        """Set the in or out mark here, or take it away; a mark on the wrong side takes the other one away."""
        at = self.at(now)
        if out:
            self.mark_out = None if self.mark_out is not None and abs(self.mark_out - at) < 1e-3 else at
        else:
            self.mark_in = None if self.mark_in is not None and abs(self.mark_in - at) < 1e-3 else at
        if self.mark_in is not None and self.mark_out is not None and self.mark_in >= self.mark_out:
            self.mark_in, self.mark_out = (None, at) if out else (at, None)

    def _raw(self, now: float) -> float:
        return self._at if self._since is None else self._at + (now - self._since) * self.speed

    def _put(self, at: float, now: float) -> None:
        self._at = at
        self._since = None if self._since is None else now
