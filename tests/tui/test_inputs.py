from pathlib import Path

import av
import numpy as np
import pytest

from reelroom.fal.errors import BadValue
from reelroom.fal.schema import Shape
from reelroom.fal.upload_values import Source
from reelroom.tui.inputs import InputFile, check, look_at


def of_type(kind: str, **facts: float) -> InputFile:
    return InputFile(Source(Path("x.bin"), 5_000_000, 0, "", kind), **facts)  # type: ignore[arg-type]


def refusal(file: InputFile, upload: str, **limits: float) -> str:
    with pytest.raises(BadValue) as caught:
        check(file, "M", "f", Shape(type="string", upload=upload, limits=limits))  # type: ignore[arg-type]
    assert caught.value.field == "f"
    return str(caught.value)


def test_a_clip_is_looked_at_with_its_size_length_and_rate(tmp_path: Path) -> None:
    path = tmp_path / "clip"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=8)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(8):
            picture = np.zeros((48, 64, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    file = look_at(path)
    assert (file.kind, file.width, file.height, file.duration, file.fps) == ("video", 64, 48, 1.0, 8.0)
    assert refusal(file, "video", min_duration=3, max_duration=10) == (
        "f: clip has a length of 1 s; M takes 3 s to 10 s"
    )
    assert refusal(file, "video", min_fps=24) == "f: clip has a frame rate of 8; M takes 24 at least"
    assert "an area of 3,072 pixels; M takes 10,000 pixels at least" in refusal(
        file, "video", min_area=10_000
    )


@pytest.mark.parametrize(
    ("upload", "kind", "fits"),
    [
        ("image", "image/png", True),
        ("image", "video/mp4", False),
        ("video", "video/webm", True),
        ("video", "image/gif", True),
        ("video", "image/png", False),
        ("audio", "audio/wav", True),
        ("audio", "video/mp4", False),
        ("audio", "application/octet-stream", False),
        ("file", "application/octet-stream", True),
        ("file", "application/zip", True),
    ],
)
def test_a_field_takes_files_of_its_kind(upload: str, kind: str, fits: bool) -> None:
    if fits:
        check(of_type(kind), "M", "f", Shape(type="string", upload=upload))  # type: ignore[arg-type]
    else:
        assert "M takes a" in refusal(of_type(kind), upload)


def test_a_field_that_takes_no_upload_takes_no_file() -> None:
    with pytest.raises(BadValue, match="takes no file"):
        check(of_type("image/png"), "M", "f", Shape(type="string"))


def test_what_a_file_does_not_say_is_left_to_fal() -> None:
    limits = {"min_width": 300, "max_duration": 5, "min_aspect_ratio": 0.4, "min_fps": 24}
    check(of_type("image/heic"), "M", "f", Shape(type="string", upload="image", limits=limits))


def test_a_limit_is_not_broken_by_a_rounding() -> None:
    shape = Shape(type="string", upload="image", limits={"max_aspect_ratio": 2.5})
    check(of_type("image/png", width=1001, height=400), "M", "f", shape)
    assert "2.6" in refusal(of_type("image/png", width=1040, height=400), "image", max_aspect_ratio=2.5)
