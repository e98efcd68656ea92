"""Copying by escape sequence (OSC 52), which reaches the terminal a person sits at also over SSH."""

import base64
from collections.abc import Mapping

LONGEST = 74_000
"""Bytes: terminals drop longer ones without a word."""


def osc52(text: str, environ: Mapping[str, str]) -> str:
    """The sequence that puts `text` on the clipboard; empty where it is too long.

    Inside tmux or screen it is sent wrapped as well, to be passed through to the terminal outside: whether
    they take the plain one or pass the wrapped one on is a setting of theirs.
    """
    data = text.encode("utf-8", "replace")
    if len(data) > LONGEST:
        return ""
    plain = f"\x1b]52;c;{base64.b64encode(data).decode()}\x07"
    if "TMUX" in environ:
        inner = plain.replace("\x1b", "\x1b\x1b")
        return f"{plain}\x1bPtmux;{inner}\x1b\\"
    if "STY" in environ:
        return f"{plain}\x1bP{plain}\x1b\\"
    return plain
