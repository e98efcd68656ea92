import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from reelroom.store.ids import new_id
from reelroom.store.records import Job, Media

START = 1_760_000_000.0


@pytest.fixture
def clock() -> Callable[[], float]:
    """Each look at it is a second later."""
    ticks = itertools.count(START)
    return lambda: float(next(ticks))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "library.db"


@pytest.fixture
def new_job() -> Callable[..., Job]:
    def make(**fields: object) -> Job:
        at = START
        given = {
            "id": new_id(at),
            "origin": "sandbox",
            "endpoint": "fal-ai/veo3",
            "model": "Veo 3",
            "prompt": "a red fox crosses a frozen lake",
            "input": "{}",
            "created_at": at,
            "state_since": at,
        }
        return Job(**(given | fields))

    return make


@pytest.fixture
def new_clip() -> Callable[..., Media]:
    numbers: Iterator[int] = itertools.count()

    def make(job: Job | None = None, **fields: object) -> Media:
        number = next(numbers)
        given = {
            "id": new_id(START + number),
            "job_id": job.id if job else None,
            "position": 0,
            "origin": "sandbox",
            "kind": "video",
            "path": f"20251009-fox-{number:08x}.mp4",
            "sha256": "0" * 64,
            "bytes": 1000,
            "created_at": START + number,
            "prompt": "a red fox",
            "model": "Veo 3",
            "endpoint": "fal-ai/veo3",
        }
        return Media(**(given | fields))

    return make


def rendered(folder: Path, form: str, codec: str, **options: str) -> bytes:
    """A real clip of eight frames."""
    file = folder / "clip"
    with av.open(str(file), "w", format=form, options=options) as container:
        stream = container.add_stream(codec, rate=8)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for shade in range(8):
            picture = np.full((48, 64, 3), shade * 30, dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return file.read_bytes()


@pytest.fixture(scope="session")
def mp4(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return rendered(tmp_path_factory.mktemp("clip"), "mp4", "mpeg4")


@pytest.fixture(scope="session")
def fast_start_mp4(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return rendered(tmp_path_factory.mktemp("clip"), "mp4", "mpeg4", movflags="faststart")


@pytest.fixture(scope="session")
def fragmented_mp4(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return rendered(tmp_path_factory.mktemp("clip"), "mp4", "mpeg4", movflags="frag_keyframe+empty_moov")


@pytest.fixture(scope="session")
def webm(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return rendered(tmp_path_factory.mktemp("clip"), "webm", "libvpx")
