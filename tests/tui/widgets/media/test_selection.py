"""The selection and the eye follow the clip, whatever comes or goes."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from reelroom.store.records import Media

SIZES = [(60, 20), (80, 24), (120, 40), (200, 60)]

Clip = Callable[..., Media]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", ["grid", "list"])
async def test_a_new_clip_above_moves_nothing_that_is_looked_at(
    panel_app: Any, library: Any, clip: Clip, size: tuple[int, int], mode: str
) -> None:
    library.add(*map(clip, range(0, 2000, 2)))
    app = panel_app(library)
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        app.panel.view.mode = mode
        await pilot.press("pagedown", "pagedown", "pagedown", "up")
        await pilot.pause()
        selected, seen, screen = app.panel.view.current, app.in_view, app.lines[2:]
        for number in (2001, 2003, 2005):
            library.add(clip(number))
            app.panel.note(clip(number))
            await pilot.pause()
            assert app.panel.view.current == selected
            assert app.in_view == seen
            assert app.lines[2:] == screen


@pytest.mark.parametrize("size", SIZES)
async def test_at_the_very_top_the_new_clip_is_shown_first(
    panel_app: Any, library: Any, clip: Clip, size: tuple[int, int]
) -> None:
    library.add(*map(clip, range(100)))
    app = panel_app(library)
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        selected = app.panel.view.current
        library.add(clip(500))
        app.panel.note(clip(500))
        await pilot.pause()
        assert app.in_view[0] == clip(500).id
        assert app.panel.view.current == selected


async def test_a_selected_clip_is_not_pushed_out_of_view(panel_app: Any, library: Any, clip: Clip) -> None:
    library.add(*map(clip, range(100)))
    app = panel_app(library)
    async with app.run_test(size=(60, 20), notifications=True, tooltips=True) as pilot:
        app.panel.view.mode = "list"
        await pilot.pause()
        last = app.panel.view.feed.view.rows - 1
        await pilot.press(*["down"] * last)
        selected = app.panel.view.current
        library.add(clip(500))
        app.panel.note(clip(500))
        await pilot.pause()
        assert app.panel.view.current == selected
        assert selected.id in app.in_view


@pytest.mark.parametrize("size", SIZES)
async def test_while_the_keys_go_elsewhere_each_new_clip_is_shown_first(
    panel_app: Any, library: Any, clip: Clip, size: tuple[int, int]
) -> None:
    library.add(*map(clip, range(100)))
    app = panel_app(library)
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await pilot.press("right")
        picked = app.panel.view.current
        app.screen.set_focus(None)
        await pilot.pause()
        for number in range(500, 540):
            library.add(clip(number))
            app.panel.note(clip(number))
            await pilot.pause()
            assert app.in_view[0] == clip(number).id
            assert app.panel.view.current == picked
        app.panel.view.focus()
        await pilot.pause()
        assert app.panel.view.current == picked
        assert picked.id in app.in_view


async def test_until_a_person_looks_the_newest_clip_is_the_selected_one(
    panel_app: Any, library: Any, clip: Clip
) -> None:
    app = panel_app(library)
    app.panel.view.can_focus = False
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        for number in range(40):
            library.add(clip(number))
            app.panel.note(clip(number))
            await pilot.pause()
            assert app.panel.view.current == clip(number)
        app.panel.view.can_focus = True
        app.panel.view.focus()
        await pilot.pause()
        library.add(clip(200))
        app.panel.note(clip(200))
        await pilot.pause()
        assert app.panel.view.current == clip(39)


@pytest.mark.parametrize("size", SIZES)
async def test_a_clip_that_comes_first_is_shown_without_reading_again(
    panel_app: Any, library: Any, clip: Clip, size: tuple[int, int]
) -> None:
    app = panel_app(library)
    app.panel.view.can_focus = False
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        asked = len(app.pages)
        for number in range(80):
            app.panel.note(clip(number))
            assert app.in_view[0] == clip(number).id
        assert app.panel.view.feed.window.total == 80
        await pilot.pause()
        assert len(app.pages) == asked
        assert "80 clips" in app.lines[0]


async def test_only_a_clip_that_surely_comes_first_is_shown_unasked(
    panel_app: Any, library: Any, clip: Clip
) -> None:
    library.add(*map(clip, range(1, 10)))
    app = panel_app(library)
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        app.panel.project_id = ""
        await pilot.pause()
        for stranger in (clip(0), clip(20, trashed_at=5.0), clip(21, project_id="another")):
            asked = len(app.pages)
            app.panel.note(stranger)
            await pilot.pause()
            assert len(app.pages) == asked + 1
            assert app.in_view[0] == clip(9).id


@pytest.mark.parametrize("size", SIZES)
async def test_a_trashed_clip_hands_the_selection_to_its_neighbour(
    panel_app: Any, library: Any, clip: Clip, size: tuple[int, int]
) -> None:
    library.add(*map(clip, range(100)))
    app = panel_app(library)
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await pilot.press("right", "right")
        assert app.panel.view.current == clip(97)
        await pilot.press("d")
        gone = library.remove(app.wishes[-1].media_id)
        app.panel.note(clip(97, trashed_at=5.0))
        await pilot.pause()
        assert gone == clip(97)
        assert app.panel.view.current == clip(96)
        await pilot.press("end")
        await pilot.pause()
        assert app.panel.view.current == clip(0)
        library.remove(clip(0).id)
        app.panel.reload()
        await pilot.pause()
        assert app.panel.view.current == clip(1)


async def test_a_clip_that_comes_back_is_where_it_was(panel_app: Any, library: Any, clip: Clip) -> None:
    library.add(*map(clip, range(30)))
    app = panel_app(library)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        assert "undo" not in shown_keys(app)
        library.remove(clip(27).id)
        app.panel.restorable = clip(27).id
        app.panel.reload()
        await pilot.pause()
        assert "undo" in shown_keys(app)
        await pilot.press("u")
        assert app.wishes[-1].media_id == clip(27).id
        library.add(clip(27))
        app.panel.restorable = None
        app.panel.note(clip(27))
        await pilot.pause()
        assert app.in_view[:4] == [clip(n).id for n in (29, 28, 27, 26)]


def shown_keys(app: Any) -> set[str]:
    return {it.binding.description for it in app.screen.active_bindings.values() if it.binding.show}


async def test_whatever_comes_and_goes_the_selected_clip_stays_and_no_clip_is_there_twice(
    panel_app: Any, library: Any, clip: Clip
) -> None:
    pick = random.Random(11)
    library.add(*map(clip, range(0, 3000, 3)))
    app = panel_app(library, posters=False)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        for step in range(40):
            view = app.panel.view
            match pick.randrange(4):
                case 0:
                    number = pick.randrange(4000)
                    if clip(number) not in library.clips:
                        library.add(clip(number))
                case 1:
                    library.remove(pick.choice([it for it in library.clips if it != view.current]).id)
                case 2:
                    await pilot.press(pick.choice(["down", "up", "left", "right", "pagedown", "pageup"]))
                case _:
                    view._scroll(pick.randrange(-6, 9))
            await pilot.pause()
            before = view.current
            app.panel.reload()
            await pilot.pause()
            assert view.current == before, step
            assert library.clips[view.feed.place] == before, step
            assert len(set(app.in_view)) == len(app.in_view) == view.feed.view.end - view.feed.view.first
            first = view.feed.view.first
            assert app.in_view == [it.id for it in library.clips[first : first + len(app.in_view)]], step


async def test_a_page_from_before_a_change_is_not_mixed_with_later_ones(
    panel_app: Any, library: Any, clip: Clip
) -> None:
    library.add(*map(clip, range(1000)))
    app = panel_app(library)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        library.add(clip(5000))
        await pilot.press("end")
        await pilot.pause()
        places = app.panel.view.feed
        assert places.window.total == 1001
        assert app.panel.view.current == clip(0)
        assert app.in_view[-1] == clip(0).id


async def test_an_answer_that_never_comes_leaves_what_is_shown(
    panel_app: Any, library: Any, clip: Clip
) -> None:
    library.add(*map(clip, range(100)))
    app = panel_app(library)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        app.answering = False
        library.add(clip(500))
        app.panel.reload()
        await pilot.pause()
        assert app.in_view[0] == clip(99).id
        app.panel.not_filled(app.pages[-1].token)
        app.answering = True
        app.panel.reload()
        await pilot.pause()
        assert app.in_view[0] == clip(500).id


async def test_late_answers_are_ignored(panel_app: Any, library: Any, clip: Clip) -> None:
    library.add(*[clip(n, prompt="storm" if n % 2 else "fox") for n in range(100)])
    app = panel_app(library)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        app.answering = False
        app.panel.reload()
        await pilot.pause()
        late = app.pages[-1]
        app.answering = True
        await pilot.press("slash", *"storm", "enter")
        await pilot.pause()
        app.panel.fill(late.token, library.page(late.scope, late.stretch))
        await pilot.pause()
        assert app.panel.view.feed.window.total == 50
