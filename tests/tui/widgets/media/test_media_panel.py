from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len
from textual.geometry import Offset

from reelroom.fal.clean import clean
from reelroom.store.records import Media
from reelroom.tui import messages
from reelroom.tui.theme import theme_name

SIZES = [(60, 20), (80, 24), (120, 40), (200, 60)]
THEMES = [theme_name("true"), theme_name("true", dark=False), theme_name("256"), theme_name("16")]
PLAIN = theme_name("true", plain=True)

Clip = Callable[..., Media]

HOSTILE = [
    "[/]",
    "[/red]",
    "[red]x[/red]",
    "[@click=app.quit()]x[/]",
    "[type=missing, input_value={'a': 1}]",
    "[link=file:///etc/passwd]x[/link]",
    "x\\[/]",
    "[" * 300,
    '["unterminated',
    "a\x1b[2Jb",
    "\x1b]52;c;aGk=\x07",
    "\x9b31m",
    "a\x00b",
    "a\tb\nc\rd",
    "\u202ereversed\u2066x",
    "\u200bhidden\ufeff",
    "\ud800 lone",
    "e" + "\u0301" * 40,
    "漢字" * 200,
    "👩‍👩‍👧‍👦 ❤️‍🔥 🌧️ 👍🏽 🇩🇪" * 20,
    "",
    " " * 50,
    "a" * 20_000,
    "\U000e0041\U000e0042",
    "क्‍ष नमस्ते",
    "\ue000\uf8ff",
    "<script>alert(1)</script>",
    "$(rm -rf /) `id`",
    "%s %d {0} {x}",
    "../../etc/passwd",
]


@pytest.mark.parametrize("mode", ["grid", "list"])
@pytest.mark.parametrize("size", SIZES)
async def test_whatever_a_clip_is_called_every_line_is_as_wide_as_the_screen(
    panel_app: Any, library: Any, clip: Clip, size: tuple[int, int], mode: str
) -> None:
    cleaned = [clean(text, lines=True) for text in HOSTILE]
    library.add(
        *[clip(n, prompt=text, model=text, favourite=True, rating=5) for n, text in enumerate(cleaned)]
    )
    app = panel_app(library)
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        app.panel.view.mode = mode
        for _ in range(3):
            await pilot.pause()
            for line in app.lines:
                assert cell_len(line) == size[0]
                assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in line)
            await pilot.press("pagedown")
        assert app.is_running


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", ["grid", "list"])
async def test_a_click_finds_the_clip_that_is_drawn_there(
    panel_app: Any, library: Any, clip: Clip, size: tuple[int, int], mode: str
) -> None:
    library.add(*[clip(n, prompt=f"<{n:03}>") for n in range(200)])
    app = panel_app(library)
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        app.panel.view.mode = mode
        await pilot.press("pagedown")
        await pilot.pause()
        found = 0
        for y, line in enumerate(app.lines):
            for x in range(len(line) - 4):
                if line[x] == "<" and line[x + 4] == ">":
                    found += 1
                    if found % 5 != 1:
                        continue
                    await pilot.click(app.panel.view, offset=Offset(x + 1, y) - app.panel.view.region.offset)
                    assert app.panel.view.current is not None
                    assert app.panel.view.current.prompt == line[x : x + 5]
        assert found == len(app.in_view)


async def test_a_click_between_the_cards_selects_nothing_else(
    panel_app: Any, library: Any, clip: Clip
) -> None:
    library.add(*map(clip, range(3)))
    app = panel_app(library)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        await pilot.click(app.panel.view, offset=(70, 3))
        await pilot.click(app.panel.view, offset=(5, 20))
        assert app.panel.view.current == clip(2)


async def test_the_second_click_opens(panel_app: Any, library: Any, clip: Clip) -> None:
    library.add(*map(clip, range(20)))
    app = panel_app(library)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        await pilot.click(app.panel.view, offset=(25, 3), times=2)
        assert app.wishes == [messages.ClipOpened(clip(18).id)]


async def test_the_wheel_looks_further_and_leaves_the_selection(
    panel_app: Any, library: Any, clip: Clip
) -> None:
    library.add(*map(clip, range(200)))
    app = panel_app(library)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        for _ in range(3):
            app.panel.view._scroll(1)
        await pilot.pause()
        assert app.panel.view.current == clip(199)
        assert clip(199).id not in app.in_view
        await pilot.press("right")
        assert app.panel.view.current == clip(198)
        assert clip(198).id in app.in_view


async def test_the_grid_says_what_is_known_of_a_clip(panel_app: Any, library: Any, clip: Clip) -> None:
    library.add(
        clip(1, prompt="A quiet harbour", duration=6.04, rating=4, favourite=True, model="Veo 3.1"),
        clip(2, prompt="Neon street", duration=None, seen_at=None, model="Hailuo 02"),
    )
    app = panel_app(library)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        text = "\n".join(app.lines)
        assert "● Neon street" in text
        assert "A quiet harbour" in text
        assert "● A quiet" not in text
        assert "♥ 4★" in text
        assert " 6 s " in text
        assert "2 clips · newest first · g list" in text


@pytest.mark.parametrize("size", SIZES)
async def test_the_list_never_cuts_a_figure(
    panel_app: Any, library: Any, clip: Clip, size: tuple[int, int]
) -> None:
    library.add(clip(1, prompt="long " * 50, duration=65.0, bytes=999_900_000, model="Seedance 1 Pro"))
    app = panel_app(library)
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await pilot.press("g")
        await pilot.pause()
        text = "\n".join(app.lines)
        assert "1 m 05 s" in text
        assert "minutes ago" in text or size[0] < 70
        assert ("999.9 MB" in text) == ("Size" in text)
        assert "Seedance 1 Pro" in text
        assert "g grid" in text


@pytest.mark.parametrize("theme", [*THEMES, PLAIN])
async def test_every_theme_draws_posters_badges_and_the_frame(
    panel_app: Any, library: Any, clip: Clip, theme: str
) -> None:
    library.add(*map(clip, range(40)))
    app = panel_app(library, theme=theme)
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        assert sum(line.count(" 5 s ") for line in app.lines) == len(app.in_view)
        frame = [line for line in app.lines if "▄" * 30 in line]
        assert len(frame) == 1
        await pilot.press("g")
        await pilot.pause()
        assert sum(line.startswith("▌") for line in app.lines) == 2


async def test_other_colours_ask_for_the_posters_again(panel_app: Any, library: Any, clip: Clip) -> None:
    library.add(*map(clip, range(4)))
    app = panel_app(library)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        before = app.panel.view._shelf
        app.theme = theme_name("true", dark=False)
        await pilot.pause()
        assert app.panel.view._shelf is not before
        assert len(app.panel.view._shelf) == 4
        assert app.panel.view._shelf.shading.dark is False


async def test_a_poster_is_soon_until_it_is_known_that_there_is_none(
    panel_app: Any, library: Any, clip: Clip
) -> None:
    library.add(clip(1), clip(2))
    app = panel_app(library, posters=False)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        assert sum(line.count("poster soon") for line in app.lines) == 2
        app.panel.show_poster(clip(1).id, None)
        await pilot.pause()
        assert sum(line.count("poster soon") for line in app.lines) == 1
        assert sum(line.count("no poster") for line in app.lines) == 1


async def test_an_empty_library_says_how_to_fill_it(panel_app: Any, library: Any) -> None:
    app = panel_app(library)
    async with app.run_test(size=(60, 20), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        assert any("No clips yet. ^j makes the first one." in line for line in app.lines)
        await pilot.press("enter", "d", "y", "o", "down", "end", "pagedown", "right")
        assert app.wishes == []


async def test_a_search_that_finds_nothing_says_so_and_esc_clears_it(
    panel_app: Any, library: Any, clip: Clip
) -> None:
    library.add(*[clip(n, prompt="a storm" if n % 2 else "a fox") for n in range(100)])
    app = panel_app(library)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        await pilot.press("slash", *"storm", "enter")
        await pilot.pause()
        assert app.wishes == [messages.SearchChanged("storm")]
        assert "50 of 100 clips · newest first" in "\n".join(app.lines)
        assert app.focused is app.panel.view
        await pilot.press("slash", *"zz[/]", "enter")
        await pilot.pause()
        assert "Nothing matches “stormzz[/]”. esc clears the search." in "\n".join(app.lines)
        await pilot.press("escape")
        await pilot.pause()
        assert app.wishes[-1] == messages.SearchChanged("")
        assert len(app.in_view) > 4
        assert "100 clips" in "\n".join(app.lines)
        assert not app.panel.search.display


async def test_letters_are_text_in_the_search(panel_app: Any, library: Any, clip: Clip) -> None:
    library.add(*map(clip, range(4)))
    app = panel_app(library)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.press("slash", *"dgyo/u")
        await pilot.pause()
        assert app.panel.search.value == "dgyo/u"
        assert not [wish for wish in app.wishes if not isinstance(wish, messages.SearchChanged)]
        assert app.panel.view.mode == "grid"


async def test_keys_do_what_they_say(panel_app: Any, library: Any, clip: Clip) -> None:
    library.add(*map(clip, range(20)))
    app = panel_app(library)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        app.panel.folder = "/home/me/clips"
        await pilot.press("right", "y", "enter", "o", "d")
        mine = clip(18)
        expected = [messages.CopyRequested("/home/me/clips/18.mp4", "path"), messages.ClipOpened(mine.id)]
        assert app.wishes == [*expected, messages.PlayRequested(mine.id), messages.TrashRequested(mine.id)]
        app.panel.can_play = True
        await pilot.press("o")
        assert app.wishes[-1] == messages.PlayRequested(mine.id)


async def test_the_footer_offers_only_what_works(panel_app: Any, library: Any, clip: Clip) -> None:
    def offered() -> list[str]:
        return [it.binding.description for it in app.screen.active_bindings.values() if it.binding.show]

    app = panel_app(library)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        assert not {"open", "trash", "copy path", "play", "undo", "clear search", "grid"} & set(offered())
        library.add(clip(1))
        app.panel.note(clip(1))
        await pilot.pause()
        assert {"open", "trash", "copy path", "list", "search"} <= set(offered())
        assert not {"play", "undo", "grid"} & set(offered())
        await pilot.press("g")
        assert "grid" in offered()
        assert "list" not in offered()


async def test_a_changed_record_is_drawn_without_reading_again(
    panel_app: Any, library: Any, clip: Clip
) -> None:
    library.add(*map(clip, range(4)))
    app = panel_app(library)
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        asked = len(app.pages)
        app.panel.note(replace(clip(2), favourite=True, rating=3))
        await pilot.pause()
        assert "♥ 3★" in "\n".join(app.lines)
        assert len(app.pages) == asked


async def test_of_many_clips_only_a_few_are_kept_in_memory(panel_app: Any, library: Any, clip: Clip) -> None:
    library.add(*map(clip, range(6000)))
    app = panel_app(library)
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        for _ in range(60):
            app.panel.view.action_page(3)
            await pilot.pause()
        await pilot.press("end", "home")
        await pilot.pause()
        assert len(app.panel.view.feed.window) <= 1024
        assert len(app.panel.view._shelf) <= 256


async def test_the_window_may_change_its_size_at_any_time(panel_app: Any, library: Any, clip: Clip) -> None:
    library.add(*map(clip, range(500)))
    app = panel_app(library)
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        await pilot.press("pagedown", "pagedown", "right")
        mine = app.panel.view.current
        for size in [(60, 20), (200, 60), (30, 6), (12, 3), (80, 24), (120, 40)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.panel.view.current == mine
            assert mine.id in app.in_view
            assert {cell_len(line) for line in app.lines} == {size[0]}
