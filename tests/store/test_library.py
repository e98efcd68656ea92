import errno
import json
import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from reelroom.store.errors import (
    DiskFull,
    NameTaken,
    NotAllowed,
    NotFound,
    NotWritable,
    PartInUse,
    PartPoisoned,
    StoreError,
)
from reelroom.store.hashing import sha256
from reelroom.store.ids import new_id
from reelroom.store.library import Library, file_name
from reelroom.store.naming import slug
from reelroom.store.refusals import os_refusals
from reelroom.store.renaming import give_name, rename_without_replacing

ID = new_id(1_760_000_000.0)
NAME = "20251009-fox-0000beef.mp4"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "clips")
    library.make()
    return library


def shown(library: Library) -> list[str]:
    return sorted(file.name for file in library.folder.iterdir() if not file.name.startswith("."))


def test_a_clip_is_hidden_until_it_is_published_and_private_all_the_time(library: Library) -> None:
    before = os.umask(0o000)
    try:
        with library.open_part(ID) as part:
            part.write(b"red ")
            part.write(b"fox")
            part.sync()
            assert part.path.name == f".{ID}.part"
            assert shown(library) == []
        library.publish(part.path, NAME)
        library.write_sidecar(NAME, {"prompt": "a fox", "seed": None})
        library.sync_folder()
    finally:
        os.umask(before)
    assert shown(library) == ["20251009-fox-0000beef.json", NAME]
    assert library.path(NAME).read_bytes() == b"red fox"
    assert json.loads(library.path("20251009-fox-0000beef.json").read_bytes()) == {
        "prompt": "a fox",
        "seed": None,
    }
    assert {stat.S_IMODE(file.stat().st_mode) for file in library.folder.iterdir()} == {0o600}
    assert stat.S_IMODE(library.folder.stat().st_mode) == 0o700
    assert [file.name for file in library.folder.iterdir() if file.name.startswith(".")] == []


def test_a_part_goes_on_where_it_stopped_and_can_be_begun_anew(library: Library) -> None:
    with library.open_part(ID) as part:
        part.write(b"red ")
    with library.open_part(ID) as part:
        assert part.size == 4
        part.write(b"fox")
        assert part.path.read_bytes() == b"red fox"
        part.truncate()
        assert part.size == 0
        part.write(memoryview(b"owl"))
    assert part.path.read_bytes() == b"owl"
    library.drop_part(ID)
    library.drop_part(ID)
    assert not part.path.exists()


def test_a_part_that_is_being_written_is_not_opened_twice(library: Library) -> None:
    with library.open_part(ID), pytest.raises(PartInUse):
        library.open_part(ID)
    library.open_part(ID).close()


def test_a_planted_symbolic_link_is_not_written_through(library: Library, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    library.part_path(ID).symlink_to(victim)
    with pytest.raises(NotWritable, match="symbolic link"):
        library.open_part(ID)
    library.part_path(ID).unlink()
    library.part_path(ID).symlink_to(tmp_path / "nowhere")
    with pytest.raises(NotWritable):
        library.open_part(ID)
    assert victim.read_bytes() == b"precious"
    assert not (tmp_path / "nowhere").exists()


def test_something_else_than_a_file_in_the_place_of_a_part_is_refused(library: Library) -> None:
    os.mkfifo(library.part_path(ID))
    with pytest.raises(NotWritable, match="else than a part"):
        library.open_part(ID)
    library.part_path(ID).unlink()
    library.part_path(ID).mkdir()
    with pytest.raises(StoreError):
        library.open_part(ID)


def test_a_part_with_a_second_name_leaves_that_file_alone(library: Library) -> None:
    with library.open_part(ID) as part:
        part.write(b"finished")
    os.link(part.path, library.path(NAME))
    with library.open_part(ID) as part:
        assert part.size == 0
        part.write(b"x")
    assert library.path(NAME).read_bytes() == b"finished"


def test_publishing_never_replaces_another_file(library: Library) -> None:
    library.path(NAME).write_bytes(b"older clip")
    with library.open_part(ID) as part:
        part.write(b"newer clip")
    with pytest.raises(NameTaken, match=NAME):
        library.publish(part.path, NAME)
    assert library.path(NAME).read_bytes() == b"older clip"
    assert part.path.read_bytes() == b"newer clip"


def test_publishing_does_not_follow_a_link_that_bears_the_name(library: Library, tmp_path: Path) -> None:
    library.path(NAME).symlink_to(tmp_path / "elsewhere")
    library.open_part(ID).close()
    assert library.exists(NAME)
    with pytest.raises(NameTaken):
        library.publish(library.part_path(ID), NAME)
    assert not (tmp_path / "elsewhere").exists()


def test_a_crash_in_the_middle_of_publishing_is_finished_by_publishing_again(library: Library) -> None:
    with library.open_part(ID) as part:
        part.write(b"clip")
    os.link(part.path, library.path(NAME))
    library.publish(part.path, NAME)
    assert shown(library) == [NAME]
    assert not part.path.exists()
    assert library.path(NAME).read_bytes() == b"clip"


def refuse_links(source: Path, target: Path) -> None:
    raise OSError(errno.EPERM, "no hard links here", str(source), None, str(target))


def test_where_there_are_no_hard_links_nothing_is_replaced_either(tmp_path: Path) -> None:
    one, other, target = tmp_path / "one", tmp_path / "other", tmp_path / "target"
    one.write_bytes(b"1")
    other.write_bytes(b"2")
    give_name(one, target, link=refuse_links)
    with pytest.raises(NameTaken):
        give_name(other, target, link=refuse_links)
    assert (target.read_bytes(), other.read_bytes(), one.exists()) == (b"1", b"2", False)
    with pytest.raises(FileNotFoundError):
        rename_without_replacing(tmp_path / "gone", tmp_path / "new")


def test_an_identical_sidecar_is_fine_and_a_different_one_is_kept(library: Library) -> None:
    for _ in range(2):
        library.write_sidecar(NAME, {"prompt": "été \x1b"})
    with pytest.raises(NameTaken):
        library.write_sidecar(NAME, {"prompt": "another"})
    assert json.loads(library.path("20251009-fox-0000beef.json").read_bytes()) == {"prompt": "été \x1b"}
    assert [file.name for file in library.folder.iterdir()] == ["20251009-fox-0000beef.json"]


def test_a_crash_in_the_middle_of_a_sidecar_does_no_harm(library: Library) -> None:
    unfinished = library.path(".20251009-fox-0000beef.json.tmp")
    unfinished.write_bytes(b'{"prom')
    library.write_sidecar(NAME, {"prompt": "a fox"})
    os.link(library.path("20251009-fox-0000beef.json"), unfinished)
    library.write_sidecar(NAME, {"prompt": "a fox"})
    assert json.loads(library.path("20251009-fox-0000beef.json").read_bytes()) == {"prompt": "a fox"}
    assert not unfinished.exists()


def test_a_sidecar_with_half_a_character_is_still_written(library: Library) -> None:
    library.write_sidecar(NAME, {"prompt": "half \ud83d"})
    assert library.path("20251009-fox-0000beef.json").stat().st_size > 0


@pytest.mark.parametrize("name", ["", ".", "..", "a/b.mp4", "/etc/passwd", "../x.mp4", "a\0b", "é" * 130])
def test_no_name_leads_out_of_the_library(library: Library, name: str) -> None:
    library.open_part(ID).close()
    for use in (
        lambda: library.path(name),
        lambda: library.publish(library.part_path(ID), name),
        lambda: library.write_sidecar(name, {}),
    ):
        with pytest.raises(NotAllowed):
            use()


@pytest.mark.parametrize("media_id", ["", "../../x", "a/b", "a.b", "a\n"])
def test_no_id_leads_out_of_the_library(library: Library, media_id: str) -> None:
    with pytest.raises(NotAllowed, match="letters, digits"):
        library.open_part(media_id)


def test_a_library_that_is_gone_is_not_made_again_behind_ones_back(tmp_path: Path) -> None:
    library = Library(tmp_path / "unmounted")
    for use in (
        lambda: library.open_part(ID),
        lambda: library.write_sidecar(NAME, {}),
        library.free_bytes,
        library.sync_folder,
    ):
        with pytest.raises(NotFound):
            use()
    assert not library.folder.exists()


def test_what_is_free_is_what_the_system_says(library: Library) -> None:
    room = os.statvfs(library.folder)
    assert 0 < library.free_bytes() <= room.f_blocks * room.f_frsize


BOUNDED = """
import resource, sys
from pathlib import Path
from reelroom.store.errors import DiskFull
from reelroom.store.library import Library
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
with Library(Path(sys.argv[1])).open_part(sys.argv[2]) as part:
    try:
        while True:
            part.write(b"x" * 33_333)
    except DiskFull as error:
        print(part.size, error)
"""


def test_a_full_disk_keeps_what_was_written_and_the_part_goes_on_once_there_is_room(library: Library) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED, str(library.folder), ID], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("100000 The disk is full")
    with library.open_part(ID) as part:
        assert part.size == 100_000
        part.write(b"y")
    assert part.path.stat().st_size == 100_001


def test_the_device_that_is_always_full_is_a_full_disk() -> None:
    with (
        pytest.raises(DiskFull, match="could not write"),
        os_refusals("write"),
        Path("/dev/full").open("wb", buffering=0) as file,
    ):
        file.write(b"x")


def test_a_failed_fsync_says_that_the_part_is_not_to_be_trusted(library: Library) -> None:
    with library.open_part(ID) as part:
        reader, writer = os.pipe()
        os.dup2(writer, part._descriptor)  # a pipe cannot be synced
        with pytest.raises(PartPoisoned, match="fetched anew"):
            part.sync()
        os.close(reader)
        os.close(writer)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A red fox crosses a frozen lake!", "a-red-fox-crosses-a-frozen-lake"),
        ("Café Ærøskøbing, Straße №5", "cafe-aeroskobing-strasse-no5"),
        ("一只红狐狸", "clip"),
        ("../../etc/passwd", "etc-passwd"),
        ("-rf \n\x1b[2J", "rf-2j"),
        ("", "clip"),
        ("x" * 300, "x" * 60),
        ("word " * 40, "word-word-word-word-word-word-word-word-word-word-word-word"),
        ("\ud800 fox", "fox"),
    ],
)
def test_a_prompt_becomes_a_short_plain_name(text: str, words: str) -> None:
    assert slug(text) == words


def test_a_file_name_holds_the_day_the_prompt_and_the_end_of_the_id() -> None:
    media_id = "0192aaaa-0000-7000-8000-0000deadbeef"
    at = 1_760_054_399.0  # 23:59:59 UTC
    assert file_name("A red fox", media_id, at, ".mp4", sandbox=False) == "20251009-a-red-fox-deadbeef.mp4"
    assert file_name("", media_id, at, "webm", sandbox=True) == "20251009-sandbox-clip-deadbeef.webm"
    assert file_name("", media_id, at, "/../x", sandbox=False).endswith("-deadbeef.x")
    assert len(file_name("é" * 999, media_id, at, ".mp4", sandbox=True).encode()) <= 100


def test_the_fingerprint_is_read_in_pieces(library: Library) -> None:
    with library.open_part(ID) as part:
        for _ in range(64):
            part.write(bytes(1 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sha256(part.path) == "3b6a07d0d404fab4e23b6d34bc6696a6a312dd92821332385e5af7c01c421351"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 << 10
    with pytest.raises(NotFound):
        sha256(library.path("gone.mp4"))
