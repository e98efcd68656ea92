"""The list of models, alone in an app."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from reelroom.fal.catalogue import Catalogue, Model
from reelroom.tui.theme import themes
from reelroom.tui.widgets.checklist import Checklist
from reelroom.tui.widgets.offers import Quote, Quotes, offered

MODELS = offered(Catalogue.load())


def many(count: int) -> tuple[Model, ...]:
    return tuple(
        replace(MODELS[at % len(MODELS)], endpoint=f"maker/model-{at}", name=f"Model {at}")
        for at in range(count)
    )


class Listed(App[None]):
    def __init__(self, models: tuple[Model, ...]) -> None:
        super().__init__()
        for theme in themes("true"):
            self.register_theme(theme)
        self.theme = "reelroom-dark"
        self.models = models
        self.ticks: list[str] = []

    def compose(self) -> ComposeResult:
        yield Checklist()

    def on_mount(self) -> None:
        self.list.models = self.models
        self.list.focus()

    @property
    def list(self) -> Checklist:
        return self.query_one(Checklist)

    def on_checklist_ticked(self, event: Checklist.Ticked) -> None:
        self.ticks.append(event.endpoint)

    def line(self, y: int) -> str:
        return self.list.render_line(y).text


def run(app: Listed, width: int = 38, height: int = 12) -> AbstractAsyncContextManager[Pilot[None]]:
    return app.run_test(size=(width, height), notifications=True, tooltips=True)


async def ready(pilot: Pilot[None]) -> None:
    await pilot.pause()
    await pilot.pause()


async def test_a_row_shows_name_length_and_price_in_columns() -> None:
    app = Listed(MODELS)
    async with run(app) as pilot:
        await ready(pilot)
        fast = next(at for at, model in enumerate(MODELS) if model.short == "veo-3.1-fast")
        assert app.line(fast) == " [ ] Veo 3.1 Fast         8 s   $1.20 "
        app.list.ticked = frozenset({MODELS[fast].endpoint})
        assert app.line(fast).startswith(" [x] Veo 3.1 Fast")


async def test_an_unknown_price_is_a_word() -> None:
    app = Listed(tuple(model for model in MODELS if model.short == "seedance-2.0"))
    async with run(app) as pilot:
        await ready(pilot)
        assert app.line(0).endswith("unknown ")


async def test_a_model_that_does_not_have_the_value_says_so_in_place_of_a_price() -> None:
    app = Listed(tuple(model for model in MODELS if model.short == "veo-3.1-fast"))
    async with run(app) as pilot:
        await ready(pilot)
        app.list.quotes = Quotes({"duration": "5"})
        assert app.line(0).endswith("no 5 s ")
        app.list.problems = {MODELS[1].endpoint: "no 5 s"}
        assert app.line(0).endswith("✗ no 5 s ")


@pytest.mark.parametrize("width", [24, 38, 48, 60])
async def test_long_and_wide_names_are_cut_at_their_end_and_prices_never(width: int) -> None:
    name = "狐" * 40
    app = Listed((replace(MODELS[0], name=name), replace(MODELS[0], endpoint="a/b", name="x" * 90)))
    async with run(app, width) as pilot:
        await ready(pilot)
        for y in (0, 1):
            strip = app.list.render_line(y)
            assert strip.cell_length == width
            assert "…" in strip.text
            assert strip.text.endswith("$3.20 ")


async def test_space_and_enter_tick_the_selected_model() -> None:
    app = Listed(MODELS)
    async with run(app) as pilot:
        await ready(pilot)
        await pilot.press("down", "space", "down", "enter")
        assert app.ticks == [MODELS[1].endpoint, MODELS[2].endpoint]


@pytest.mark.parametrize("height", [5, 9])
async def test_a_click_ticks_the_model_that_is_drawn_there(height: int) -> None:
    app = Listed(many(60))
    async with run(app, height=height) as pilot:
        await ready(pilot)
        for jump in ("pagedown", "end"):
            await pilot.press(jump)
            await pilot.pause()
            for y in range(height):
                app.ticks.clear()
                name = app.line(y)[5:20].strip()
                await pilot.click(Checklist, offset=(7, y))
                shown = "more" in app.line(y) or "↑" in app.line(y)
                wanted = [] if shown else [f"maker/{name.lower().replace(' ', '-')}"]
                assert app.ticks == wanted


async def test_the_last_line_counts_what_is_out_of_view() -> None:
    app = Listed(many(60))
    async with run(app, height=12) as pilot:
        await ready(pilot)
        assert app.line(11).strip() == "↓ 49 more"
        await pilot.press("end")
        assert app.line(10).split("  ")[0].strip() == "▌[ ] Model 59"
        assert app.line(11).strip() == "↑ 49"
        await pilot.press("home")
        assert app.line(0).startswith("▌[ ] Model 0")


async def test_the_selection_stays_with_its_model_when_others_go() -> None:
    app = Listed(many(60))
    async with run(app) as pilot:
        await ready(pilot)
        await pilot.press(*["down"] * 20)
        assert app.list.cursor == "maker/model-20"
        app.list.models = many(60)[15:25]
        assert app.list.cursor == "maker/model-20"
        app.list.models = many(60)[30:]
        assert app.list.cursor == "maker/model-30"
        app.list.models = ()
        app.list.empty = "No model has “[/]”."
        await pilot.press("down", "space", "end")
        assert app.ticks == []
        assert app.line(0).strip() == "No model has “[/]”."


async def test_only_rows_in_view_are_priced() -> None:
    asked: list[str] = []

    class Counting(Quotes):
        def __call__(self, model: Model) -> Quote:
            asked.append(model.endpoint)
            return super().__call__(model)

    app = Listed(many(2000))
    async with run(app, height=12) as pilot:
        await ready(pilot)
        app.list.quotes = Counting()
        await pilot.pause()
        assert 0 < len(set(asked)) <= 12


async def test_the_row_keeps_its_place_when_the_window_shrinks() -> None:
    app = Listed(many(60))
    async with run(app, height=30) as pilot:
        await ready(pilot)
        await pilot.press(*["down"] * 25)
        await pilot.resize_terminal(38, 8)
        await ready(pilot)
        assert any("▌[ ] Model 25" in app.line(y) for y in range(7))
