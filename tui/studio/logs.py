"""The lines that a model prints, each kept once."""

from collections.abc import Sequence

from reelroom.fal.values import LogLine

Mark = tuple[str, str, str]


class Logs:
    """FAL sends a sliding window of lines, so the same line comes again with the next answer.

    A poll repeats what a stream has told already, so what was seen is remembered for longer than one
    window: by time, level and message, up to `most` lines.
    """

    def __init__(self, kept: Sequence[str], most: int) -> None:
        self._seen: dict[Mark, None] = {}
        self._kept = set(kept)
        self._most = most
        self._room = most - len(kept)
        self.last: str | None = None

    def fresh(self, lines: Sequence[LogLine]) -> list[str]:
        """The messages among these that are new, as many as still may be kept."""
        # After a restart the first window repeats lines that are kept already, without their times.
        texts = [line.message for line in lines if self._first_seen(line) and line.message not in self._kept]
        self._kept = set() if lines else self._kept
        self.last = texts[-1] if texts else self.last
        texts = texts[: max(0, self._room)]
        self._room -= len(texts)
        return texts

    def _first_seen(self, line: LogLine) -> bool:
        mark = (line.at, line.level, line.message)
        new = mark not in self._seen
        # Seen again is seen last: what falls out is what FAL's window has long dropped.
        self._seen.pop(mark, None)
        self._seen[mark] = None
        if len(self._seen) > self._most:
            del self._seen[next(iter(self._seen))]
        return new
