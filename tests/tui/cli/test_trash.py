"""Out of sight and back; and for good only on an explicit, confirmed word."""

import json
from pathlib import Path

import pytest

from tests.tui.cli.script import Reelroom

SMALL = ("-m", "pixverse-v6", "--set", "duration=1", "--set", "resolution=360p")


@pytest.fixture
def clip(there: Reelroom) -> Path:
    """The file of the only clip."""
    ended = there.run("generate", "a red fox", *SMALL)
    assert ended.code == 0
    return Path(ended.out.strip())


def ident(clip: Path) -> str:
    return clip.stem.rpartition("-")[2]


def files(clip: Path) -> list[str]:
    return sorted(path.name for path in clip.parent.iterdir() if not path.name.startswith("."))


def test_a_clip_goes_to_the_trash_and_comes_back_with_file_row_and_sidecar(
    there: Reelroom, clip: Path
) -> None:
    before = there.run("media", "--json").out
    both = {path: path.read_bytes() for path in (clip, clip.with_suffix(".json"))}
    trashed = there.run("trash", ident(clip))
    assert (trashed.code, "Moved to trash" in trashed.err, "reelroom restore" in trashed.err) == (
        0,
        True,
        True,
    )
    assert there.run("media", "--json").out == ""
    listed = there.run("trash")
    assert "a red fox" in listed.out
    assert "1 clip" in listed.err
    assert {path: path.read_bytes() for path in both} == both
    back = there.run("restore", ident(clip))
    assert (back.code, back.out.strip()) == (0, str(clip))
    assert there.run("media", "--json").out == before
    assert {path: path.read_bytes() for path in both} == both


def test_the_trash_is_emptied_only_on_an_explicit_word(there: Reelroom, clip: Path) -> None:
    there.run("trash", ident(clip))
    refused = there.run("trash", "--empty")
    assert (refused.code, "Nothing was removed. --yes answers it beforehand." in refused.err) == (2, True)
    code, seen = there.run_on_terminal("trash", "--empty", typed=b"n\n", after=b"Remove?")
    assert (code, b"Nothing was removed." in seen) == (1, True)
    assert files(clip) == [clip.with_suffix(".json").name, clip.name]
    assert there.run("restore", ident(clip)).code == 0


def test_emptying_removes_file_and_sidecar_keeps_the_job_and_says_what(there: Reelroom, clip: Path) -> None:
    kept = Path(there.run("generate", "a grey heron", *SMALL).out.strip())
    there.run("trash", ident(clip))
    code, seen = there.run_on_terminal("trash", "--empty", typed=b"y\n", after=b"Remove?")
    assert code == 0
    assert clip.name.encode() in seen
    assert b"1 clip" in seen
    assert files(clip) == sorted([kept.name, kept.with_suffix(".json").name])
    first = json.loads(there.run("jobs", "--json").out.splitlines()[0])
    job = there.run("job", first["job_id"])
    assert "saved" in job.out
    assert f"Removed for good, as you said: {clip.name}" in job.out
    assert there.run("restore", ident(clip)).code != 0
    assert there.run("doctor").code == 0
    assert there.run("trash", "--empty").err == "The trash is empty.\n"


def test_yes_answers_beforehand_and_an_id_beside_empty_is_refused(there: Reelroom, clip: Path) -> None:
    there.run("trash", ident(clip))
    wrong = there.run("trash", "--empty", ident(clip), "--yes")
    assert (wrong.code, clip.exists()) == (2, True)
    ended = there.run("trash", "--empty", "--yes")
    assert (ended.code, ended.out.strip(), clip.exists()) == (0, str(clip), False)
    assert "removed for good" in ended.err


def test_a_library_that_is_not_mounted_is_not_emptied(there: Reelroom, clip: Path) -> None:
    there.run("trash", ident(clip))
    aside = clip.parent.with_name("aside")
    clip.parent.rename(aside)
    ended = there.run("trash", "--empty", "--yes")
    assert ended.code == 1
    assert "is not there" in ended.err
    aside.rename(clip.parent)
    assert there.run("restore", ident(clip)).out.strip() == str(clip)


@pytest.mark.parametrize("command", ["trash", "restore"])
def test_a_clip_that_is_not_there_is_named(there: Reelroom, clip: Path, command: str) -> None:
    ended = there.run(command, "feedfeed")
    assert ended.code in {1, 2}
    assert "feedfeed" in ended.err
    assert clip.exists()
