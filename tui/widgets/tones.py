"""Which tones a picture is drawn in: what the terminal shows, and the theme allows."""

from .painted import Painted
from .shading import Shading, Tones


def shading_for(widget: Painted) -> Shading:
    """The shading for the present theme and colour depth."""
    theme = widget.app.current_theme
    system = widget.app.console.color_system
    tones: Tones = "true"
    if widget.paint.ascii_only:
        tones = "ascii"
    elif widget.paint.plain:
        tones = "plain"
    elif theme.name.endswith("-16") or system in {"standard", "windows"}:
        tones = "16"
    elif theme.name.endswith("-256") or system == "256":
        tones = "256"
    return Shading(tones, dark=theme.dark)
