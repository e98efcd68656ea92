"""A screen as text that a person can read and compare: its rows, then the style of every cell."""

from collections.abc import Iterator
from itertools import groupby
from string import ascii_letters, digits

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from reelroom.tui.app import Reelroom

MARKS = frozenset({"bold", "dim", "italic", "underline", "strike", "reverse", "blink"})
SIGNS = ascii_letters + digits


def picture(app: Reelroom) -> str:
    """The whole screen; runs of cells are counted (`12a`), and a legend names their styles."""
    strips = app.screen._compositor.render_strips()
    signs: dict[str, str] = {}
    runs = [" ".join(_runs(strip, signs)) for strip in strips]
    legend = [f"{sign} {style}" for style, sign in signs.items()]
    return "\n".join([*(strip.text.rstrip() for strip in strips), "", *runs, "", *legend, ""])


def _runs(strip: Strip, signs: dict[str, str]) -> Iterator[str]:
    for style, cells in groupby(_cells(strip)):
        if style not in signs:
            signs[style] = SIGNS[len(signs)]
        yield f"{len(list(cells))}{signs[style]}"


def _cells(strip: Strip) -> Iterator[str]:
    """The style of each cell; a blank one has no ink, so the colour of its letters is nobody's business."""
    for segment in strip:
        style = segment.style or Style()
        inked, blank = _named(style, ink=True), _named(style, ink=False)
        for char in segment.text:
            yield from [blank if char == " " else inked] * cell_len(char)


def _named(style: Style, *, ink: bool) -> str:
    seen = MARKS if ink else MARKS & {"underline", "strike", "reverse"}
    marks = [name for name in sorted(seen) if getattr(style, name)]
    colour = style.color if ink or marks else None
    ground = style.bgcolor.name if style.bgcolor else "default"
    return " ".join([*marks, colour.name if colour else "default", "on", ground])
