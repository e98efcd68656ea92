"""The shape of what is said about a job, and how long it usually takes."""

from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from reelroom.tui import words

from .strips import cut

LEAST_QUOTE: Final = 24
"""Cells that FAL's words keep, whatever else has to go."""


@dataclass(frozen=True, slots=True)
class UsualTime:
    """How long one's own runs of an endpoint took: seconds within which 25, 50 and 90 of 100 were done."""

    p25: float
    p50: float
    p90: float

    def __str__(self) -> str:
        return words.usual_range(self.p25, self.p90)


@dataclass(frozen=True, slots=True)
class Told:
    """What is said about a job: its detail, worded from long to short, and one line on what comes next."""

    wordings: tuple[str, ...]
    next: str
    quote: str = ""
    """FAL's own words, which stand in `next` where it says `{}`."""

    @property
    def detail(self) -> str:
        """The longest wording."""
        return self.wordings[0] if self.wordings else ""

    def detail_in(self, width: int) -> str:
        """The longest wording that has room; where none has, the shortest, cut at its end."""
        for wording in self.wordings:
            if cell_len(wording) <= width:
                return wording
        return cut(self.wordings[-1], width) if self.wordings else ""

    def next_in(self, width: int) -> str:
        """The line on what comes next: FAL's words give way first, then whole sentences, from the end."""
        text = self.next
        least = min(cell_len(self.quote), LEAST_QUOTE)
        while (end := text.rstrip().rfind(". ")) > 0 and _without_quote(text) + least > width:
            text = text[: end + 1]
        if not self.quote:
            return cut(text, width)
        if _without_quote(text) + least > width:
            text = text[text.index("“") :]
        room = max(least, width - _without_quote(text))
        return cut(text.replace("{}", cut(self.quote, room), 1), width)

    @property
    def sentence(self) -> str:
        """The whole line on what comes next, however long FAL's words are."""
        return self.next.replace("{}", self.quote, 1) if self.quote else self.next


def _without_quote(text: str) -> int:
    return cell_len(text.replace("{}", "", 1))


def line(text: str | None) -> str:
    """The text in one line."""
    return " ".join(text.split()) if text else ""


def stop(sentence: str) -> str:
    """The sentence with a full stop."""
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def shorter(*parts: str) -> tuple[str, ...]:
    """The parts in one line, and the same with ever fewer of them, from the end."""
    there = [part for part in parts if part]
    return tuple(" · ".join(there[:count]) for count in range(len(there), 0, -1))
