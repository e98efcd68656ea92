"""What the console script says without ever talking to a FAL."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.cli.script import HAILUO, KLING, Reelroom

SECRET = "0123abcd-key-id:5ec7e7c0ffee5ec7e7c0ffee"
HEAVY = ("asyncio", "httpx", "pydantic", "sqlite3", "aiosqlite", "textual", "humanize", "json")


def loaded_after(code: str) -> set[str]:
    program = f"import sys\nbefore = set(sys.modules)\n{code}\nprint('\\n'.join(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_version_is_said_before_anything_is_loaded() -> None:
    loaded = loaded_after("from reelroom.tui.__main__ import main\nassert main(['--version']) == 0")
    assert {name for name in loaded if name.startswith("reelroom.")} == {
        "reelroom.tui",
        "reelroom.tui.__main__",
    }
    assert not loaded & set(HEAVY)


@pytest.mark.parametrize("words", [["--help"], ["generate", "--help"], ["nonsense"]])
def test_help_and_slips_load_nothing_heavy(words: list[str]) -> None:
    code = f"from reelroom.tui.__main__ import main\ntry:\n    main({words!r})\nexcept SystemExit:\n    pass"
    loaded = loaded_after(code)
    assert "reelroom.tui.cli.parser" in loaded
    assert not loaded & set(HEAVY)


def test_no_command_loads_the_screen() -> None:
    folder = Path(__file__).parents[3] / "tui" / "cli"
    names = [path.stem for path in folder.glob("*.py") if path.stem != "__init__"]
    assert "generate" in names
    loaded = loaded_after("\n".join(f"import reelroom.tui.cli.{name}" for name in names))
    assert "reelroom.tui.cli.generate" in loaded
    assert not {name for name in loaded if name.split(".")[0] == "textual"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "The studio needs a terminal"),
        (["frobnicate"], "“frobnicate” is no command"),
        (["genrate"], "`generate` is close"),
        (["open", "1234"], "is no command"),
        (["\x1b]52;c;aGk=\x07"], "␛]52"),
        (["--frob"], "--frob"),
        (["generate"], "What should the clip show?"),
        (["generate", "a fox"], "Which model?"),
        (["generate", "a fox", "-m", "nobody"], "There is no model"),
        (["generate", "a fox", "-m", KLING, "--project", " "], "--project takes a name"),
        (["sandbox", "--scenario", "x"], "The scenario 'x' cannot be read"),
        (["sandbox", "--speed", "0"], "from 0.001 to 1000"),
        (["models", "--task", "cooking"], "text-to-video"),
        (["job", "1234"], "There are no jobs yet"),
        (["cancel", "1234"], "There are no jobs yet"),
        (["show", "1234"], "There are no clips yet"),
        (["key", "print"], "it is set, forget or show, not “print”"),
    ],
)
def test_wrong_usage_is_a_sentence_and_starts_nothing(
    reelroom: Reelroom, words: list[str], said: str
) -> None:
    ended = reelroom.run(*words)
    assert ended.code == 2
    assert said in ended.err
    assert ended.out == ""
    assert "\x1b" not in ended.err
    assert "Traceback" not in ended.err
    assert list(reelroom.home.iterdir()) == []


def test_a_file_with_an_unknown_key_ends_with_2_and_names_both(reelroom: Reelroom) -> None:
    reelroom.home.mkdir()
    (reelroom.home / "reelroom.toml").write_text("budget = 3\n")
    ended = reelroom.run("generate", "a fox", "-m", KLING)
    assert ended.code == 2
    assert (
        "reelroom.toml: budget is no setting of a project file. Known there: project, budget_per_run_usd"
        in ended.err
    )


def test_live_without_a_key_ends_with_3(reelroom: Reelroom) -> None:
    ended = reelroom.run("generate", "a fox", "-m", KLING, "--live")
    assert ended.code == 3
    assert "(--live)" in ended.err
    (reelroom.home / "config").mkdir()
    (reelroom.home / "config" / "config.toml").write_text("live = true\n")
    ended = reelroom.run("generate", "a fox", "-m", KLING)
    assert ended.code == 3
    assert "(user file)" in ended.err
    assert reelroom.run("resume").code == 3


def test_a_key_that_is_none_ends_with_3_and_is_not_repeated(reelroom: Reelroom) -> None:
    ended = reelroom.at(FAL_KEY="5ec7e7 c0ffee").run("generate", "a fox", "-m", KLING)
    assert ended.code == 3
    assert "5ec7e7" not in ended.err


def test_a_base_that_is_not_this_machine_needs_https_and_a_key(reelroom: Reelroom) -> None:
    ended = reelroom.at(REELROOM_FAL_URL="http://example.org").run("generate", "a fox", "-m", KLING)
    assert (ended.code, "https" in ended.err) == (2, True)
    ended = reelroom.at(REELROOM_FAL_URL="https://example.org").run("generate", "a fox", "-m", KLING)
    assert (ended.code, "needs a key" in ended.err) == (3, True)


def test_a_run_that_asks_is_refused_where_nobody_can_answer(reelroom: Reelroom) -> None:
    ended = reelroom.at(FAL_KEY=SECRET).run("generate", "a fox", "-m", HAILUO, "--count", "11")
    assert ended.code == 4
    assert "11 jobs for ≈$5.39" in ended.err
    assert "--yes" in ended.err
    assert not (reelroom.home / "data").exists()


def test_saying_no_sends_nothing(reelroom: Reelroom) -> None:
    code, seen = reelroom.at(FAL_KEY=SECRET).run_on_terminal(
        "generate", "a fox", "-m", HAILUO, "--count", "11", typed=b"n\n", after=b"Send?"
    )
    assert code == 4
    assert b"Nothing was sent." in seen
    assert not (reelroom.home / "data").exists()


def test_a_key_is_kept_shown_by_its_id_and_forgotten_and_never_printed(reelroom: Reelroom) -> None:
    ended = [reelroom.run("key", "set", text=f"  {SECRET}\n")]
    file = reelroom.home / "config" / "key"
    assert file.read_text().strip() == SECRET
    assert file.stat().st_mode & 0o777 == 0o600
    ended += [reelroom.run("key", "show"), reelroom.run("info"), reelroom.run("key", "forget")]
    assert not file.exists()
    ended += [reelroom.run("key", "show"), reelroom.run("key", "forget")]
    assert [one.code for one in ended] == [0] * 6
    said = "".join(one.out + one.err for one in ended)
    assert "Key id 0123abcd-key-id, from key file, mode 0600." in said
    assert "5ec7e7c0ffee" not in said
    assert ended[4].out == "No key. Reelroom works in its sandbox.\n"


def test_the_environment_goes_before_the_kept_key(reelroom: Reelroom) -> None:
    reelroom.run("key", "set", text="kept:4321432143214321\n")
    assert reelroom.at(FAL_KEY=SECRET).run("key", "show").out == "Key id 0123abcd-key-id, from FAL_KEY.\n"


def test_a_key_typed_on_a_terminal_has_no_echo(reelroom: Reelroom) -> None:
    code, seen = reelroom.run_on_terminal("key", "set", typed=SECRET.encode() + b"\n", after=b"(not shown): ")
    assert code == 0
    assert b"5ec7e7c0ffee" not in seen
    assert (reelroom.home / "config" / "key").read_text().strip() == SECRET


@pytest.mark.parametrize("text", ["", "\n", "half:\n", "with a blank:in it\n"])
def test_what_cannot_be_a_key_is_not_kept(reelroom: Reelroom, text: str) -> None:
    ended = reelroom.run("key", "set", text=text)
    assert ended.code == 3
    assert "Nothing was kept." in ended.err
    assert not (reelroom.home / "config" / "key").exists()


def test_a_key_file_that_others_may_read_is_closed_to_them(reelroom: Reelroom) -> None:
    reelroom.run("key", "set", text=SECRET)
    file = reelroom.home / "config" / "key"
    file.chmod(0o644)
    assert reelroom.run("key", "show").code == 0
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_planted_link_in_the_place_of_the_key_is_not_followed(reelroom: Reelroom, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(SECRET)
    (reelroom.home / "config").mkdir(parents=True)
    (reelroom.home / "config" / "key").symlink_to(tmp_path / "elsewhere")
    ended = reelroom.run("key", "show")
    assert ended.code == 3
    assert "could not be read" in ended.err


def test_info_says_where_each_setting_came_from(reelroom: Reelroom) -> None:
    (reelroom.home / "config").mkdir(parents=True)
    (reelroom.home / "config" / "config.toml").write_text("ask_above_usd = 2\n")
    out = reelroom.at(REELROOM_FAL_URL="http://127.0.0.1:9").run("info").out
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert lines["ask_above_usd"].split() == ["ask_above_usd", "2", "(user", "file)"]
    assert lines["fal_url"].split() == ["fal_url", "http://127.0.0.1:9", "(REELROOM_FAL_URL)"]
    assert lines["live"].split() == ["live", "no", "(default)"]
    assert lines["log"].split() == ["log", str(reelroom.home / "state" / "reelroom.log")]


def test_models_are_found_by_words_and_told_as_json(reelroom: Reelroom) -> None:
    found = reelroom.run("models", "kling turbo", "--task", "text-to-video", "--json").objects
    assert KLING in {model["endpoint_id"] for model in found}
    assert {model["task"] for model in found} == {"text-to-video"}
    assert "kling-2.5-turbo-pro" in reelroom.run("models", "kling").out
    unknown = [model for model in reelroom.run("models", "--json").objects if model["price"]["usd"] == 0]
    assert unknown == []


def test_reading_commands_answer_before_anything_was_kept(reelroom: Reelroom) -> None:
    for words in (["jobs"], ["jobs", "--json"], ["media"], ["media", "--json"], ["resume"]):
        ended = reelroom.run(*words)
        assert (ended.code, ended.out) == (0, "")
    assert list(reelroom.home.iterdir()) == []


def test_a_home_that_cannot_be_written_to_is_one_sentence(reelroom: Reelroom, sandbox: str) -> None:
    reelroom.home.mkdir()
    (reelroom.home / "data").write_text("a file where a folder is needed")
    ended = reelroom.at(REELROOM_FAL_URL=sandbox).run("generate", "a fox", "-m", KLING)
    assert ended.code == 1
    assert f"{reelroom.home / 'data'}: File exists." in ended.err
    assert "Traceback" not in ended.err


def test_nobody_reading_is_no_trouble(reelroom: Reelroom) -> None:
    read, write = os.pipe()
    os.close(read)
    with reelroom.start("models", stdout=write) as process:
        os.close(write)
        assert process.stderr is not None
        # What is talk on stderr is said all the same.
        assert process.stderr.read().startswith(b"551 models")
        assert process.wait(60) == 0
