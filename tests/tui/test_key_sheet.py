"""The sheet that takes a FAL key: masked, kept once, and in nothing that is drawn."""

from pathlib import Path

from textual.app import App

from reelroom.tui.screens.key import KeyScreen
from tests.tui.stage import Stage

KEY = "canary:c4f1b7d20e9a5386"


def shown(app: App[str]) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def test_a_key_is_typed_masked_and_kept(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    app = stage.app()
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        await pilot.press("f9")
        await pilot.pause()
        assert isinstance(app.screen, KeyScreen)
        await pilot.press(*("colon" if letter == ":" else letter for letter in KEY))
        assert "•" * len(KEY) in shown(app)
        assert KEY[-6:] not in shown(app)
        await pilot.press("shift+home", "ctrl+x", "end", "enter")
        await pilot.pause()
        assert not isinstance(app.screen, KeyScreen)
        assert "Kept in the system keyring." in shown(app)
    assert stage.kept == [KEY]


async def test_what_cannot_be_a_key_is_said_to_be_so_and_not_shown(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    app = stage.app()
    async with app.run_test(size=(60, 20), notifications=True, tooltips=True) as pilot:
        await stage.shown(app, pilot)
        await pilot.press("f9", *"c4f1b7d2", "enter")
        await pilot.pause()
        assert "Half of the FAL key is missing." in shown(app)
        assert "c4f1b7d2" not in shown(app)
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, KeyScreen)
    assert stage.kept == []
