"""What other terminal studios once got wrong and had to mend: each is held here by its name."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from reelroom.fal.values import LogLine
from reelroom.store.library import Library
from reelroom.store.naming import file_name
from reelroom.store.states import JobState
from reelroom.tui.app import LIGHT, THEME_DRAFT, Reelroom
from reelroom.tui.screens.clip import ClipScreen
from reelroom.tui.screens.confirm import ConfirmScreen
from reelroom.tui.studio.logs import Logs
from reelroom.tui.studio.orders import Order
from reelroom.tui.widgets.draft import Draft
from tests.tui.scenes import JOBS, KLING, NAMES, VIDU, Shown, afternoon, clip, job, name, road
from tests.tui.stage import NOON, Stage

SIZES = [(60, 20), (80, 24), (120, 40), (200, 60)]
FEW = [(60, 20), (120, 40)]
TABBED = [(60, 20), (80, 24)]


@asynccontextmanager
async def at_work(
    folder: Path, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Stage, Reelroom, Pilot[str | None]]]:
    """The studio on an afternoon's library."""
    stage = await afternoon(folder)
    app = stage.app()
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        try:
            yield stage, app, pilot
        finally:
            await stage.left(app)


async def comes(pilot: Pilot[str | None], so: Callable[[], object]) -> None:
    """Wait until something is so."""
    try:
        async with asyncio.timeout(10):
            while not so():
                await pilot.pause(0.01)
    except TimeoutError:
        raise AssertionError("it never came:\n" + "\n".join(rows(pilot.app))) from None


def rows(app: App[str]) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


def shown(app: Reelroom, text: str) -> bool:
    return any(text in row for row in rows(app))


def selected(app: Reelroom) -> str | None:
    chosen = app.studio.media.view.feed.chosen
    return chosen.id if chosen else None


async def one_more(stage: Stage, number: int, prompt: str, **fields: object) -> str:
    """Another process saves a clip; its id."""
    async with stage.store() as store:
        project = await store.active_project()
        wish = Shown(VIDU, prompt, 5, JobState.SAVED)
        made = (await store.add_jobs([job(number, wish, project.id)]))[0]
        for step in road(JobState.SAVED):
            made = await store.move(made.id, step)
        await store.save(made.id, [replace(clip(number, made), **fields)])
    return name(0x80 + number)


async def test_the_selection_stays_on_its_clip_when_another_process_adds_one(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (stage, app, pilot):
        app.studio.media.view.focus()
        await pilot.press("right")
        before = selected(app)
        assert before is not None
        added = await one_more(stage, 40, "later than all")
        await comes(pilot, lambda: shown(app, "5 clips"))
        assert selected(app) == before != added


async def test_trashing_on_the_clips_own_page_goes_on_to_its_neighbour(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (_stage, app, pilot):
        app.studio.media.view.focus()
        await pilot.press("right", "right")
        after = app.studio.media.view.feed.window[3]
        await pilot.press("enter")
        await comes(pilot, lambda: isinstance(app.screen, ClipScreen) and shown(app, "Checked"))
        await pilot.press("d")
        await comes(pilot, lambda: shown(app, "3 clips"))
        assert app.screen is app.studio
        assert after is not None
        assert selected(app) == after.id
        assert shown(app, "Moved to trash. u puts it back.")


async def test_a_clip_that_cannot_be_trashed_is_still_there_and_it_is_said_why(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (stage, app, pilot):
        app.studio.media.view.focus()
        before = selected(app)
        away = stage.database.rename(tmp_path / "away.db")
        await pilot.press("d")
        await comes(pilot, lambda: shown(app, "The database"))
        assert ["was removed while it was open" in told.message for told in app._notifications] == [True]
        assert shown(app, "4 clips")
        assert selected(app) == before
        away.rename(stage.database)


async def test_a_job_bears_the_model_that_was_sent_and_not_the_one_ticked_later(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    app = stage.app()
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        assert app.desk.project is not None
        pane, project = app.studio.compose_pane, app.desk.project.id
        pane.load(Draft(prompt="a fox", models=(KLING,)), project)
        await pilot.press("ctrl+j")
        await comes(pilot, lambda: app.desk.jobs)
        pane.load(Draft(prompt="another", models=(VIDU,)), project)
        await comes(pilot, lambda: shown(app, NAMES[KLING][:8]) and shown(app, "waiting"))
        assert [(one.endpoint, one.model) for one in app.desk.jobs.values()] == [(KLING, NAMES[KLING])]
        await stage.left(app)


async def test_a_result_that_is_told_twice_is_one_tile(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (_stage, app, pilot):
        assert app.desk.shelf is not None
        for clip_ in await app.desk.shelf.media():
            app.studio.media.note(clip_)
            app.studio.media.note(replace(clip_, rating=5))
            await app.desk.shelf.update_clip(clip_.id, rating=4)
        app.studio.media.reload()
        app.studio.media.reload()
        await pilot.pause()
        window = app.studio.media.view.feed.window
        assert window.total == 4
        assert len({one.id for one in (window[place] for place in range(4)) if one}) == 4
        assert shown(app, "4 clips")


async def test_a_preference_and_a_draft_are_kept_when_they_change_and_not_on_the_way_out(
    tmp_path: Path,
) -> None:
    async with at_work(tmp_path) as (stage, app, pilot):
        await pilot.press("ctrl+t")
        app.studio.compose_pane.upper.prompt.text = "typed and not sent"
        assert app.desk.project is not None
        async with stage.store() as store, asyncio.timeout(10):
            while "not sent" not in (await store.draft(f"compose:{app.desk.project.id}") or ""):
                await pilot.pause(0.01)
            assert await store.draft(THEME_DRAFT) == LIGHT


def test_a_model_that_talks_without_end_is_kept_in_bounded_room() -> None:
    logs = Logs([], 2000)
    kept = [
        text
        for start in range(0, 20_000, 50)
        for text in logs.fresh(
            [LogLine(message=f"step {at}", level="INFO", at=f"{at}") for at in range(start, start + 100)]
        )
    ]
    assert len(kept) == 2000
    assert len(logs._seen) == 2000
    assert logs.last == "step 20049"


async def test_the_log_screen_reads_no_more_than_its_end(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (stage, app, pilot):
        stage.log.write_text("".join(f"line {number}\n" for number in range(20_000)))
        app.action_log()
        await comes(pilot, lambda: shown(app, "line 19999"))
        await pilot.press("home")
        await comes(pilot, lambda: shown(app, "line 19500"))
        assert not shown(app, "line 19499")


@pytest.mark.parametrize("size", FEW)
async def test_the_time_that_a_job_takes_is_shown_and_goes_on(tmp_path: Path, size: tuple[int, int]) -> None:
    async with at_work(tmp_path, size) as (stage, app, pilot):
        app.studio._show_tab(2, focus=True)
        await comes(pilot, lambda: shown(app, "running") and shown(app, "35 s"))
        stage.clock.at += 60
        await comes(pilot, lambda: shown(app, "1 m 35 s"))


@pytest.mark.parametrize("size", SIZES)
async def test_a_click_on_a_job_selects_the_job_that_is_drawn_there(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with at_work(tmp_path, size) as (_stage, app, pilot):
        app.studio._show_tab(2, focus=True)
        await pilot.pause()
        for word in ("failed", "refused", "queued", "running"):
            row = next(y for y, text in enumerate(rows(app)) if f" {word} " in text)
            await pilot.click(offset=(size[0] - 20, row))
            await pilot.pause()
            current = app.studio.board.current
            assert current is not None
            assert current.state is (JobState.REJECTED if word == "refused" else JobState(word))


TITLES = ("—" * 300, "…" * 300, "雨の中の鷺" * 60, "e\u0301" * 300, "👩‍👩‍👧‍👦🇩🇪❤️" * 60, "ß" * 300)


@pytest.mark.parametrize("size", SIZES)
async def test_a_title_is_cut_between_its_letters_and_every_row_is_as_wide_as_the_window(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    stage = Stage(tmp_path)
    async with stage.store() as store:
        project = await store.active_project()
        for number, title in enumerate(TITLES):
            wish = Shown(KLING, title, 60, JobState.FAILED, {"detail": title})
            made = (await store.add_jobs([replace(job(number, wish, project.id), model=title)]))[0]
            for step in road(JobState.FAILED):
                made = await store.move(made.id, step, **(wish.ending if step is JobState.FAILED else {}))
    for number, title in enumerate(TITLES):
        await one_more(stage, 40 + number, title)
    app = stage.app()
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        for tab in (1, 2, 3):
            app.studio._show_tab(tab, focus=True)
            await pilot.pause()
            assert {cell_len(row) for row in rows(app)} == {size[0]}
            assert not shown(app, "\ufffd")
        await stage.left(app)


@pytest.mark.parametrize("size", FEW)
async def test_the_footer_offers_only_what_works_where_the_focus_is(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with at_work(tmp_path, size) as (_stage, app, pilot):
        for _ in range(16):
            await pilot.press("tab")
            await pilot.pause()
            active = {each.binding.action: each for each in app.screen.active_bindings.values()}
            line = app.screen.query_one("KeysLine")
            typing = isinstance(app.focused, Input | TextArea)
            for key in line.keys:
                assert active[key.action].enabled, key
                assert not (typing and len(key.key) == 1), (app.focused, key)
            assert line.always.key == ("F1" if typing else "?")
        await pilot.press("ctrl+o")


@pytest.mark.parametrize("size", TABBED)
async def test_a_pane_that_is_not_shown_never_has_the_focus(tmp_path: Path, size: tuple[int, int]) -> None:
    async with at_work(tmp_path, size) as (_stage, app, pilot):
        for key in ["tab"] * 8 + ["shift+tab"] * 2 + ["ctrl+o"] * 5 + ["tab"] * 2:
            await pilot.press(key)
            await pilot.pause()
            assert app.focused is not None
            assert app.focused.region.area > 0, (key, app.focused)
            assert app.screen.find_widget(app.focused).visible_region.area > 0


async def test_a_window_that_shrinks_takes_the_focus_along(tmp_path: Path) -> None:
    async with at_work(tmp_path, (120, 40)) as (_stage, app, pilot):
        for home in (app.studio.compose_pane.upper.prompt, app.studio.board, app.studio.media.view):
            home.focus()
            for size in ((80, 24), (40, 10), (60, 20), (120, 40)):
                await pilot.resize_terminal(*size)
                await pilot.pause()
                assert app.focused is None or app.focused.region.area > 0, (home, size)
            assert app.focused is not None


@pytest.mark.parametrize("models", [1, 3, 25])
@pytest.mark.parametrize("size", SIZES)
async def test_a_question_says_what_enter_does_and_enter_does_it(
    tmp_path: Path, size: tuple[int, int], models: int
) -> None:
    orders = [
        Order(endpoint=f"x/{at}", model=f"Model {at}", prompt="", input={}, estimate=Decimal(1))
        for at in range(models)
    ]
    answers: list[bool | None] = []
    async with at_work(tmp_path, size) as (_stage, app, pilot):
        for keys, answer, label in ((("enter",), False, "Go back"), (("down", "enter"), True, "Send for")):
            app.push_screen(ConfirmScreen(orders), answers.append)
            await pilot.pause()
            assert app.focused is not None
            for key in keys:
                if key == "enter":
                    assert label in str(app.focused.render())
                    region = app.screen.find_widget(app.focused).visible_region
                    assert region.height == 1
                    assert label in rows(app)[region.y]
                await pilot.press(key)
            await comes(pilot, lambda: app.screen is app.studio)
            assert answers[-1] is answer


async def test_as_many_jobs_are_made_as_copies_were_asked_for(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    app = stage.app()
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        assert app.desk.project is not None
        draft = Draft(prompt="a fox", models=(KLING, VIDU), copies="3")
        app.studio.compose_pane.load(draft, app.desk.project.id)
        await comes(pilot, lambda: shown(app, "Generate 6 clips"))
        await pilot.press("ctrl+j")
        await comes(pilot, lambda: len(app.desk.jobs) >= 6)
        made = [one.endpoint for one in app.desk.jobs.values()]
        assert sorted(made) == [KLING] * 3 + [VIDU] * 3
        assert len({one.input for one in app.desk.jobs.values() if one.endpoint == VIDU}) == 3
        await stage.left(app)


@pytest.mark.parametrize("title", [*TITLES, "a" * 5000, "../" * 500, "\u202e\x1b[2J" * 200])
async def test_a_long_prompt_in_any_script_makes_a_name_that_every_disk_takes(
    tmp_path: Path, title: str
) -> None:
    made = file_name(title, name(3), NOON, "mp4", sandbox=True)
    assert len(made.encode()) <= 120
    library = Library(tmp_path)
    library.path(made).write_bytes(b"x")
    assert [path.name for path in tmp_path.iterdir()] == [made]


@pytest.mark.parametrize("size", FEW)
async def test_a_name_longer_than_the_window_is_shown_to_its_end(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with at_work(tmp_path, size) as (stage, app, pilot):
        long = "夜" * 60 + "-the-end.mp4"
        added = await one_more(stage, 50, "late", path=long)
        page = ClipScreen(app.desk, added)
        app.push_screen(page)
        await comes(pilot, lambda: page._source.size.height > 3)
        page._page.scroll_end(animate=False)
        await comes(pilot, lambda: "-the-end.mp4" in re.sub(r"[^\w.-]", "", "".join(rows(app))))


@pytest.mark.parametrize("size", FEW)
async def test_a_clip_without_a_poster_says_so_and_opens_like_any_other(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with at_work(tmp_path, size) as (_stage, app, pilot):
        app.studio._show_tab(3, focus=True)
        await pilot.press("end")
        await comes(pilot, lambda: shown(app, "no poster"))
        assert selected(app) == name(0x80)
        await pilot.press("enter")
        await comes(pilot, lambda: isinstance(app.screen, ClipScreen) and shown(app, JOBS[0].prompt))
