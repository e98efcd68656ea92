"""`reelroom doctor`, as a person types it."""

import shutil
import time
from pathlib import Path

from reelroom.store.backup import back_up
from tests.tui.cli.script import KLING, Reelroom

PROMPT = "a red fox crosses a frozen lake"


def a_clip(there: Reelroom) -> dict[str, object]:
    (made,) = there.run("generate", PROMPT, "-m", KLING, "--json").objects
    assert made["state"] == "saved"
    return made


def database(there: Reelroom) -> Path:
    return there.home / "data" / "reelroom.db"


def test_an_empty_home_has_nothing_wrong_and_nothing_is_made(reelroom: Reelroom) -> None:
    ended = reelroom.run("doctor")
    assert (ended.code, ended.out) == (0, "")
    assert "Nothing is wrong." in ended.err
    assert not database(reelroom).exists()


def test_a_library_after_a_run_has_nothing_wrong(there: Reelroom) -> None:
    a_clip(there)
    assert there.run("doctor").code == 0


def test_an_emptied_database_is_set_aside_and_made_anew_from_the_sidecars(there: Reelroom) -> None:
    made = a_clip(there)
    database(there).write_bytes(b"")
    refused = there.run("media")
    assert refused.code == 1
    assert "reelroom doctor" in refused.err
    assert "emptied" in there.run("doctor").out
    assert database(there).stat().st_size == 0
    mended = there.run("doctor", "--fix")
    assert mended.code == 0, mended.out + mended.err
    (clip,) = there.run("media", "--json").objects
    assert (clip["media_id"], clip["path"], clip["request_id"]) == (
        made["media_id"],
        made["path"],
        made["request_id"],
    )
    assert list(database(there).parent.glob("reelroom.db.set-aside-*"))
    assert there.run("doctor").code == 0


def test_a_damaged_database_comes_back_from_its_newest_copy(there: Reelroom) -> None:
    first = a_clip(there)
    back_up(database(there), database(there).parent / "backups", 1_795_089_600.0)
    second = a_clip(there)
    database(there).write_bytes(b"\xaa" * 20_000)
    mended = there.run("doctor", "--fix")
    assert mended.code == 0, mended.out + mended.err
    assert "Restored the copy" in mended.err
    kept = {clip["media_id"] for clip in there.run("media", "--json").objects}
    assert kept == {first["media_id"], second["media_id"]}


def test_a_database_that_is_gone_is_said_by_doctor_and_made_anew(there: Reelroom) -> None:
    made = a_clip(there)
    for file in database(there).parent.glob("reelroom.db*"):
        file.unlink()
    shutil.rmtree(database(there).parent / "backups", ignore_errors=True)
    assert "is gone" in there.run("doctor").out
    assert there.run("doctor", "--fix").code == 0
    assert [clip["media_id"] for clip in there.run("media", "--json").objects] == [made["media_id"]]


def test_what_cannot_be_mended_stays_open(there: Reelroom) -> None:
    made = a_clip(there)
    Path(str(made["path"])).unlink()
    ended = there.run("doctor", "--fix")
    assert ended.code == 1
    assert "1 of them open" in ended.err


def test_a_key_file_that_others_may_read_is_closed(there: Reelroom) -> None:
    key = there.home / "config" / "key"
    key.parent.mkdir(parents=True)
    key.write_text("abc:def")
    key.chmod(0o644)
    assert there.run("doctor", "--fix").code == 0
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_database_that_is_gone_is_never_begun_anew_over_its_copies(there: Reelroom) -> None:
    made = a_clip(there)
    back_up(database(there), database(there).parent / "backups", 1_795_089_600.0)
    for file in database(there).parent.glob("reelroom.db*"):
        file.unlink()
    for words in (["media"], ["generate", PROMPT, "-m", KLING]):
        ended = there.run(*words)
        assert ended.code == 1
        assert "is gone" in ended.err
        assert "reelroom doctor" in ended.err
    assert not database(there).exists()
    assert there.run("doctor", "--fix").code == 0
    assert [clip["media_id"] for clip in there.run("media", "--json").objects] == [made["media_id"]]


def test_what_was_sent_after_the_copy_is_asked_of_fals_listing_and_resumed(there: Reelroom) -> None:
    first = a_clip(there)
    back_up(database(there), database(there).parent / "backups", time.time())
    second = a_clip(there)
    for suffix in (".mp4", ".json"):
        Path(str(second["path"])).with_suffix(suffix).unlink()
    database(there).write_bytes(b"\xaa" * 20_000)
    mended = there.run("doctor", "--fix")
    assert mended.code == 0, mended.out + mended.err
    # Other tests send to the same stand-in, so that there may be more of them.
    assert "in FAL's listing" in mended.err
    assert "again. `reelroom resume` brings" in mended.err
    assert "listing" not in there.run("doctor", "--fix").err
    there.run("resume")
    kept = {clip["request_id"] for clip in there.run("media", "--json").objects}
    assert kept >= {first["request_id"], second["request_id"]}
