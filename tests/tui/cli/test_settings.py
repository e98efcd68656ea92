from decimal import Decimal
from pathlib import Path

import pytest

from reelroom.tui.paths import Paths, find_paths
from reelroom.tui.settings import Settings, WrongSetting, load_settings


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = find_paths({"REELROOM_HOME": str(tmp_path / "home")}, tmp_path)
    found.make()
    return found


def load(paths: Paths, *, user: str = "", local: str = "", **flags: object) -> Settings:
    folder = paths.data / "work"
    folder.mkdir(exist_ok=True)
    if user:
        paths.user_file.write_text(user)
    if local:
        (folder / "reelroom.toml").write_text(local)
    return load_settings(paths, {}, folder, **flags)


def test_one_folder_holds_everything_under_reelroom_home(tmp_path: Path) -> None:
    paths = find_paths({"REELROOM_HOME": str(tmp_path), "XDG_DATA_HOME": "/elsewhere"}, Path("/home/you"))
    assert paths.library == tmp_path / "data" / "library"
    assert paths.user_file == tmp_path / "config" / "config.toml"
    assert paths.log == tmp_path / "state" / "reelroom.log"


def test_without_it_the_xdg_folders_are_used_and_relative_ones_are_not() -> None:
    paths = find_paths({"XDG_DATA_HOME": "/big", "XDG_STATE_HOME": "relative"}, Path("/home/you"))
    assert paths.data == Path("/big/reelroom")
    assert paths.state == Path("/home/you/.local/state/reelroom")
    assert paths.config == Path("/home/you/.config/reelroom")
    assert paths.cache == Path("/home/you/.cache/reelroom")


def test_folders_are_their_owners_alone_also_those_that_were_open(tmp_path: Path) -> None:
    paths = find_paths({"REELROOM_HOME": str(tmp_path / "home")}, tmp_path)
    paths.config.mkdir(parents=True, mode=0o755)
    paths.config.chmod(0o755)
    paths.make()
    for folder in (paths.data, paths.config, paths.state, paths.cache):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_every_value_knows_where_it_came_from(paths: Paths) -> None:
    settings = load(
        paths, user='live = true\nask_above_usd = 2.50\nproject = "Mine"\n', local='project = "Here"\n'
    )
    assert (settings.project.value, settings.project.source) == ("Here", "project file")
    assert (settings.live.value, settings.live.source) == (True, "user file")
    assert (settings.ask_above_usd.value, settings.ask_above_usd.source) == (Decimal("2.50"), "user file")
    assert (settings.library.value, settings.library.source) == (paths.library, "default")


def test_a_flag_goes_before_both_files(paths: Paths) -> None:
    settings = load(paths, user='project = "Mine"\n', local='project = "Here"\n', project="Now", live=True)
    assert (settings.project.value, settings.project.source) == ("Now", "--project")
    assert settings.live.source == "--live"


def test_the_base_url_comes_from_the_environment_alone(paths: Paths, tmp_path: Path) -> None:
    environ = {"REELROOM_FAL_URL": " http://127.0.0.1:9 "}
    settings = load_settings(paths, environ, tmp_path)
    assert (settings.fal_url.value, settings.fal_url.source) == ("http://127.0.0.1:9", "REELROOM_FAL_URL")
    with pytest.raises(WrongSetting, match="fal_url is no setting of a user file"):
        load(paths, user='fal_url = "http://127.0.0.1:9"\n')


@pytest.mark.parametrize("key", ["library", "live", "ask_above_usd", "media_days"])
def test_what_only_a_person_may_set_is_refused_in_a_project_file(paths: Paths, key: str) -> None:
    with pytest.raises(WrongSetting, match=f"reelroom.toml: {key} is read from the user's own file only"):
        load(paths, local=f"{key} = 1\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1", "colour is no setting of a user file. Known there: library, live"),
        ("live = 'yes'", "live is true or false"),
        ("ask_above_usd = -1", "0 or more"),
        ("media_days = -1", "0 to 365"),
        ("media_days = 366", "0 to 365"),
        ("media_days = 1.5", "0 to 365"),
        ("media_days = true", "0 to 365"),
        ("ask_above_usd = nan", "0 or more"),
        ("ask_above_usd = true", "without quotes"),
        ("library = 'clips'", "whole path"),
        ("library = 3", "whole path"),
        ("project = ''", "a name in quotes"),
        ("live = ", "is not TOML"),
        ("a = " + "[" * 5000, "is not TOML"),
        ("# " + "x" * 70_000, "larger than 65536 bytes"),
        ('"\\u001b]52;c;x" = 1', "␛]52;c;x is no setting"),
    ],
)
def test_a_file_that_says_something_else_is_named_with_its_key(paths: Paths, text: str, said: str) -> None:
    with pytest.raises(WrongSetting) as caught:
        load(paths, user=text)
    assert said in str(caught.value)
    assert str(paths.user_file) in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_bytes_that_are_no_text_are_a_sentence_too(paths: Paths) -> None:
    paths.user_file.write_bytes(b"project = '\xff'")
    with pytest.raises(WrongSetting, match="is not TOML"):
        load(paths)
