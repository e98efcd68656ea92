"""What `doctor` finds in a library, and what mending does."""

import json
import os
from pathlib import Path

import pytest

from reelroom.store.records import Media
from reelroom.tui.studio.doctor import Doctor, Finding, modes
from reelroom.tui.studio.sidecar import LARGEST, NotASidecar, read_sidecar
from tests.studio.room import Room, order


async def look(room: Room, *, mend: bool = False, quick: bool = False) -> list[Finding]:
    async with room.store() as store:
        return [found async for found in Doctor(store, room.library, mend=mend, quick=quick).look()]


async def one_clip(room: Room) -> Media:
    await room.run([order()])
    (clip,) = await room.media()
    return clip


def beside(room: Room, clip: Media) -> Path:
    return (room.library.folder / clip.path).with_suffix(".json")


async def test_nothing_is_wrong_with_a_library_that_was_left_alone(room: Room) -> None:
    await room.run([order(), order(prompt="a grey owl")])
    assert await look(room) == []


async def test_a_row_that_was_lost_is_made_anew_from_the_file_and_its_sidecar(room: Room) -> None:
    clip = await one_clip(room)
    before = await room.job()
    room.sql("PRAGMA foreign_keys = ON; DELETE FROM media; DELETE FROM job;")
    (finding,) = await look(room)
    assert "has no row" in finding.sentence
    assert await room.media() == []
    await look(room, mend=True)
    assert await room.media() == [clip]
    after = await room.job()
    assert (after.id, after.request_id, after.input, after.state) == (
        before.id,
        before.request_id,
        before.input,
        before.state,
    )
    assert await look(room) == []


async def test_a_job_that_was_made_anew_is_neither_sent_nor_taken_up_again(room: Room) -> None:
    await one_clip(room)
    room.sql("PRAGMA foreign_keys = ON; DELETE FROM media; DELETE FROM job;")
    await look(room, mend=True)
    posts = len(room.fal.posts)
    assert await room.run() == []
    assert len(room.fal.posts) == posts


async def test_mending_twice_is_as_good_as_once(room: Room) -> None:
    await one_clip(room)
    room.sql("PRAGMA foreign_keys = ON; DELETE FROM media; DELETE FROM job;")
    await look(room, mend=True)
    once = (await room.media(), await room.job())
    assert await look(room, mend=True) == []
    assert (await room.media(), await room.job()) == once


async def test_a_clip_that_a_person_renamed_keeps_its_row(room: Room) -> None:
    clip = await one_clip(room)
    (room.library.folder / clip.path).rename(room.library.folder / "best-take.mp4")
    beside(room, clip).rename(room.library.folder / "best-take.json")
    (finding,) = await look(room, mend=True)
    assert "now called best-take.mp4" in finding.sentence
    (now,) = await room.media()
    assert (now.id, now.path) == (clip.id, "best-take.mp4")
    assert await look(room) == []


async def test_a_clip_that_is_gone_is_said_and_its_row_stays(room: Room) -> None:
    clip = await one_clip(room)
    (room.library.folder / clip.path).unlink()
    (finding,) = await look(room, mend=True)
    assert "gone" in finding.sentence
    assert finding.mending is None
    assert await room.media() == [clip]


async def test_a_clip_that_was_changed_is_found_by_its_hash(room: Room) -> None:
    clip = await one_clip(room)
    path = room.library.folder / clip.path
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    (finding,) = await look(room)
    assert "was changed" in finding.sentence
    assert await look(room, quick=True) == []


async def test_a_clip_that_was_cut_is_found_by_its_size(room: Room) -> None:
    clip = await one_clip(room)
    path = room.library.folder / clip.path
    path.write_bytes(path.read_bytes()[:-10])
    (finding,) = await look(room, quick=True)
    assert f"{clip.bytes - 10} bytes" in finding.sentence


@pytest.mark.parametrize("left", [None, b"", b"{", b'{"reelroom": 1}', b"[" * 100_000, b"\xff\xfe"])
async def test_a_sidecar_that_is_missing_or_damaged_is_written_anew(room: Room, left: bytes | None) -> None:
    clip = await one_clip(room)
    before = room.sidecar(clip)
    if left is None:
        beside(room, clip).unlink()
    else:
        beside(room, clip).write_bytes(left)
    (finding,) = await look(room, mend=True)
    assert finding.mending is not None
    assert room.sidecar(clip) == before
    kept = room.library.folder / f".{beside(room, clip).name}.damaged"
    assert kept.exists() == (left is not None)
    assert await look(room) == []


async def test_a_file_of_somebody_else_is_named_and_left_alone(room: Room) -> None:
    await one_clip(room)
    (room.library.folder / "holiday.mp4").write_bytes(b"not ours")
    (finding,) = await look(room, mend=True)
    assert finding == Finding(
        "holiday.mp4 is no clip of Reelroom's: nothing beside it says where it came from."
    )


async def test_a_part_of_a_clip_that_is_in_the_library_is_removed(room: Room) -> None:
    clip = await one_clip(room)
    room.library.part_path(clip.id).write_bytes(b"left over")
    (finding,) = await look(room)
    assert "left over" in finding.sentence
    assert room.library.part_path(clip.id).exists()
    await look(room, mend=True)
    assert not room.library.part_path(clip.id).exists()


async def test_the_only_beginning_of_a_clip_is_never_removed(room: Room) -> None:
    await one_clip(room)
    part = room.library.part_path("0190a000-0000-7000-8000-00000000abcd")
    part.write_bytes(b"the only copy")
    await look(room, mend=True)
    assert part.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("media_id", None),
        ("media_id", 7),
        ("position", -1),
        ("position", True),
        ("seed", "1"),
        ("created_at", "yesterday"),
        ("cost_usd", -1),
        ("cost_usd", 10**400),
        ("file", []),
        ("reelroom", 99),
        ("input", "prompt"),
        ("input", {"scale": float("nan")}),
        ("input", {"prompt": "half a pair \ud800"}),
    ],
)
async def test_a_sidecar_with_a_wrong_field_is_refused_by_name(room: Room, field: str, value: object) -> None:
    clip = await one_clip(room)
    document = json.dumps(room.sidecar(clip) | {field: value}).encode()
    with pytest.raises(NotASidecar, match="version 99" if field == "reelroom" else field):
        read_sidecar(document, clip.path)


async def test_hostile_words_in_a_sidecar_are_shown_and_never_obeyed(room: Room) -> None:
    clip = await one_clip(room)
    document = room.sidecar(clip) | {"prompt": "a\x1b[2Jb", "model": "\u202eevil", "origin": "x\ny"}
    origin = read_sidecar(json.dumps(document).encode(), clip.path)
    assert "\x1b" not in origin.clip.prompt
    assert "\u202e" not in origin.job.model
    assert "\n" not in origin.job.origin


def test_a_sidecar_that_is_too_long_is_not_read() -> None:
    with pytest.raises(NotASidecar, match="longer"):
        read_sidecar(b" " * (LARGEST + 1), "clip.mp4")


def test_what_others_may_read_is_closed_to_them(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.touch(0o644)
    file.chmod(0o644)
    (finding,) = modes([file, tmp_path / "nothing"], mend=True)
    assert "other users" in finding.sentence
    assert file.stat().st_mode & 0o777 == 0o600
    assert modes([file], mend=False) == []


@pytest.mark.parametrize("kind", ["folder", "link to nothing", "link to a file", "pipe"])
@pytest.mark.parametrize("place", ["stranger", "clip", "sidecar"])
async def test_what_is_no_plain_file_is_named_and_never_read(room: Room, kind: str, place: str) -> None:
    clip = await one_clip(room)
    where = {
        "stranger": room.library.folder / "strange.mp4",
        "clip": room.library.folder / clip.path,
        "sidecar": beside(room, clip),
    }[place]
    where.unlink(missing_ok=True)
    if kind == "folder":
        where.mkdir()
    elif kind == "pipe":
        os.mkfifo(where)
    else:
        target = room.folder / "elsewhere"
        if kind == "link to a file":
            target.write_bytes(b"of somebody else")
        where.symlink_to(target)
    (finding,) = await look(room)
    assert where.name in finding.sentence
    await look(room, mend=True)
    assert where.is_symlink() or where.exists()


async def test_a_row_that_was_lost_alone_is_made_anew_and_not_promised_by_its_job_that_is_over(
    room: Room,
) -> None:
    clip = await one_clip(room)
    room.sql("PRAGMA foreign_keys = ON; DELETE FROM media;")
    (finding,) = await look(room, mend=True)
    assert "has no row" in finding.sentence
    assert await room.media() == [clip]


async def test_a_clip_that_comes_home_while_the_doctor_looks_is_no_finding(room: Room) -> None:
    """A run without --fix does not stop the engine: what it had read may be old by then."""
    clip = await one_clip(room)
    async with room.store() as store:
        assert await Doctor(store, room.library)._stranger(clip.path, set()) is None
