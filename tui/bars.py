"""Progress as bars: solid only where the number behind it is known. Pure text, no colours."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in two parts, since the filled one has another colour than the rest."""

    filled: str
    rest: str

    def __str__(self) -> str:
        return self.filled + self.rest


def known(done: int, total: int, width: int, *, unicode: bool = True) -> Bar:
    """A known fraction, in half steps; full only when all is there."""
    halves = min(2 * width, max(0, 2 * width * done // total)) if total > 0 else 0
    whole, half = divmod(halves, 2)
    if not unicode:
        return Bar("#" * whole, "-" * (width - whole))
    filled = "━" * whole + "╸" * half
    return Bar(filled, "─" * (width - len(filled)))


def estimate(elapsed: float, low: float, high: float, width: int, *, unicode: bool = True) -> Bar:
    """An estimate from one's own history, in seconds: full at `high`, its end marked as usual from `low` on.

    Once `elapsed` is past `high` it stays full: the words beside it say that it takes longer than usual.
    """
    dash, thin, usual = "╍─≈" if unicode else "=-~"
    if high <= 0 or elapsed >= high:
        return Bar(dash * width, "")
    filled = min(width, max(0, int(width * elapsed / high)))
    marked = min(width - filled, max(1, width - int(width * low / high)))
    return Bar(dash * filled, thin * (width - filled - marked) + usual * marked)


def waiting(width: int, *, unicode: bool = True) -> Bar:
    """In line, sending or waiting: no fill at all."""
    dots = ("· " if unicode else ". ") * width
    return Bar("", dots[: width - 1].ljust(width))


def unknown(width: int, *, unicode: bool = True) -> Bar:
    """At work, without history or a total: still, since the elapsed time shows life."""
    return Bar("", ("╌" if unicode else "-") * width)
