"""Text that has killed terminal programs, fooled their readers, or run what it named."""

import unicodedata
from collections.abc import Iterable, Iterator

from reelroom.tui.app import Reelroom

MARKUP = (
    "[/]",
    "[/red]",
    "[$nosuch]y[/]",
    "x\\[/]",
    "[red]x[/red]",
    "[red",
    "[1, 2, 3]",
    '["unterminated',
    "[" * 300,
    '{"a": ["b", {"c": null}]}',
    "/tmp/[a/b]/c",
    "1 validation error [type=missing, input_value={'a': 1}, input_type=dict]",
    "[link=file:///etc/passwd]x[/link]",
    "[@click=app.quit()]x[/]",
    "[@click='app.run_worker(1)']x[/]",
    "[l](javascript:x) **b** `c`",
)
"""Read as markup these crash, swallow their words, or run an action at a click."""

SEQUENCES = (
    "QQa\x1b[2Jb",
    "QQ\x1b]52;c;UEFZTE9BRA==\x07",
    "QQ\x1b]0;title\x1b\\",
    "QQ\x1b]8;;https://evil.example\x1b\\x\x1b]8;;\x1b\\",
    "QQ\x1bP+q544e\x1b\\",
    "QQ\x1b[?1049l\x1bc",
    "QQ\x9b2Jb",
    "QQ\x9d52;c;UEFZTE9BRA==\x9c",
    "QQa\x07\x08\x7fb\x00c",
    "QQover\rwritten",
    "QQone\ntwo\ttab\x0bthree\x0c",
)
"""Sent to a terminal these clear it, name it, fill its clipboard, ask it, or leave the screen."""

LETTERS = (
    "QQ\u202egpj.exe\u202c",
    "QQ\u2066hidden\u2069\u200e\u200f",
    "QQzero\u200bwidth\ufeff\u00ad",
    "QQ\u2028line\u2029paragraph",
    "QQtag\U000e0041\U000e007f\ue000",
    "QQe" + "\u0301" * 60,
    "QQlone\ud800surrogate",
)
"""Letters that turn others round, hide, or stack."""

PAYLOADS = (*MARKUP, *SEQUENCES, *LETTERS)


def storable(text: str) -> str:
    """As SQLite takes it: a lone surrogate it does not."""
    return text.encode("utf-8", "replace").decode()


def forbidden(char: str) -> bool:
    """Whether a terminal would obey a character, or hide it: controls, and all that is there to be unseen."""
    joiner = char in "\u200c\u200d"
    return unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp", "Cs", "Co"} and not joiner


def drawn(app: Reelroom) -> Iterator[tuple[str, dict[str, object]]]:
    """Each piece of the screen as it goes to the terminal: its text, and what hangs on it."""
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            meta = segment.style.meta if segment.style is not None else {}
            yield segment.text, meta


def harms(pieces: Iterable[tuple[str, dict[str, object]]]) -> list[str]:
    """What on the screen should not be there: bytes to obey, and actions that text brought along."""
    found = []
    for text, meta in pieces:
        found += [f"{char!r} in {text[:60]!r}" for char in text if forbidden(char)]
        # Scroll bars are dragged by what hangs on them; a click is what text could bring along.
        if "@click" in meta:
            found.append(f"{meta['@click']!r} behind {text[:40]!r}")
    return found
