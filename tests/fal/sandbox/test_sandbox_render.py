import itertools
import threading
import time
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from reelroom.fal.sandbox.clip import Clip, clip_of
from reelroom.fal.sandbox.lettering import lettering
from reelroom.fal.sandbox.moods import look
from reelroom.fal.sandbox.render import Stopped, render
from reelroom.fal.sandbox.scene import Scene

from .conftest import TEXT

PROMPTS = [
    "a red fox crosses a frozen lake",
    "lighthouse in a storm",
    "neon street, rain at midnight",
    "caravan over the dunes at dawn",
    "pine forest, morning mist",
    "first light on the summit",
    "northern lights over a village",
    "a slow orbit around a clay pot",
]


def small(**input_: object) -> Clip:
    return clip_of(TEXT, {"prompt": "a cat", "resolution": "144p", "duration": 1} | input_)


def made(clip: Clip, path: Path) -> bytes:
    render(clip, path, threading.Event())
    return path.read_bytes()


def pictures(path: Path) -> list[NDArray[np.int16]]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24").astype(np.int16) for frame in container.decode(video=0)]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    first = made(small(seed=4), tmp_path / "a.mp4")
    time.sleep(1.1)  # a time stamp in the file would differ
    assert made(small(seed=4), tmp_path / "b.mp4") == first


@pytest.mark.parametrize("change", [{"prompt": "a dog"}, {"seed": 5}, {"resolution": "160p"}])
def test_another_input_gives_another_clip(tmp_path: Path, change: dict[str, object]) -> None:
    first, other = small(seed=4), small(**{"seed": 4} | change)
    assert first.digest != other.digest
    assert made(first, tmp_path / "a.mp4") != made(other, tmp_path / "b.mp4")


def test_pictures_move_all_the_time(tmp_path: Path) -> None:
    made(small(), tmp_path / "a.mp4")
    frames = pictures(tmp_path / "a.mp4")
    assert len(frames) == 24
    assert all(np.any(a != b) for a, b in itertools.pairwise(frames))
    assert np.abs(frames[-1] - frames[0]).mean() > 2


def test_different_prompts_look_different_even_at_poster_size() -> None:
    posters = []
    for prompt in PROMPTS:
        picture = Scene(look(prompt, TEXT, None), 240, 140, 5.0).picture(0.1)
        posters.append(picture.reshape(14, 10, 24, 10, 3).mean(axis=(1, 3)))
    for index, one in enumerate(posters):
        assert one.std() > 20
        assert all(np.abs(one - other).mean() > 12 for other in posters[:index])


def test_one_prompt_looks_different_on_each_model() -> None:
    looks = {look("a cat", model, None) for model in ("a/b", "a/c", "d/e")}
    assert len(looks) == 3


def test_every_clip_bears_the_word_sandbox_and_its_prompt(tmp_path: Path) -> None:
    clip = clip_of(TEXT, {"prompt": "a cat", "resolution": "360p", "duration": 1})
    made(clip, tmp_path / "a.mp4")
    frame = pictures(tmp_path / "a.mp4")[0]
    badge = frame[10:40, -110:-10].reshape(-1, 3)
    amber = np.abs(badge - (236, 184, 92)).max(axis=1) < 40
    assert amber.mean() > 0.25
    assert (frame[-90:, 15:90].min(axis=2) > 200).any()


@pytest.mark.parametrize("prompt", ["word " * 600, "W" * 3000, "\u0301" * 50, "ไทย 中文 🦊", ""])
def test_any_prompt_fits_into_any_picture(prompt: str) -> None:
    for shape in ("16:9", "9:16", "1:4", "21:9"):
        clip = small(prompt=prompt, aspect_ratio=shape)
        for patches in lettering(clip):
            for patch in patches:
                assert patch.light.shape == patch.through.shape


def test_rendering_stops_soon_after_it_is_told_to(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        render(small(duration=30), tmp_path / "a.mp4", stop)


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({}, (1280, 720, 120)),
        ({"duration": "10", "resolution": "1080p"}, (1920, 1080, 240)),
        ({"duration": "8s", "resolution": "4k", "aspect_ratio": "9:16"}, (2160, 3840, 192)),
        ({"duration": 6, "resolution": "512P"}, (910, 512, 144)),
        ({"resolution": "2160p", "aspect_ratio": "1:1"}, (2160, 2160, 120)),
        ({"aspect_ratio": "21:9"}, (1680, 720, 120)),
        ({"aspect_ratio": "auto", "resolution": "auto", "duration": None}, (1280, 720, 120)),
        ({"aspect_ratio": "0:9", "resolution": "99999p", "duration": "0"}, (3840, 2160, 24)),
        ({"aspect_ratio": [1], "resolution": {}, "duration": "-5"}, (1280, 720, 120)),
    ],
)
def test_sizes_and_lengths_are_read_as_models_write_them(
    asked: dict[str, object], size: tuple[int, int, int]
) -> None:
    clip = clip_of(TEXT, {"prompt": "x"} | asked)
    assert (clip.width, clip.height, clip.frames) == size


def test_large_clips_repeat_pictures_and_the_largest_have_fewer_frames() -> None:
    assert small().hold == 1
    usual = clip_of(TEXT, {"resolution": "4k", "duration": 8})
    longest = clip_of(TEXT, {"resolution": "4k", "duration": 30})
    assert (usual.fps, usual.hold > 1) == (24, True)
    assert longest.frames / longest.fps == 30
    assert longest.fps < 24


def test_a_usual_clip_costs_little(tmp_path: Path) -> None:
    began = time.thread_time()
    made(clip_of(TEXT, {"prompt": PROMPTS[2]}), tmp_path / "a.mp4")
    assert time.thread_time() - began < 5


def test_the_library_never_logs_from_its_threads() -> None:
    assert av.logging.get_level() is None
