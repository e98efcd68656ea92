"""The palettes: what the design language promises of them, and what each colour depth may send."""

import itertools

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.app import App
from textual.color import Color

from reelroom.tui.colours import color_depth, no_color
from reelroom.tui.theme import (
    PALETTES,
    Depth,
    Ground,
    Paint,
    Role,
    theme_name,
    themes,
)

TONES: tuple[Ground, ...] = ("background", "surface", "panel", "selected")
WORDS: tuple[Role, ...] = ("text", "muted", "faint", "accent", "good", "attention", "bad")
DEPTHS: tuple[Depth, ...] = ("true", "256", "16")


def seen(colour: RichColor, depth: Depth) -> Color:
    """The colour as a terminal of that depth shows it."""
    system = ColorSystem.EIGHT_BIT if depth == "256" else ColorSystem.TRUECOLOR
    return Color(*colour.downgrade(system).get_truecolor())


@pytest.mark.parametrize(
    ("name", "depth", "role", "ground"),
    [
        (name, depth, role, ground)
        for (name, depth), role, ground in itertools.product(
            [
                ("reelroom-dark", "true"),
                ("reelroom-light", "true"),
                ("reelroom-dark-256", "256"),
                ("reelroom-light-256", "256"),
            ],
            WORDS,
            TONES,
        )
    ],
)
def test_every_word_can_be_read_on_every_ground(name: str, depth: Depth, role: Role, ground: Ground) -> None:
    style = Paint(PALETTES[name])(role, on=ground)
    assert style.color is not None
    assert style.bgcolor is not None
    assert ratio(seen(style.color, depth), seen(style.bgcolor, depth)) >= 4.5


def ratio(one: Color, other: Color) -> float:
    """The contrast of WCAG 2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Color) -> float:
    parts = [part / 255 for part in colour.rgb]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("ground", ["accent", "badge"])
@pytest.mark.parametrize("name", ["reelroom-dark", "reelroom-light"])
def test_buttons_and_badges_can_be_read(name: str, ground: Ground) -> None:
    style = Paint(PALETTES[name])("text", on=ground)
    assert style.color is not None
    assert style.bgcolor is not None
    assert ratio(seen(style.color, "true"), seen(style.bgcolor, "true")) >= 4.5


@pytest.mark.parametrize("name", ["reelroom-dark-256", "reelroom-light-256"])
def test_256_colours_arrive_nearly_as_they_were_chosen(name: str) -> None:
    palette = PALETTES[name]
    for chosen in (palette.background, palette.panel, palette.selected, palette.text, palette.accent):
        there = seen(RichColor.parse(chosen), "256").rgb
        assert max(abs(one - other) for one, other in zip(there, Color.parse(chosen).rgb, strict=True)) <= 12


@pytest.mark.parametrize("name", ["reelroom-dark-16", "reelroom-light-16"])
def test_16_colours_send_no_colour_of_their_own(name: str) -> None:
    paint = Paint(PALETTES[name])
    for role, ground in itertools.product(WORDS, (*TONES, "accent", "badge")):
        style = paint(role, on=ground)
        for colour in (style.color, style.bgcolor):
            assert colour is not None
            assert colour.is_default or (colour.number is not None and colour.number < 16)


def test_without_colours_attributes_carry_what_they_carried() -> None:
    paint = Paint.of(themes("true", plain=True)[0])
    assert paint.plain
    assert paint("attention").bold
    assert paint("bad").bold
    assert paint("accent").bold
    assert paint("faint").dim
    assert paint("text", on="badge").reverse
    assert paint("text", on="accent").reverse
    assert paint("text").color is None


@pytest.mark.parametrize(
    ("environ", "depth"),
    [
        ({"COLORTERM": "truecolor", "TERM": "xterm"}, "true"),
        ({"COLORTERM": "24bit"}, "true"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "screen-256color", "COLORTERM": ""}, "256"),
        ({"TERM": "xterm-kitty"}, "256"),
        ({"TERM": "xterm"}, "16"),
        ({"TERM": "linux"}, "16"),
        ({"TERM": "dumb"}, "16"),
        ({}, "16"),
        ({"TEXTUAL_COLOR_SYSTEM": "256", "COLORTERM": "truecolor"}, "256"),
        ({"TEXTUAL_COLOR_SYSTEM": "standard", "COLORTERM": "truecolor"}, "16"),
        ({"TEXTUAL_COLOR_SYSTEM": "truecolor", "TERM": "xterm"}, "true"),
        ({"TEXTUAL_COLOR_SYSTEM": "nonsense", "TERM": "xterm-256color"}, "256"),
    ],
)
def test_the_colour_depth_is_read_as_textual_reads_it(environ: dict[str, str], depth: Depth) -> None:
    assert color_depth(environ) == depth


def test_no_color_counts_also_when_it_is_empty() -> None:
    assert no_color({"NO_COLOR": ""})
    assert not no_color({})


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("depth", DEPTHS)
async def test_every_theme_is_taken_by_textual(depth: Depth, plain: bool) -> None:
    class Empty(App[None]):
        pass

    async with Empty().run_test(notifications=True, tooltips=True) as pilot:
        for theme in themes(depth, plain=plain):
            pilot.app.register_theme(theme)
            pilot.app.theme = theme.name
            await pilot.pause()
            assert pilot.app.theme_variables["selected"] == PALETTES[theme.name].selected
            assert pilot.app.theme_variables["text-muted"] == PALETTES[theme.name].muted


def test_the_dark_and_the_light_theme_are_named_by_their_depth() -> None:
    assert [theme.name for theme in themes("256")] == ["reelroom-dark-256", "reelroom-light-256"]
    assert theme_name("true", plain=True) == "reelroom-dark-plain"
    assert {theme.dark for theme in themes("16")} == {True, False}


def test_ascii_is_a_matter_of_the_theme() -> None:
    assert Paint.of(themes("true", ascii_only=True)[0]).ascii_only
    assert not Paint.of(themes("true")[0]).ascii_only
