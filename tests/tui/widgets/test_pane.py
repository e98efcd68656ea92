"""A pane and its rule."""

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Input

from reelroom.tui.widgets.pane import Pane
from reelroom.tui.widgets.strips import Row, Span, cut, fit, length

PARTS = (Span("2 need you", "attention", bold=True), Span("8 working"), Span("2 saved", "muted"))


class Two(App[None]):
    """Two panes with a field each."""

    def compose(self) -> ComposeResult:
        with Pane("Jobs", right=PARTS, id="one"):
            yield Input(id="a")
            yield Input(id="b")
        with Pane("[/red] Media", id="two"):
            yield Input(id="c")


def rule(app: App[None], pane: str) -> str:
    at = app.query_one(pane, Pane).region.y
    return app.screen._compositor.render_strips()[at].text


async def test_the_thick_rule_follows_the_focus_into_a_pane_and_within_it() -> None:
    async with Two().run_test(size=(60, 20), notifications=True, tooltips=True) as pilot:
        for key, one, two in (("a", "━", "─"), ("b", "━", "─"), ("c", "─", "━")):
            pilot.app.query_one(f"#{key}").focus()
            await pilot.pause()
            assert rule(pilot.app, "#one").startswith(f"{one} Jobs {one}")
            assert rule(pilot.app, "#two").startswith(f"{two} [/red] Media {two}")


@pytest.mark.parametrize(
    ("width", "end"),
    [
        (60, " 2 need you · 8 working · 2 saved ━"),
        (36, " 2 need you · 8 working ━"),
        (26, " 2 need you ━"),
        (16, "━━━━"),
    ],
)
async def test_parts_without_room_are_left_out_whole_from_the_end(width: int, end: str) -> None:
    async with Two().run_test(size=(width, 20), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        line = rule(pilot.app, "#one")
        assert line.endswith(end)
        assert len(line) == width


async def test__a_new_name_and_new_parts_are_drawn() -> None:
    async with Two().run_test(size=(60, 20), notifications=True, tooltips=True) as pilot:
        pane = pilot.app.query_one("#one", Pane)
        pane.label, pane.right = "Work", (Span("nothing"),)
        await pilot.pause()
        assert rule(pilot.app, "#one").startswith("━ Work ━")
        assert rule(pilot.app, "#one").endswith("━ nothing ━")


@pytest.mark.parametrize(
    "text", ["plain words", "漢字のプロンプト", "e\u0301\u0301x" * 9, "👩‍👩‍👧 and more", "a 👍🏽 b", ""]
)
@pytest.mark.parametrize("width", range(12))
def test__text_is_cut_by_cells_and_never_too_wide(text: str, width: int) -> None:
    assert length([Span(cut(text, width))]) <= width
    assert length([Span(fit(text, width))]) == width
    assert length([Span(fit(text, width, right=True))]) == width


def test__a_row_knows_how_far_it_has_come() -> None:
    row = Row()
    row.add(Span("漢字"), Span(""), Span("ab"))
    assert row.at == 6
    row.to(10)
    row.to(3)
    assert row.at == length(row.spans) == 10
