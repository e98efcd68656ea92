"""The one door for text from outside: what FAL, a file or a person wrote, made safe to store and to draw."""

import unicodedata

_SHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me"})
_JOINERS = "\u200c\u200d"
_MARKS_PER_BASE = 4


def clean(text: str, *, limit: int = 20_000, lines: bool = False) -> str:
    """Text in which nothing is left for a terminal to obey, at most `limit` characters; idempotent.

    Control, format and private characters are shown (`␛`, `<U+202E>`), not dropped. Line breaks stay
    only if `lines`, and are spaces otherwise.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    kept = text[: limit + 1]
    plain = kept.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n")
    shown = "".join(_joined(_characters(plain, lines=lines)))
    if len(shown) > limit or len(kept) < len(text):
        return shown[: limit - 1] + "…"
    return shown


def _characters(text: str, *, lines: bool) -> list[str]:
    """Each character as it may be shown; joiners are left for `_joined`, which needs both neighbours."""
    shown: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if category in _MARKS:
            marks += 1
            if marks > _MARKS_PER_BASE:
                continue
        # A joiner is no new base: alternating with marks it would let a stack grow without end.
        elif char not in _JOINERS:
            marks = 0
        shown.append(_visible(char, lines=lines) if category in _SHOWN else char)
    return shown


def _visible(char: str, *, lines: bool) -> str:
    if char in _JOINERS:
        return char
    if char == "\n":
        return "\n" if lines else " "
    if char == "\t":
        return " "
    return "␛" if char == "\x1b" else f"<U+{ord(char):04X}>"


def _joined(shown: list[str]) -> list[str]:
    """Joiners stay where they join: between two that are neither ASCII nor joiners (emoji, Persian)."""

    def joins(index: int) -> bool:
        return 0 <= index < len(shown) and not shown[index].isascii() and shown[index] not in _JOINERS

    return [
        f"<U+{ord(part):04X}>" if part in _JOINERS and not (joins(at - 1) and joins(at + 1)) else part
        for at, part in enumerate(shown)
    ]
