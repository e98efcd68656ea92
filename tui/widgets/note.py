"""One sentence under a field."""

from rich.cells import cell_len
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip

from .painted import Painted
from .strips import Span, cut, paint_line


class Note(Painted):
    """A muted line, or what stands in the way: with `✗`, in bad, in as many lines as it needs."""

    DEFAULT_CSS = """
    Note { width: 1fr; height: auto; padding: 0 1; }
    """

    text: reactive[str] = reactive("", layout=True)
    bad: reactive[bool] = reactive(default=False, layout=True, toggle_class="-bad")

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's own
        """As many lines as the words take."""
        return len(self._lines(width))

    def render_line(self, y: int) -> Strip:
        """One line, behind the sign where there is one."""
        lines = self._lines(self.size.width)
        if y >= len(lines):
            return Strip.blank(self.size.width, self.paint("text"))
        return paint_line(lines[y], self.size.width, self.paint)

    def _lines(self, width: int) -> list[list[Span]]:
        if not self.bad:
            return [[Span(line, "muted")] for line in wrapped(self.text, width)]
        signs = [Span("x " if self.paint.ascii_only else "✗ ", "bad")] + [Span("  ")] * len(self.text)
        return [
            [sign, Span(line, "bad")]
            for sign, line in zip(signs, wrapped(self.text, max(1, width - 2)), strict=False)
        ]


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` cells, parted between words; a longer word is cut."""
    lines: list[str] = []
    for word in text.split():
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(cut(word, width))
    return lines
