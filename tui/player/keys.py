"""What is typed, and what the terminal answers: bytes become names."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

WAIT: Final = 0.05
"""Seconds after which a lone escape is the key and no beginning."""

_NAMES: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        b"\x1b[C": "right", b"\x1bOC": "right", b"\x1b[D": "left", b"\x1bOD": "left",
        b"\x1b[1;2C": "shift+right", b"\x1b[1;2D": "shift+left",
        b"\x1b[H": "home", b"\x1bOH": "home", b"\x1b[1~": "home",
        b"\x1b[F": "end", b"\x1bOF": "end", b"\x1b[4~": "end",
        b"\x1b[0n": "arrived", b"\x1b[I": "focus", b"\x1b[O": "blur",
        b"\x1b": "escape", b"\x03": "ctrl+c", b" ": "space",
    }
)  # fmt: skip
_TOKEN: Final = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[@-~])|\x1b(?=\x1b)|[^\x1b]")
_BEGUN: Final = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|O)?\Z")


class Keys:
    """Bytes in, names out; a sequence may come in pieces."""

    def __init__(self) -> None:
        self._left = b""

    @property
    def unsure(self) -> bool:
        """Whether what came last may be a key or the beginning of a sequence."""
        return bool(self._left)

    def feed(self, data: bytes) -> Iterator[str]:
        """The keys that these bytes complete; a letter is its own name, and what is not known is left out."""
        data, self._left = self._left + data, b""
        begun = _BEGUN.search(data)
        if begun:
            data, self._left = data[: begun.start()], data[begun.start() :]
        yield from self._read(data)

    def settle(self) -> Iterator[str]:
        """Nothing more came: what was begun is what was typed."""
        data, self._left = self._left, b""
        if data == b"\x1b":
            yield "escape"

    def _read(self, data: bytes) -> Iterator[str]:
        for token in _TOKEN.findall(data):
            if token in _NAMES:
                yield _NAMES[token]
            elif len(token) == 1 and 0x20 < token[0] < 0x7F:
                yield token.decode()
