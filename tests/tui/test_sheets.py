"""The sheets above a page: the help, the projects, and what stays visible around them."""

from collections import Counter
from pathlib import Path

import pytest
from textual.app import App
from textual.widgets import Static

from reelroom.tui.app import Reelroom
from reelroom.tui.screens.help import HelpScreen
from tests.tui.stage import TRUE_COLOUR, Stage

KEYS = {"^j  F5  ^enter": "generate", "?  F1": "help", "g": "list or grid", "/": "filter"}
SIZES = [(60, 20), (80, 24), (120, 40), (200, 60)]


def lines(app: App[str]) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


async def help_text(stage: Stage, *, size: tuple[int, int], keys: tuple[str, ...]) -> list[str]:
    """The help, opened after these keys, as its lines."""
    app = stage.app()
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        await pilot.press(*keys)
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        assert "SANDBOX" in lines(app)[0]
        assert lines(app)[-1].rstrip().endswith(" esc close")
        return [line for part in app.screen.query(Static) for line in str(part.content).splitlines()]


@pytest.mark.parametrize(
    "keys", [("f1",), ("ctrl+o", "question_mark"), ("ctrl+o", "ctrl+o", "question_mark")]
)
@pytest.mark.parametrize("size", SIZES)
async def test_the_help_tells_the_keys_of_every_pane_each_once(
    tmp_path: Path, size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    text = await help_text(Stage(tmp_path), size=size, keys=keys)
    titles = [line.removesuffix(", here") for line in text if line and "  " not in line]
    assert sorted(titles) == ["Compose", "Everywhere", "Jobs", "Media", "Models", "Signs"]
    assert sum(line.endswith(", here") for line in text) == 1
    told = Counter(line for line in text if line and line not in titles and not line.endswith(", here"))
    for line in (f"{key:<19}{does}" for key, does in KEYS.items()):
        assert told[line] == 1, line
    generates = [line for line in text if line.endswith("generate")]
    assert len(generates) == 1


@pytest.mark.parametrize("environ", [{}, {"NO_COLOR": "1"}, {"TEXTUAL_COLOR_SYSTEM": "standard"}])
@pytest.mark.parametrize("size", SIZES)
async def test_the_sandbox_badge_and_the_keys_stay_in_view_beside_the_projects(
    tmp_path: Path, size: tuple[int, int], environ: dict[str, str]
) -> None:
    stage = Stage(tmp_path)
    app = Reelroom(stage, environ=TRUE_COLOUR | environ, clock=stage.clock)
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert "SANDBOX" in lines(app)[0]
        assert " ".join(lines(app)[-1].split()) == "enter open n new r rename A archive esc close"
        edges = sum("│" in line for line in lines(app)[2:-1])
        await pilot.press("n")
        await pilot.pause()
        assert " ".join(lines(app)[-1].split()) == "enter take the name esc close"
        assert edges >= 3 * bool(environ)


async def test_a_click_on_a_key_of_the_last_line_does_what_the_key_does(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    app = stage.app()
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        await pilot.press("ctrl+o")
        assert lines(app)[-1].startswith(" space choose model")
        await pilot.click(offset=(3, 23))
        await pilot.pause()
        assert len(app.studio.compose_pane.draft.models) == 1
