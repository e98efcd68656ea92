"""The four lines around a clip: its name, the ruler, where it stands, and the keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from reelroom.tui import words
from reelroom.tui.cli.paint import Line, Span, Style, width_of

from .transport import Transport

HEIGHT = 4
"""Lines that are not picture: one above it, three below."""
KEYS = (
    ("space", "play"), ("← →", "frame"), ("[ ]", "1 s"), ("i o", "in, out"), ("l", "loop"), ("+ -", "speed"),
    ("q", "leave"),
)  # fmt: skip
PLAY, PAUSE, KNOB, PART, IN, OUT, TRACK = range(7)
SIGNS = ("▶", "‖", "●", "━", "┣", "┫", "─")
ASCII = (">", "!", "*", "=", "[", "]", "-")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the lines tell of this moment."""

    name: str
    facts: str
    """Size and rate of the clip."""
    note: str | None
    """What a person has to know, in the place of the facts."""
    number: int
    """The frame on the screen, from 1."""
    frames: int
    """How many the clip has, as far as is known."""
    time: float
    """Seconds of the frame on the screen."""
    shown: float | None = None
    """Frames written in the last second; None while nothing moves."""
    written: float | None = None
    """Bytes written in the last second."""


def title(it: Standing, transport: Transport, width: int, style: Style) -> str:
    """The rule above the picture with the clip's name; how it is played and its facts where there is room."""
    rule = "━" if style.unicode else "="
    asides: list[Span] = [(it.note, "attention")] if it.note else [(it.facts, "muted")]
    asides = [*_manner(transport), *asides]
    while len(asides) > 1 and width_of(tuple(asides)) + 3 * len(asides) + 16 > width:
        asides.pop(0 if it.note else -1)
    text, role = asides[-1]
    asides[-1] = words.cut(text, width - 8, style.mark), role
    right: Line = tuple(part for aside in asides for part in ((" ", "text"), aside, (f" {rule}", "accent")))
    room = width - width_of(right) - 4
    name = words.cut(it.name, room, style.mark) if room > 3 else ""
    left: Line = ((f"{rule} ", "accent"), (name, "accent"), (" ", "text")) if name else ()
    fill = rule * max(0, width - width_of(left) - width_of(right))
    return style.paint((*left, (fill, "accent"), *right))


def _manner(transport: Transport) -> list[Span]:
    """What is not as usual."""
    manner: list[Span] = []
    if transport.mark_in is not None or transport.mark_out is not None:
        manner.append((f"part {words.clip_length(transport.end - transport.first)}", "accent"))
    if transport.loop:
        manner.append(("loop", "accent"))
    if transport.speed != 1:
        manner.append((f"{transport.speed:g}×", "accent"))
    return manner


def ruler(transport: Transport, at: float, width: int, style: Style) -> str:
    """The clip from its beginning to its end, with the part between the marks and the place in it."""
    signs = SIGNS if style.unicode else ASCII
    ends = _minutes(0), _minutes(transport.length)
    inner = width - 4 - len(ends[0]) - len(ends[1])
    if inner < 4:
        return ""

    def cell(seconds: float) -> int:
        share = seconds / transport.length if transport.length else 0.0
        return max(0, min(inner - 1, int(share * (inner - 1) + 0.5)))

    first, last = cell(transport.first), cell(transport.end)
    part: Span = (signs[PART], "bar")
    track: Span = (signs[TRACK], "track")
    drawn: list[Span] = [part if first <= x <= last else track for x in range(inner)]
    if transport.mark_in is not None:
        drawn[first] = (signs[IN], "text")
    if transport.mark_out is not None:
        drawn[last] = (signs[OUT], "text")
    drawn[cell(at)] = (signs[KNOB], "accent")
    spans: list[Span] = [(f" {ends[0]} ", "faint")]
    for text, role in drawn:
        if spans[-1][1] == role:
            spans[-1] = spans[-1][0] + text, role
        else:
            spans.append((text, role))
    return style.paint((*spans, (f" {ends[1]} ", "faint")))


def status(it: Standing, transport: Transport, width: int, style: Style) -> str:
    """Playing or paused, frame and time at the left; the rates, and that there is no sound, at the right."""
    sign = (SIGNS if style.unicode else ASCII)[PLAY if transport.playing else PAUSE]
    word = "playing" if transport.playing else "paused"
    wide = len(str(it.frames))
    left: list[Span] = [
        (f"{sign} {word:<7}", "accent"),
        (f"frame {it.number:>{wide}} of {it.frames}", "text"),
        (f"{it.time:.2f} s", "text"),
    ]
    right: list[Span] = [("sound is not played", "muted")]
    if it.shown is not None and it.written is not None:
        right = [(f"{it.shown:.0f} fps", "muted"), (words.rate(it.written), "muted"), *right]
    return style.paint(_apart(left, right, width, style))


def footer(width: int, style: Style) -> str:
    """The keys, as many as there is room for; the last one always."""
    pairs = [(key if style.unicode else key.replace("← →", ", ."), what) for key, what in KEYS]
    while len(pairs) > 1 and sum(words.cells(key + what) + 3 for key, what in pairs) > width:
        pairs.pop(-2)
    spans: list[Span] = []
    for key, what in pairs:
        spans += [(f" {key}", "accent"), (f" {what} ", "muted")]
    return style.paint(tuple(spans))


def _apart(left: Sequence[Span], right: Sequence[Span], width: int, style: Style) -> Line:
    """Both sides with what has room: the last of the left goes first, then the first of the right."""
    dot = " · " if style.unicode else " . "
    ends, beginnings = list(right), list(left)
    while True:
        first = tuple((f"{text}  ", role) for text, role in beginnings)
        last = tuple(((dot if place else "") + text, role) for place, (text, role) in enumerate(ends))
        gap = width - 2 - width_of(first) - width_of(last)
        if gap >= 0 or (len(beginnings) == 1 and not ends):
            return ((" ", "text"), *first, (" " * max(0, gap), "text"), *last)
        if len(beginnings) > 3:
            beginnings.pop()
        elif len(ends) > 1:
            ends.pop(0)
        elif len(beginnings) > 2:
            beginnings.pop()
        elif ends:
            ends.pop()
        else:
            beginnings.pop()


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
