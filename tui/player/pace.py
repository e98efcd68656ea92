"""How often a frame is worth writing, from how fast the terminal takes them."""

from dataclasses import dataclass

FULL = 24.0
"""Frames a second where the link is no limit, unless another number is asked for."""
SLOW = 400_000.0
"""Bytes a second: up to here a link gets 8 to 12 frames a second."""
STEP = 100_000.0
"""Bytes a second: below it a clip does not play by itself."""
OUT_OF_STEP = 130_000.0
SHARE = 0.75
"""Of what a slow link takes, at most so much is used."""


@dataclass(slots=True)
class Pace:
    """Frames a second for one clip on one link, and when the next one is due."""

    rate: float
    """Frames a second of the clip."""
    asked: float | None = None
    """Frames a second that were asked for."""
    by_steps: bool = False
    """Whether the link is so slow that only single frames are shown."""
    _due: float = 0.0

    def frames(self, link: float | None, speed: float = 1.0) -> float:
        """Frames a second for a link of so many bytes a second (None: not known yet)."""
        most = min(self.asked or FULL, self.rate * max(speed, 0.01))
        if link is None or link > SLOW:
            return most
        return min(most, 8 + 4 * max(0.0, link - STEP) / (SLOW - STEP))

    def due(self, now: float) -> float:
        """Seconds until the next frame; 0 where it is time."""
        return max(0.0, self._due - now)

    def wrote(self, count: int, now: float, link: float | None, speed: float) -> None:
        """A frame of so many bytes was written: when the next one may be."""
        gap = 1 / self.frames(link, speed)
        if link is not None and link <= SLOW:
            gap = max(gap, count / (SHARE * link))
        # The beat is kept where a frame is a little late, and begun anew where it is much too late.
        self._due = max(self._due + gap, now) if now - self._due < gap else now + gap

    def judge(self, link: float | None) -> bool:
        """Whether the link has just turned out to be too slow for playing."""
        if link is None:
            return False
        if self.by_steps:
            self.by_steps = link < OUT_OF_STEP
            return False
        self.by_steps = link < STEP
        return self.by_steps
