"""The three streams of a command: paths and data on stdout, talk on stderr, answers on stdin."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from reelroom.tui.words import Role

    from .paint import Line, Style


class Terminal:
    """Where a command talks. On a terminal it also keeps a block of lines that is redrawn in place."""

    def __init__(self, stdin: TextIO, out: TextIO, err: TextIO, environ: Mapping[str, str]) -> None:
        self._stdin, self._out, self._err = stdin, out, err
        self._block: tuple[Line, ...] = ()
        self._columns = 0
        self._out_gone = False
        self._unicode = _is_utf8(environ, err)
        self._colours = not environ.get("NO_COLOR")
        self._obeys = environ.get("TERM", "dumb") != "dumb"
        self.live = _is_terminal(err) and self._obeys
        """Whether stderr is a terminal that lines can be redrawn on."""

    @cached_property
    def style(self) -> Style:
        """What can be shown on stderr."""
        return self._style_of(self._err)

    @cached_property
    def out_style(self) -> Style:
        """What can be shown on stdout."""
        return self._style_of(self._out)

    def _style_of(self, stream: TextIO) -> Style:
        from .paint import Style  # noqa: PLC0415 - the studio on screen says nothing here

        return Style(_is_terminal(stream) and self._obeys, self._colours, self._unicode)

    @property
    def can_ask(self) -> bool:
        """Whether a question would reach somebody who can answer it."""
        return _is_terminal(self._stdin) and _is_terminal(self._err)

    @property
    def out_is_terminal(self) -> bool:
        """Whether a person reads stdout."""
        return _is_terminal(self._out)

    @property
    def width(self) -> int:
        """Cells in a line that does not wrap, asked anew as a window may change."""
        return max(20, self._size().columns - 1)

    @property
    def height(self) -> int:
        """Lines of the terminal."""
        return max(4, self._size().lines)

    def _size(self) -> os.terminal_size:
        for stream in (self._err, self._out):
            try:
                size = os.get_terminal_size(stream.fileno())
            except (OSError, ValueError):
                continue
            if size.columns:
                return size
        return os.terminal_size((80, 24))

    def say(self, text: str, role: Role = "text") -> None:
        """A sentence of talk on stderr; on a terminal it is broken between words."""
        lines = _broken(text, self.width) if self.live else [text]
        for line in lines:
            self.tell(((line, role),))

    def tell(self, line: Line) -> None:
        """One line of talk on stderr, above the block."""
        self._write_err(f"{self._over_block()}{self.style.paint(line)}\n{self._block_text()}")

    def put(self, line: Line) -> None:
        """One line on stdout."""
        self._put(self.out_style.paint(line).encode(self._out.encoding, "replace"))

    def put_data(self, text: str) -> None:
        """One line of ASCII data on stdout, as it is."""
        self._put(text.encode("ascii"))

    def put_path(self, path: Path) -> None:
        """One path on stdout: byte for byte for a program, cleaned for a person."""
        if self.out_is_terminal:
            from reelroom.fal.clean import clean  # noqa: PLC0415 - as above

            self.put(((clean(str(path)), "text"),))
        else:
            self._put(os.fsencode(path))

    def draw(self, lines: Sequence[Line]) -> None:
        """Show these lines in the place of the block; does nothing where lines cannot be redrawn."""
        columns = self._size().columns
        if not self.live or (tuple(lines) == self._block and columns == self._columns):
            return
        self._columns = columns
        before = self._over_block()
        self._block = tuple(lines)
        self._write_err(before + self._block_text())

    def ask(self, question: str) -> str:
        """Ask on stderr, and read one line of stdin; empty at its end."""
        self._write_err(self.style.paint(((question, "accent"), (" ", "text"))) + " ")
        return self._stdin.readline().strip()

    def close(self) -> None:
        """Write out what is still held back."""
        try:
            self._out.flush()
        except (OSError, ValueError):
            self._lose_out()

    def _over_block(self) -> str:
        """Back to the first row of the block. A window made narrower has wrapped its lines meanwhile."""
        if not self._block:
            return ""
        from .paint import width_of  # noqa: PLC0415 - as above

        wide = max(1, self._size().columns)
        rows = sum(max(1, -(-width_of(line) // wide)) for line in self._block)
        return f"\x1b[{rows}A\r\x1b[J"

    def _block_text(self) -> str:
        return "".join(f"{self.style.paint(line)}\n" for line in self._block)

    def _write_err(self, text: str) -> None:
        try:
            self._err.write(text)
            self._err.flush()
        except (OSError, ValueError):
            # The terminal was closed, or nobody reads: the work goes on without talk.
            self.live = False

    def _put(self, line: bytes) -> None:
        if self._out_gone:
            return
        if self._block:
            self._write_err(self._over_block())
        try:
            self._out.flush()
            self._out.buffer.write(line + b"\n")
            self._out.buffer.flush()
        except (OSError, ValueError):
            self._lose_out()
        if self._block:
            self._write_err(self._block_text())

    def _lose_out(self) -> None:
        """Nobody reads stdout any more: be quiet there, also when the interpreter flushes it at the end."""
        self._out_gone = True
        try:
            with open(os.devnull, "wb") as nothing:  # noqa: PTH123 - a device, not a file of ours
                os.dup2(nothing.fileno(), self._out.fileno())
        except (OSError, ValueError):
            return


def _broken(text: str, width: int) -> list[str]:
    import textwrap  # noqa: PLC0415 - most commands say little

    indent = text[: len(text) - len(text.lstrip())]
    return textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False) or [text]


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:
        return False


def _is_utf8(environ: Mapping[str, str], stream: TextIO) -> bool:
    """Whether the locale, not Python's own UTF-8 mode, says that UTF-8 is understood."""
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    if locale in {"C", "POSIX"}:
        return False
    return (stream.encoding or "").lower().replace("-", "") == "utf8"
