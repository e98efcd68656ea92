"""Three streams in memory, as a terminal or as pipes."""

import io

from reelroom.tui.cli.terminal import Terminal


class Tape(io.TextIOWrapper):
    """A text stream over bytes that can say it is a terminal, and can break."""

    def __init__(self, text: str = "", *, terminal: bool = False, broken: bool = False) -> None:
        super().__init__(_Broken() if broken else io.BytesIO(text.encode()), encoding="utf-8", newline="\n")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    @property
    def text(self) -> str:
        self.flush()
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue().decode()


class _Broken(io.BytesIO):
    def write(self, _data: object) -> int:
        raise BrokenPipeError


class Streams:
    """A Terminal and what it said."""

    def __init__(
        self,
        typed: str = "",
        *,
        terminal: bool = False,
        broken: bool = False,
        environ: dict[str, str] | None = None,
    ) -> None:
        self._out, self._err = Tape(terminal=terminal, broken=broken), Tape(terminal=terminal)
        environ = {"TERM": "xterm", "LANG": "C.UTF-8"} if environ is None else environ
        self.terminal = Terminal(Tape(typed, terminal=terminal), self._out, self._err, environ)

    @property
    def said(self) -> str:
        """What stands on stderr."""
        return self._err.text

    @property
    def put(self) -> str:
        """What stands on stdout."""
        return self._out.text
