"""How many colours a terminal shows. Nothing is loaded for it."""

from collections.abc import Mapping
from typing import Literal

Depth = Literal["true", "256", "16"]


def color_depth(environ: Mapping[str, str]) -> Depth:
    """How many colours the terminal shows, read as Textual does: TEXTUAL_COLOR_SYSTEM, COLORTERM, TERM."""
    asked = environ.get("TEXTUAL_COLOR_SYSTEM", "auto").strip().lower()
    named: dict[str, Depth] = {"truecolor": "true", "256": "256", "standard": "16", "windows": "16"}
    if asked in named:
        return named[asked]
    if environ.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return "true"
    kind = environ.get("TERM", "").strip().lower().rpartition("-")[2]
    return "256" if kind in {"256color", "kitty"} else "16"


def no_color(environ: Mapping[str, str]) -> bool:
    """Whether NO_COLOR stands in the environment, as Textual asks it: an empty value counts too."""
    return "NO_COLOR" in environ
