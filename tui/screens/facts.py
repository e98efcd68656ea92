"""Facts, one below the other: a label, and its value in a column of its own, however often it wraps."""

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from reelroom.tui.theme import Paint

LABEL = 9
"""Cells of a label; a blank follows."""


def table(rows: Iterable[tuple[str, str]], paint: Paint) -> Table:
    """The rows as something that Textual draws in whatever width there is."""
    grid = Table.grid(padding=(0, 1, 0, 0), expand=True)
    grid.add_column(width=LABEL)
    grid.add_column(ratio=1, overflow="fold")
    for name, value in rows:
        grid.add_row(Text(name, paint("muted")), Text(value, paint("text")))
    return grid
