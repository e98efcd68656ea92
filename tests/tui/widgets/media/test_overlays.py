"""Posters under a sheet, a toast and a cut: the right colours, and nothing beside them moved."""

from collections.abc import Callable
from typing import Any

import pytest
from rich.style import Style
from textual.app import ComposeResult
from textual.color import Color
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Label

from reelroom.store.records import Media
from reelroom.tui.theme import theme_name

Clip = Callable[..., Media]
Cell = tuple[str, Style | None]


class Sheet(ModalScreen[None]):
    CSS = """
    Sheet { align: center middle; background: black 60%; }
    Sheet Label { width: 30; height: 6; background: white; }
    """

    def compose(self) -> ComposeResult:
        yield Label("A question?")


def cells(strip: Strip) -> list[Cell]:
    return [(char, segment.style) for segment in strip for char in segment.text]


def painted(screen: Any) -> list[list[Cell]]:
    return [cells(strip) for strip in screen._compositor.render_strips()]


@pytest.mark.parametrize("theme", [theme_name("true"), theme_name("256"), theme_name("true", plain=True)])
async def test_a_sheet_dims_posters_and_leaves_their_signs(
    panel_app: Any, library: Any, clip: Clip, theme: str
) -> None:
    library.add(*map(clip, range(40)))
    app = panel_app(library, theme=theme)
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        before = painted(app.screen)
        await app.push_screen(Sheet())
        await pilot.pause()
        after = painted(app.screen)
        label = app.screen.query_one(Label).region
        for y, (bare, dimmed) in enumerate(zip(before, after, strict=True)):
            for x, ((sign, style), (same, dim)) in enumerate(zip(bare, dimmed, strict=True)):
                if label.contains(x, y):
                    continue
                assert sign == same
                if style is not None and style.bgcolor is not None and not style.bgcolor.is_default:
                    expected = Color.from_rich_color(style.bgcolor) + Color(0, 0, 0, 0.6)
                    assert dim is not None
                    assert dim.bgcolor == expected.rich_color
        app.pop_screen()
        await pilot.pause()
        assert painted(app.screen) == before


async def test_a_toast_covers_only_its_own_cells(panel_app: Any, library: Any, clip: Clip) -> None:
    library.add(*map(clip, range(40)))
    app = panel_app(library)
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        before = painted(app.screen)
        app.notify("Moved to trash.", markup=False)
        await pilot.pause()
        await pilot.pause()
        toast = app.screen.query_one("Toast").region
        after = painted(app.screen)
        assert toast.area
        assert any("trash" in "".join(sign for sign, _ in line) for line in after)
        for y, (bare, covered) in enumerate(zip(before, after, strict=True)):
            for x, (one, other) in enumerate(zip(bare, covered, strict=True)):
                assert toast.contains(x, y) or one == other


async def test_a_part_of_the_screen_is_drawn_as_the_whole_is(
    panel_app: Any, library: Any, clip: Clip
) -> None:
    library.add(*map(clip, range(40)))
    app = panel_app(library)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        view = app.panel.view
        region = view.size.region
        whole = [cells(strip) for strip in view.render_lines(region)]
        for x, y, width, height in ((3, 2, 20, 5), (0, 0, 1, 1), (79, 22, 1, 1), (15, 1, 47, 20)):
            part = view.render_lines(region.at_offset((x, y)).crop_size((width, height)))
            assert [cells(strip) for strip in part] == [line[x : x + width] for line in whole[y : y + height]]
