"""The compose pane in an app that keeps what it is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.events import Paste
from textual.pilot import Pilot

from reelroom.fal.catalogue import Catalogue
from reelroom.tui.messages import DraftChanged, GenerateRequested
from reelroom.tui.theme import theme_name, themes
from reelroom.tui.widgets.choice_list import ChoiceList
from reelroom.tui.widgets.compose import ComposePane
from reelroom.tui.widgets.draft import Draft
from reelroom.tui.widgets.settings_layout import place_at

CATALOGUE = Catalogue.load()
VEO, KLING, HAILUO, SEEDANCE = (
    CATALOGUE.find(name).endpoint
    for name in ("veo-3.1-fast", "kling-2.5-turbo-pro", "hailuo-2.3-standard", "seedance-2.0")
)
SIZES = {"wide": (48, 56), "normal": (38, 38), "small": (80, 11), "tiny": (60, 13)}
NASTY = "a\x1b[2Jb \x1b]52;c;aGk=\x07 \x9b31m \u202egnp.exe [/] [@click=app.quit()]x[/] \ud800 \u2028 \x00"
FORBIDDEN = set("\x1b\x07\x9b\u202e\u2028\x00\ud800")


class Composing(App[None]):
    def __init__(self, draft: Draft, *, plain: bool = False, ascii_only: bool = False) -> None:
        super().__init__(ansi_color=plain or None)
        for theme in themes("true", plain=plain, ascii_only=ascii_only):
            self.register_theme(theme)
        self.theme = theme_name("true", plain=plain)
        self.pane = ComposePane(draft, project_id="p1")
        self.wanted: list[GenerateRequested] = []
        self.kept: list[DraftChanged] = []

    def compose(self) -> ComposeResult:
        yield self.pane

    async def on_mount(self) -> None:
        await self.pane.offer(CATALOGUE)

    def on_generate_requested(self, message: GenerateRequested) -> None:
        self.wanted.append(message)

    def on_draft_changed(self, message: DraftChanged) -> None:
        self.kept.append(message)

    def screen_text(self) -> list[str]:
        width, _height = self.size
        lines = self.screen._compositor.render_strips()
        return [strip.text.ljust(width) for strip in lines]

    @property
    def text(self) -> str:
        return "\n".join(self.screen_text())


@asynccontextmanager
async def composing(
    draft: Draft | None = None, kind: str = "normal", *, plain: bool = False, ascii_only: bool = False
) -> AsyncIterator[tuple[Composing, Pilot[None]]]:
    app = Composing(draft or Draft(), plain=plain, ascii_only=ascii_only)
    async with app.run_test(size=SIZES[kind], notifications=True, tooltips=True) as pilot:
        app.screen.add_class(kind)
        app.pane.upper.prompt.focus()
        await settled(pilot)
        yield app, pilot


async def settled(pilot: Pilot[None]) -> None:
    for _ in range(3):
        await pilot.pause()


READY = Draft(prompt="A red fox", models=(VEO, KLING))


async def test_a_double_press_is_one_submit() -> None:
    async with composing(READY) as (app, pilot):
        await pilot.press("ctrl+j", "f5", "ctrl+j")
        await settled(pilot)
        assert len(app.wanted) == 1
        assert app.wanted[0].project_id == "p1"
        assert app.wanted[0].prompt == "A red fox"
        assert {order.endpoint for order in app.wanted[0].orders} == {VEO, KLING}
        app.pane.sending = True
        await pilot.press("f5")
        assert "Sending" in app.text
        app.pane.sending = False
        await pilot.press("f5")
        await settled(pilot)
        assert len(app.wanted) == 2


async def test_the_prompt_goes_only_once_the_orders_are_committed() -> None:
    async with composing(READY) as (app, pilot):
        await pilot.press("ctrl+j")
        await settled(pilot)
        assert app.pane.draft == READY
        app.pane.submitted()
        await settled(pilot)
        assert app.pane.draft == Draft(models=(VEO, KLING))
        assert app.pane.upper.prompt.text == ""


async def test_what_was_typed_meanwhile_is_not_cleared() -> None:
    async with composing(READY) as (app, pilot):
        await pilot.press("ctrl+j", "!")
        app.pane.submitted()
        await settled(pilot)
        assert app.pane.draft.prompt == "A red fox!"


async def test_where_nothing_was_sent_all_stays_and_can_be_sent_again() -> None:
    async with composing(READY) as (app, pilot):
        await pilot.press("ctrl+j")
        app.pane.not_submitted()
        await pilot.press("ctrl+j")
        await settled(pilot)
        assert len(app.wanted) == 2
        assert app.pane.draft == READY


@pytest.mark.parametrize(
    ("draft", "said", "at"),
    [
        (Draft(models=(VEO,)), "Say what happens in the clip.", "PromptArea"),
        (Draft(prompt="a"), "none ticked", "Checklist"),
        (Draft(prompt="a", models=(VEO,), seed="12a"), "A seed is a whole number", "SettingsRow"),
        (Draft(prompt="a", models=(VEO,), copies="9"), "Copies go from 1 to 8.", "SettingsRow"),
        (Draft(prompt="a", models=(VEO,), length="5"), "Veo 3.1 Fast has no 5 s.", "SettingsRow"),
    ],
)
async def test_a_press_that_cannot_send_says_what_is_missing_and_goes_there(
    draft: Draft, said: str, at: str
) -> None:
    async with composing(draft) as (app, pilot):
        await pilot.press("ctrl+j")
        await settled(pilot)
        assert app.wanted == []
        assert said in app.text
        assert type(app.focused).__name__ == at


async def test_typing_counts_letters_and_prices_nothing() -> None:
    async with composing(Draft(models=(VEO, HAILUO))) as (app, pilot):
        quotes = app.pane.lower.checklist.quotes
        await pilot.press(*"a fox")
        await settled(pilot)
        assert "5 of 2,000 letters" in app.text
        assert app.pane.lower.checklist.quotes is quotes


async def test_a_prompt_that_one_model_finds_too_long_goes_to_the_others() -> None:
    async with composing(Draft(prompt="x" * 2001, models=(VEO, HAILUO))) as (app, pilot):
        assert "Hailuo 2.3 Standard takes 2,000" in app.text
        assert "1 problem" in app.text
        assert app.pane.lower.checklist.problems == {HAILUO: "2,000 letters"}
        await pilot.press("ctrl+j")
        await settled(pilot)
        assert [order.endpoint for order in app.wanted[0].orders] == [VEO]


async def test_an_unknown_price_is_named_in_the_total() -> None:
    async with composing(Draft(prompt="a", models=(KLING, SEEDANCE))) as (app, _pilot):
        assert "≈ $0.35 + 1 unknown" in app.text
    async with composing(Draft(prompt="a", models=(SEEDANCE,))) as (app, _pilot):
        assert "1 unknown" in app.text
        assert "$0.00" not in app.text


async def test_the_sandbox_says_that_nothing_is_charged() -> None:
    async with composing(READY) as (app, pilot):
        assert "nothing is charged" not in app.text
        app.pane.sandbox = True
        await settled(pilot)
        assert "practice: nothing is charged" in app.text


async def test_a_change_is_kept_once_and_under_the_project_it_was_made_in() -> None:
    async with composing() as (app, pilot):
        await pilot.press(*"fox")
        assert app.kept == []
        app.pane.load(Draft(prompt="another", models=(KLING,)), "p2")
        await settled(pilot)
        assert [(kept.project_id, kept.draft.prompt) for kept in app.kept] == [("p1", "fox")]
        assert app.pane.upper.prompt.text == "another"
        await pilot.press("s")
        await pilot.pause(0.6)
        assert [(kept.project_id, kept.draft.prompt) for kept in app.kept[1:]] == [("p2", "anothers")]


async def test_hostile_text_is_harmless_in_every_field() -> None:
    async with composing() as (app, pilot):
        app.pane.upper.prompt.post_message(Paste(NASTY + "\n\n" + NASTY))
        await settled(pilot)
        app.pane.lower.search.focus()
        app.pane.lower.search.post_message(Paste(NASTY))
        await settled(pilot)
        app.pane.upper.go_to_setting("seed")
        await settled(pilot)
        app.pane.upper.settings.post_message(Paste(NASTY))
        await settled(pilot)
        assert not FORBIDDEN & set(app.text)
        assert not FORBIDDEN & set(app.pane.draft.prompt)
        assert app.pane.draft.prompt.count("␛") == 4
        assert "[/]" in app.pane.draft.prompt
        assert app.pane.draft.seed
        assert "No model has" in app.text


async def test_a_paste_never_makes_the_prompt_longer_than_any_model_takes() -> None:
    async with composing(Draft(prompt="a" * 10)) as (app, pilot):
        app.pane.upper.prompt.post_message(Paste("x" * 30_000))
        await settled(pilot)
        assert len(app.pane.draft.prompt) == 20_000


async def test_the_search_finds_and_escape_clears_it() -> None:
    async with composing(READY) as (app, pilot):
        app.pane.lower.checklist.focus()
        await pilot.press("slash", *"kling")
        await settled(pilot)
        assert {model.vendor for model in app.pane.lower.checklist.models} == {"Kuaishou"}
        assert app.pane.draft == READY
        await pilot.press("escape")
        await settled(pilot)
        assert len(app.pane.lower.checklist.models) > 20
        await pilot.press("escape")
        await settled(pilot)
        assert app.focused is app.pane.lower.checklist


async def test_a_slash_in_the_prompt_is_text() -> None:
    async with composing() as (app, pilot):
        await pilot.press("slash")
        await settled(pilot)
        assert app.pane.draft.prompt == "/"


async def test_tab_goes_through_all_fields_and_back() -> None:
    async with composing(READY) as (app, pilot):
        seen = []
        for key in ["tab"] * 8 + ["shift+tab"] * 8:
            await pilot.press(key)
            await pilot.pause()
            on = app.focused
            seen.append(
                app.pane.upper.settings.current if on is app.pane.upper.settings else type(on).__name__
            )
        fields = ["length", "shape", "size", "copies", "seed", "SearchField", "Checklist", "SendBar"]
        assert seen == [*fields, *reversed(fields[:-1]), "PromptArea"]


async def test_settings_step_open_and_are_typed() -> None:
    async with composing(READY) as (app, pilot):
        await pilot.press("tab", "right", "right")
        await settled(pilot)
        assert app.pane.draft.length == "5"
        await pilot.press("left", "left", "left")
        await settled(pilot)
        assert app.pane.draft.length == ""
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("end", "enter")
        await settled(pilot)
        assert app.pane.draft.length == "10"
        assert app.focused is app.pane.upper.settings
        await pilot.press("tab", "tab", "tab", "3", "tab", "3", "1", "8")
        await settled(pilot)
        assert (app.pane.draft.copies, app.pane.draft.seed) == ("3", "318")
        await pilot.press("backspace")
        await settled(pilot)
        assert app.pane.draft.seed == "31"
        assert "31" in app.text


async def test_a_list_that_is_left_changes_nothing() -> None:
    async with composing(READY) as (app, pilot):
        await pilot.press("tab", "enter")
        await settled(pilot)
        await pilot.press("down", "escape")
        await settled(pilot)
        assert app.pane.draft == READY
        await pilot.press("enter")
        await settled(pilot)
        assert app.query(ChoiceList)
        app.pane.upper.prompt.focus()
        await settled(pilot)
        assert not app.query(ChoiceList)
        assert app.focused is app.pane.upper.prompt


@pytest.mark.parametrize("kind", ["normal", "tiny"])
async def test_a_click_opens_the_setting_that_is_drawn_there(kind: str) -> None:
    async with composing(READY, kind) as (app, pilot):
        row = app.pane.upper.settings
        for place in row.places:
            assert place_at(row.places, place.value_at, place.row) == place
            await pilot.click(row, offset=(place.value_at, place.row))
            await settled(pilot)
            opened = app.query_one(ChoiceList)
            assert opened.region.y == row.region.y + place.row + 1
            assert row.current == place.name
            await pilot.press("escape")
            await settled(pilot)


async def test_a_click_on_the_button_sends_and_beside_it_does_not() -> None:
    async with composing(READY, "tiny") as (app, pilot):
        await pilot.click(app.pane.lower.bar, offset=(3, 0))
        await settled(pilot)
        assert app.wanted == []
        await pilot.click(app.pane.lower.bar, offset=(50, 0))
        await settled(pilot)
        assert len(app.wanted) == 1


@pytest.mark.parametrize("kind", SIZES)
@pytest.mark.parametrize(
    "draft",
    [READY, Draft(), Draft(prompt="a", models=(VEO, KLING, HAILUO), length="5", seed="x", size="720p")],
)
async def test_everything_is_in_view_in_every_size(kind: str, draft: Draft) -> None:
    async with composing(draft, kind) as (app, _pilot):
        width, height = SIZES[kind]
        for widget in app.pane.walk_children():
            if widget.display and widget.parent is not None and widget.parent.display:
                assert widget.region in app.screen.region, widget
                assert widget.region.area, widget
        text = app.text
        assert "Generate" in text
        assert "^j" in text
        assert "[ ] Veo 3.1 " in text
        assert "of 25" in text
        assert ("seed" in text) or ("Seed" in text)
        assert all(len(line) <= width for line in app.screen_text())
        assert len(app.screen_text()) == height


async def test_the_search_is_folded_away_where_lines_are_few() -> None:
    async with composing(READY, "tiny") as (app, pilot):
        assert "/ filter" in app.text
        assert not app.pane.lower.search.display
        app.pane.lower.checklist.focus()
        await pilot.press("slash", *"pika")
        await settled(pilot)
        assert app.pane.lower.search.display
        assert "[ ] Pika 2.2" in app.text
        await pilot.press("escape", "escape")
        await settled(pilot)
        assert not app.pane.lower.search.display


async def test_no_setting_is_active_that_no_ticked_model_has() -> None:
    async with composing(Draft(prompt="a", models=(KLING,), size="720p", seed="7")) as (app, pilot):
        row = app.pane.upper.settings
        assert [row.render_line(y).text.split() for y in (1, 2)] == [
            ["Size", "fixed", "Copies", "1", "▾"],
            ["Seed", "none", "taken"],
        ]
        await pilot.press("tab", "tab", "tab")
        await settled(pilot)
        assert app.pane.upper.settings.current == "copies"
        await pilot.click(row, offset=(10, 1))
        await settled(pilot)
        assert not app.query(ChoiceList)


async def test_ascii_and_no_colour_keep_every_sign() -> None:
    bad = Draft(prompt="a", models=(VEO, KLING), length="5")
    async with composing(bad, plain=True, ascii_only=True) as (app, _pilot):
        assert "x Veo 3.1 Fast has no 5 s." in app.text.replace("\n", "")
        assert "~ $0.35" in app.text
        assert not set("✗▌▾≈×↓─━") & set(app.text)


async def test_the_pane_is_light() -> None:
    async with composing() as (app, _pilot):
        assert len(list(app.pane.walk_children(with_self=True))) <= 15
