import threading
import time
from pathlib import Path

import av
import numpy as np
import pytest

from reelroom.tui.media.reel import Reel, stretched
from tests.moving import write_moving

FRAMES = 36


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reel") / "moving.mp4"
    write_moving(path, width=320, height=180, frames=FRAMES)
    return path


def finish(reel: Reel) -> Reel:
    deadline = time.monotonic() + 30
    while not reel.finished:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return reel


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("reel ")}


def test_a_clip_is_decoded_once_to_frames_that_fit_whole(clip: Path) -> None:
    reel = Reel(clip, 80, 44)
    try:
        assert reel.wait(20)
        finish(reel)
        assert reel.count == FRAMES
        assert reel.frame(0).pixels.shape == (44, 78, 3)
        assert [reel.frame(index).number for index in range(FRAMES)] == list(range(FRAMES))
        assert reel.index_at(10 / 24) == 10
        assert reel.index_at(10 / 24 + 0.02) == 10
        assert reel.index_at(99) == FRAMES - 1
        assert reel.trouble is None
    finally:
        reel.close()


def test_a_webm_and_an_upright_clip_are_shown_whole(tmp_path: Path) -> None:
    path = tmp_path / "upright.webm"
    write_moving(path, width=90, height=160, frames=6, codec="libvpx-vp9")
    reel = finish(Reel(path, 80, 44))
    assert reel.count == 6
    assert reel.frame(0).pixels.shape == (44, 25, 3)
    reel.close()


def test_what_is_held_stays_within_its_limit_and_the_whole_clip_in_reach(clip: Path) -> None:
    limit = 80 * 44 * 3 * 10
    reel = finish(Reel(clip, 80, 44, limit=limit))
    assert reel.held <= limit
    assert reel.every == 4
    assert [reel.frame(index).number for index in range(reel.count)] == list(range(0, FRAMES, 4))
    assert reel.frame(reel.index_at(20 / 24)).number == 20
    reel.close()


def test_closing_in_the_middle_of_decoding_leaves_no_thread(tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    write_moving(path, width=160, height=90, frames=600)
    reel = Reel(path, 320, 180)
    assert reel.wait(20)
    assert not reel.finished
    reel.close()
    assert threads() == set()
    assert reel.held == 0


def test_frames_stay_for_who_still_shows_them(clip: Path) -> None:
    reel = finish(Reel(clip, 80, 44))
    half = reel.held // 2
    reel.close(keep=half)
    assert 0 < reel.held <= half
    assert reel.count == FRAMES // 2


def test_a_file_that_is_no_clip_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("not a clip")
    reel = Reel(path, 80, 44)
    assert not reel.wait(20)
    assert reel.trouble == "No picture could be read from notes.mp4."
    reel.close()


def test_a_clip_without_rate_or_length_has_times_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "raw.h264"
    with av.open(str(path), "w", format="h264") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for shade in range(5):
            picture = np.full((36, 64, 3), 40 * shade, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    reel = finish(Reel(path, 64, 36))
    times = [reel.frame(index).time for index in range(reel.count)]
    assert len(times) == 5
    assert times == sorted(set(times))
    reel.close()


def test_old_frames_fill_a_new_size_in_their_own_shape() -> None:
    pixels = np.arange(4 * 8 * 3, dtype=np.uint8).reshape(4, 8, 3)
    assert stretched(pixels, 20, 20).shape == (10, 20, 3)
    assert stretched(pixels, 4, 20).shape == (2, 4, 3)
    assert (stretched(pixels, 8, 4) == pixels).all()
