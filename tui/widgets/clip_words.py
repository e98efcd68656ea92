"""What is said of a clip in the panel: its title, length, marks and age."""

import re
from functools import lru_cache

from reelroom.fal.clean import clean
from reelroom.store.records import Media
from reelroom.tui import words
from reelroom.tui.theme import Paint

from .strips import Span

LONGEST_TITLE = 240

_UNSTEADY = re.compile(
    "[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]|(?<=[\ufe0f\u2190-\u2bff\U0001f000-\U0001faff])\u200d"
)
"""What changes the width of a sign in some terminals only: variants, skin tones, joined emoji."""


def title(clip: Media) -> str:
    """The beginning of the prompt, on one line; the file's name where there is none."""
    return _one_line(clip.prompt[:LONGEST_TITLE]) or _one_line(clip.path[:LONGEST_TITLE])


def model(clip: Media) -> str:
    """The model's name for people, or its endpoint."""
    return _one_line(clip.model[:LONGEST_TITLE]) or _one_line(clip.endpoint[:LONGEST_TITLE])


@lru_cache(maxsize=2048)
def _one_line(text: str) -> str:
    # A line that one terminal draws wider than another would push its neighbours out of their columns.
    return " ".join(_UNSTEADY.sub("", clean(text, limit=LONGEST_TITLE)).split())


def length(clip: Media) -> str:
    """`6 s`, `1 m 05 s`; nothing where it is not known."""
    if clip.duration is None or clip.duration <= 0:
        return ""
    if clip.duration < 1:
        return f"{clip.duration:.1f} s"
    return words.running_time(round(clip.duration))


def marks(clip: Media, paint: Paint) -> str:
    """`♥ 5★`: only what is set."""
    heart, star = ("<3", "*") if paint.ascii_only else ("♥", "★")
    parts = [heart] * clip.favourite + [f"{clip.rating}{star}"] * bool(clip.rating)
    return " ".join(parts)


def unseen(clip: Media, paint: Paint) -> Span | None:
    """The dot of a clip that nobody has opened."""
    if clip.seen_at is not None:
        return None
    return Span("*" if paint.ascii_only else "●", "accent")


def end(paint: Paint) -> str:
    """The sign of a cut text."""
    return "..." if paint.ascii_only else "…"
