import random
from collections.abc import Sequence

import pyte
import pytest
from rich.console import Console
from textual.strip import Strip

from reelroom.tui.widgets.pixels import JoinedStrip, Poster, Resized, resized
from reelroom.tui.widgets.shading import Shading, Tones, nearest

TONES: Sequence[Tones] = ("true", "256", "16", "plain", "ascii")


def noise(width: int, height: int, seed: int = 3) -> Resized:
    return Resized(width, height, random.Random(seed).randbytes(3 * width * height))


def shown(text: str, columns: int) -> list[tuple[object, ...]]:
    """What a terminal makes of it, cell by cell; a blank has no ink."""
    screen = pyte.Screen(columns, 1)
    pyte.Stream(screen).feed(text)
    cells = [screen.buffer[0][x] for x in range(columns)]
    return [(cell.data, cell.fg if cell.data != " " else "", cell.bg) for cell in cells]


def console() -> Console:
    return Console(color_system="truecolor", force_terminal=True)


@pytest.mark.parametrize("tones", TONES)
def test_a_row_looks_the_same_whole_cut_divided_and_as_segments(tones: Tones) -> None:
    poster = Poster(noise(20, 8), Shading(tones))
    for y in range(4):
        row = poster.row(y)
        whole = shown(row.render(console()), 20)
        assert shown(Strip(list(row), 20).render(console()), 20) == whole
        assert shown("".join(part.render(console()) for part in row.divide([3, 11, 20])), 20) == whole
        assert shown(row.crop(4, 15).render(console()), 11) == whole[4:15]
        assert shown(poster.row(y, 13).render(console()), 13) == whole[:13]
        assert row.adjust_cell_length(9).cell_length == 9


@pytest.mark.parametrize("tones", TONES)
def test_strips_side_by_side_stay_what_they_are(tones: Tones) -> None:
    left, right = Poster(noise(5, 2, 1), Shading(tones)), Poster(noise(6, 2, 2), Shading(tones))
    line = JoinedStrip([Strip.blank(1), left.row(0), Strip.blank(2), right.row(0)])
    assert line.cell_length == 14
    apart = [shown(left.row(0).render(console()), 5), shown(right.row(0).render(console()), 6)]
    whole = shown(line.render(console()), 14)
    assert [whole[1:6], whole[8:14]] == apart
    assert shown(Strip(list(line), 14).render(console()), 14) == whole
    assert shown(line.crop(3, 10).render(console()), 7) == whole[3:10]


def test_only_the_promised_sequences_are_written() -> None:
    picture = noise(30, 4)
    rows = {tones: Poster(picture, Shading(tones)).row(0).render(console()) for tones in TONES}
    assert "38;5" not in rows["true"]
    assert "38;2" not in rows["256"]
    assert ";5;" not in rows["16"]
    assert ";2;" not in rows["16"]
    assert rows["plain"].removesuffix("\x1b[0m").strip(" ░▒▓█") == ""
    assert rows["ascii"].isascii()
    assert all(row.endswith("\x1b[0m") for row in rows.values())


def test_xterm_colours_are_their_own_nearest() -> None:
    steps = (0, 95, 135, 175, 215, 255)
    for number in range(16, 232):
        red, green, blue = (number - 16) // 36, (number - 16) // 6 % 6, (number - 16) % 6
        found = nearest(steps[red], steps[green], steps[blue])
        assert found == number
    for grey in range(24):
        level = 8 + 10 * grey
        assert nearest(level, level, level) in {232 + grey, 16, 231, 102, 145, 188, 59}


@pytest.mark.parametrize("tones", ["16", "plain", "ascii"])
def test_brighter_pictures_are_drawn_brighter(tones: Tones) -> None:
    ramps: dict[Tones, str] = {"plain": " ░▒▓█", "ascii": " .:-=+*#%@"}
    levels = []
    for light in range(0, 256, 5):
        cells = Shading(tones).cells(bytes([light] * 96), bytes([light] * 96), 0)
        if tones == "16":
            greys = {None: 0, 0: 0, 8: 1, 7: 2, 15: 3}
            levels.append(sum(greys[cell.upper] + greys[cell.lower] for cell in cells))  # type: ignore[index]
        else:
            levels.append(sum(ramps[tones].index(cell.text) for cell in cells))
    assert levels == sorted(levels)
    assert levels[0] == 0
    assert levels[-1] > levels[0]


def test_signs_are_turned_round_on_a_light_ground() -> None:
    black = bytes(3)
    assert Shading("plain", dark=True).cells(black, black, 0)[0].text == " "
    assert Shading("plain", dark=False).cells(black, black, 0)[0].text == "█"


def test_a_picture_of_another_size_is_made_to_fit() -> None:
    picture = noise(20, 10)
    for width, height in ((7, 4), (40, 20), (1, 2)):
        rough = resized(picture, width, height)
        assert len(rough.rgb) == 3 * width * height
    assert resized(picture, 20, 10).rgb == picture.rgb
