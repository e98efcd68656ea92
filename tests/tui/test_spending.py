"""The question before money moves, on the screen."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from reelroom.tui.app import Reelroom
from reelroom.tui.screens.confirm import ConfirmScreen
from reelroom.tui.widgets.draft import Draft
from tests.tui.stage import Stage

VEO = "fal-ai/veo3.1"
KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
SEEDANCE = "bytedance/seedance-2.5/text-to-video"


async def asked(
    stage: Stage, app: Reelroom, pilot: Pilot[str | None], *models: str, copies: str = ""
) -> bool:
    """Fill in the form and press generate; whether the question stands on the screen."""
    await stage.shown(app, pilot)
    project = app.desk.project
    assert project is not None
    app.studio.compose_pane.load(Draft(prompt="a fox", models=models, copies=copies), project.id)
    await pilot.pause()
    await pilot.press("ctrl+j")
    await pilot.pause()
    await pilot.pause()
    return isinstance(app.screen, ConfirmScreen)


async def sent(stage: Stage) -> int:
    async with stage.store() as store:
        return len(await store.jobs())


@pytest.mark.parametrize(("models", "copies"), [((VEO,), "2"), ((SEEDANCE,), ""), ((KLING, SEEDANCE), "")])
async def test_a_dear_run_or_an_unknown_price_is_asked_about_and_enter_alone_spends_nothing(
    tmp_path: Path, models: tuple[str, ...], copies: str
) -> None:
    stage = Stage(tmp_path, practice=False, origin="fal:abc")
    app = stage.app()
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        assert await asked(stage, app, pilot, *models, copies=copies)
        await pilot.press("enter")
        await pilot.pause()
        assert await sent(stage) == 0
        assert app.studio.compose_pane.draft.prompt == "a fox"


async def test_the_answer_send_sends_once(tmp_path: Path) -> None:
    stage = Stage(tmp_path, practice=False, origin="fal:abc")
    app = stage.app()
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        assert await asked(stage, app, pilot, VEO, copies="2")
        await pilot.press("down", "enter")
        await pilot.pause()
        await pilot.pause()
        assert await sent(stage) == 2


async def test_a_cheap_run_and_practice_are_never_asked_about(tmp_path: Path) -> None:
    cheap = Stage(tmp_path / "cheap", practice=False, origin="fal:abc")
    app = cheap.app()
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        assert not await asked(cheap, app, pilot, KLING)
    practice = Stage(tmp_path / "practice")
    app = practice.app()
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
        assert not await asked(practice, app, pilot, VEO, copies="8")
