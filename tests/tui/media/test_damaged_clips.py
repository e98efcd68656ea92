"""200 damaged files: each ends in frames or in one sentence; nothing crashes, hangs or leaves a thread."""

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from reelroom.fal.clean import clean
from reelroom.tui.media.decode import probe
from reelroom.tui.media.errors import NotDecodable
from reelroom.tui.media.reel import Reel
from tests.moving import write_moving

VARIANTS = 200
PATIENCE = 30.0
"""Seconds after which a file has hung; the slowest takes a fraction of one."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("whole")
    made = []
    for name, codec in (("one.mp4", "libx264"), ("two.webm", "libvpx-vp9"), ("three.mkv", "mpeg4")):
        path = folder / name
        write_moving(path, width=128, height=72, frames=12, codec=codec)
        made.append(path.read_bytes())
    return made


def damaged(whole: list[bytes], seed: int) -> bytes:
    """Bits turned, bytes lost, doubled or made up, the end cut off, or two files grown together."""
    random_ = random.Random(seed)
    data = bytearray(random_.choice(whole))
    for _ in range(random_.choice([1, 1, 3, 20, 200])):
        at = random_.randrange(len(data))
        size = random_.choice([1, 4, 64, 1024])
        match random_.randrange(7):
            case 0:
                data[at] ^= 1 << random_.randrange(8)
            case 1:
                del data[at : at + size]
            case 2:
                data[at:at] = data[at : at + size]
            case 3:
                data[at : at + size] = random_.randbytes(size)
            case 4:
                data[at : at + 4] = b"\xff\xff\xff\xff"
            case 5:
                del data[max(64, at) :]
            case 6:
                data[at:at] = random_.choice(whole)[:4096]
        if len(data) > 200_000 or not data:
            break
    return bytes(data) or b"\0"


@pytest.fixture
def files(whole: list[bytes], tmp_path: Path) -> Iterator[Path]:
    def make() -> Iterator[Path]:
        for seed in range(VARIANTS):
            path = tmp_path / f"damaged-{seed}.mp4"
            path.write_bytes(damaged(whole, seed))
            yield path
            path.unlink()

    return make()


@pytest.mark.slow
def test_200_damaged_files_are_frames_or_a_sentence_each(files: Iterator[Path]) -> None:
    shown = refused = broken_off = 0
    for path in files:
        try:
            probe(path)
        except NotDecodable as trouble:
            assert_is_a_sentence(str(trouble))
        reel = Reel(path, 32, 18)
        deadline = time.monotonic() + PATIENCE
        while not reel.finished:
            assert time.monotonic() < deadline, f"{path.name} hangs"
            time.sleep(0.002)
        if reel.trouble is not None:
            assert_is_a_sentence(reel.trouble)
        if reel.count:
            shown += 1
            broken_off += reel.trouble is not None
            assert reel.frame(0).pixels.shape[2] == 3
        else:
            refused += 1
            assert reel.trouble is not None, f"{path.name} is neither"
        reel.close()
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("reel ")] == []
    # The damage is of all kinds, or this would prove little.
    assert min(shown, refused) > 40
    assert broken_off > 0
    assert av.logging.get_level() is None


def assert_is_a_sentence(text: str) -> None:
    assert text.endswith(".")
    assert "\n" not in text
    assert clean(text) == text
