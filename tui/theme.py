"""The colours of Reelroom: a palette for each colour depth, as Textual themes and as styles of painted lines.

Widgets that are styled by TCSS use the theme's variables: Textual's own names, `$selected`, `$on-selected`,
`$on-accent`, `$track`, and the text styles `$accent-style`, `$attention-style`, `$bad-style`, `$faint-style`,
`$badge-style` and `$button-style`, which carry what colours cannot where there are none.
Widgets that paint lines themselves ask `Paint`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final, Literal

from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from .colours import Depth

Role = Literal[
    "text", "muted", "faint", "accent", "good", "attention", "bad", "bar", "track", "hairline", "selected"
]
Ground = Literal["background", "surface", "panel", "selected", "accent", "badge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one theme, each as Textual spells it."""

    background: str
    surface: str
    panel: str
    selected: str
    border: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    good: str
    attention: str
    bad: str
    bar: str
    track: str
    on_selected: str = ""
    """The text of a selected row where it is not the usual one; then the whole row has this colour."""


def _palette(colours: str) -> Palette:
    """A palette from 15 colours in the order of its fields."""
    return Palette(**dict(zip((field.name for field in fields(Palette)), colours.split(), strict=False)))


_SIXTEEN: Final = "ansi_default ansi_default ansi_default ansi_blue ansi_bright_black ansi_default "

PALETTES: Final[Mapping[str, Palette]] = MappingProxyType(
    {
        "reelroom-dark": _palette(
            "#111318 #191C23 #232833 #2A3252 #3A4150 #E6E9F0 #A3ACBB #7F899A"
            " #8FA6FF #0E1222 #7CCB97 #EDBB62 #FF8A84 #6F86C9 #343B4A"
        ),
        "reelroom-light": _palette(
            "#FBFAF7 #F1EFEA #E5E2DB #DCE0FA #C9C5BC #1D2026 #4F5663 #626976"
            " #3B4CCB #FFFFFF #1B6E41 #8A5300 #B3261E #6674D6 #D3CFC6"
        ),
        "reelroom-dark-256": _palette(
            "#121212 #1C1C1C #262626 #3A3A3A #4E4E4E #E4E4E4 #B2B2B2 #8A8A8A"
            " #87AFFF #121212 #87D787 #FFAF5F #FF8787 #5F87AF #4E4E4E"
        ),
        "reelroom-light-256": _palette(
            "#FFFFFF #EEEEEE #E4E4E4 #D7D7FF #BCBCBC #1C1C1C #4E4E4E #626262"
            " #0000AF #FFFFFF #005F00 #5F5F00 #AF0000 #5F87D7 #BCBCBC"
        ),
        "reelroom-dark-16": _palette(
            _SIXTEEN + "ansi_white ansi_bright_black ansi_bright_cyan ansi_black ansi_bright_green"
            " ansi_bright_yellow ansi_bright_red ansi_cyan ansi_bright_black ansi_bright_white"
        ),
        # The bright colours of the dark one cannot be read on a light ground.
        "reelroom-light-16": _palette(
            _SIXTEEN + "ansi_bright_black ansi_bright_black ansi_blue ansi_bright_white ansi_green"
            " ansi_yellow ansi_red ansi_cyan ansi_white ansi_bright_white"
        ),
        "reelroom-dark-plain": _palette("ansi_default " * 15),
        "reelroom-light-plain": _palette("ansi_default " * 15),
    }
)


def theme_name(depth: Depth, *, dark: bool = True, plain: bool = False) -> str:
    """The name of the theme for a colour depth; `plain` is the one for NO_COLOR."""
    suffix = "-plain" if plain else {"true": "", "256": "-256", "16": "-16"}[depth]
    return f"reelroom-{'dark' if dark else 'light'}{suffix}"


def themes(depth: Depth, *, plain: bool = False, ascii_only: bool = False) -> tuple[Theme, Theme]:
    """The dark and the light theme for a colour depth; `plain` is for NO_COLOR.

    For NO_COLOR the App is to be made with `ansi_color=True`: otherwise Textual turns colours into greys
    instead of leaving them out. With `ascii_only`, painted lines keep to ASCII signs.
    """
    dark = _theme(theme_name(depth, plain=plain), dark=True, ascii_only=ascii_only)
    return dark, _theme(theme_name(depth, dark=False, plain=plain), dark=False, ascii_only=ascii_only)


def _theme(name: str, *, dark: bool, ascii_only: bool) -> Theme:
    it = PALETTES[name]
    ansi = it.background == "ansi_default"
    variables = _own(it, plain=name.endswith("-plain")) | _textual(it)
    variables["glyphs"] = "ascii" if ascii_only else "unicode"
    variables |= _bare(it) if ansi else _tones(it)
    return Theme(
        name=name,
        primary=it.accent,
        secondary=it.bar,
        warning=it.attention,
        error=it.bad,
        success=it.good,
        accent=it.accent,
        foreground=it.text,
        background=it.background,
        surface=it.surface,
        panel=it.panel,
        dark=dark,
        text_alpha=1.0,
        variables=variables,
        ansi=ansi,
    )


def _own(it: Palette, *, plain: bool) -> dict[str, str]:
    loud = "bold" if plain else "none"
    filled = "bold reverse" if plain else "bold"
    return {
        "selected": it.selected,
        "on-selected": it.on_selected or it.text,
        "on-accent": it.on_accent,
        "track": it.track,
        "accent-style": loud,
        "attention-style": loud,
        "bad-style": loud,
        "faint-style": "dim" if plain else "none",
        "badge-style": filled,
        "button-style": filled,
        "input-cursor-background": it.accent,
        "input-cursor-foreground": it.on_accent,
        "input-cursor-text-style": "reverse" if plain else "none",
    }


def _textual(it: Palette) -> dict[str, str]:
    """Textual's own variables, so that its widgets show the same few colours."""
    return {
        "text": it.text,
        "text-muted": it.muted,
        "text-disabled": it.faint,
        "text-primary": it.accent,
        "text-accent": it.accent,
        "text-secondary": it.bar,
        "text-warning": it.attention,
        "text-error": it.bad,
        "text-success": it.good,
        "foreground-muted": it.muted,
        "foreground-disabled": it.faint,
        "border": it.border,
        "border-blurred": it.border,
        "block-cursor-foreground": it.on_selected or it.text,
        "block-cursor-background": it.selected,
        "block-cursor-blurred-foreground": it.on_selected or it.text,
        "block-cursor-blurred-background": it.selected,
        "scrollbar": it.border,
        "scrollbar-hover": it.bar,
        "scrollbar-active": it.accent,
        "footer-foreground": it.text,
        "footer-key-foreground": it.text,
        "footer-description-foreground": it.muted,
        "link-color": it.accent,
        "link-color-hover": it.accent,
    }


def _tones(it: Palette) -> dict[str, str]:
    """What only a theme of exact colours has: tones of the ground."""
    return {
        "block-hover-background": it.panel,
        "surface-active": it.panel,
        "scrollbar-background": it.background,
        "scrollbar-background-hover": it.background,
        "scrollbar-background-active": it.background,
        "scrollbar-corner-color": it.background,
        "link-background-hover": it.selected,
        "input-selection-background": it.selected,
        "screen-selection-background": it.selected,
        "button-foreground": it.text,
        "button-color-foreground": it.on_accent,
        "button-focus-text-style": "bold",
    }


def _bare(it: Palette) -> dict[str, str]:
    """What a theme of the terminal's own colours has in their place: no tones."""
    no_tone = (
        "surface panel boost ansi-background ansi-foreground block-hover-background scrollbar-background"
        " scrollbar-background-hover scrollbar-background-active scrollbar-corner-color"
    )
    return dict.fromkeys(no_tone.split(), "ansi_default") | {
        "link-background-hover": it.selected,
        "input-selection-background": it.selected,
        "input-selection-foreground": it.on_selected or it.text,
        "screen-selection-background": it.selected,
        "screen-selection-foreground": it.on_selected or it.text,
    }


_ATTRIBUTES: Final[Mapping[str, Style]] = MappingProxyType(
    {
        "accent": Style(bold=True),
        "attention": Style(bold=True),
        "bad": Style(bold=True),
        "faint": Style(dim=True),
        "track": Style(dim=True),
        "hairline": Style(dim=True),
        "selected": Style(bold=True),
    }
)
"""What carries a role where there are no colours."""


class Paint:
    """The styles of painted lines for one theme: `paint("muted", on="selected")`."""

    def __init__(self, palette: Palette, *, plain: bool = False, ascii_only: bool = False) -> None:
        self.palette = palette
        """The colours behind the styles, for those who mix their own (a poster's frame, a dimmed page)."""
        self.plain = plain
        """Whether there are no colours at all."""
        self.ascii_only = ascii_only
        """Whether only ASCII signs are drawn."""
        self._styles: dict[tuple[Role, Ground, bool], Style] = {}

    @classmethod
    def of(cls, theme: Theme) -> "Paint":
        """The paint of a theme; a foreign one gets the colours that fit its ground."""
        name = theme.name if theme.name in PALETTES else theme_name("true", dark=theme.dark)
        return cls(
            PALETTES[name],
            plain=name.endswith("-plain"),
            ascii_only=theme.variables.get("glyphs") == "ascii",
        )

    def __call__(self, role: Role, *, on: Ground = "background", bold: bool = False) -> Style:
        """The style of a role on a ground; faint text is muted where it could not be read."""
        key = (role, on, bold)
        style = self._styles.get(key)
        if style is None:
            style = self._styles[key] = self._make(role, on) + (Style(bold=True) if bold else Style())
        return style

    def _make(self, role: Role, on: Ground) -> Style:
        if self.plain:
            reverse = on in {"accent", "badge"}
            return Style(reverse=True, bold=True) if reverse else _ATTRIBUTES.get(role, Style())
        return Style(
            color=Color.parse(self._colour(role, on)).rich_color,
            bgcolor=Color.parse(self._ground(on)).rich_color,
        )

    def _ground(self, on: Ground) -> str:
        it = self.palette
        return {"accent": it.accent, "badge": it.attention}.get(on) or str(getattr(it, on))

    def _colour(self, role: Role, on: Ground) -> str:
        it = self.palette
        if on in {"accent", "badge"}:
            return it.on_accent
        if on == "selected" and it.on_selected:
            return it.on_selected
        if role == "faint" and on in {"panel", "selected"}:
            return it.muted
        own = {"hairline": it.border, "selected": it.text}
        return own[role] if role in own else str(getattr(it, role))
