import io
import json
import random
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import PIL.Image
import pytest

from reelroom.tui.media.decode import probe
from reelroom.tui.media.errors import MissingPoster, NotDecodable, PosterError
from reelroom.tui.media.posters import Posters, load_poster, make_poster, poster_path

GROUND = (10, 20, 30)
MEDIA = "0192f0c1-0000-7000-8000-00000000abcd"

Frame = Callable[[int, int, int], "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]"]


def stripes(number: int, width: int, height: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """Black at first, then more and more striking."""
    light = min(255, number * 30)
    picture = np.zeros((height, width, 3), dtype=np.uint8)
    picture[:, ::2] = (light, light // 2, 0)
    picture[:, : width // 2] = np.minimum(picture[:, : width // 2], 90)
    return picture


def red(_number: int, width: int, height: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    return np.full((height, width, 3), (220, 30, 30), dtype=np.uint8)


def film(
    path: Path, frame: Frame, *, width: int = 160, height: int = 90, frames: int = 24, codec: str = "libx264"
) -> Path:
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=24)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            picture = av.VideoFrame.from_ndarray(frame(number, width, height), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


def test_a_poster_is_a_small_jpeg_under_a_dot_folder(tmp_path: Path) -> None:
    clip = film(tmp_path / "a.mp4", stripes, width=640, height=360)
    poster = make_poster(clip, tmp_path / "cache", MEDIA)
    assert poster == tmp_path / "cache" / ".posters" / f"{MEDIA}.jpg"
    assert [file.name for file in poster.parent.iterdir()] == [poster.name]
    with PIL.Image.open(poster) as image:
        assert (image.format, image.size) == ("JPEG", (320, 180))


def test_a_black_beginning_is_passed_over(tmp_path: Path) -> None:
    clip = film(
        tmp_path / "a.mp4", lambda n, w, h: np.zeros((h, w, 3), np.uint8) if n < 8 else stripes(n, w, h)
    )
    make_poster(clip, tmp_path, MEDIA)
    picture = load_poster(poster_path(tmp_path, MEDIA), 16, 5)
    assert max(picture.rgb) > 100


@pytest.mark.parametrize(("cells", "size"), [((25, 7), 1050), ((28, 8), 1344), ((18, 5), 540), ((7, 2), 84)])
def test_a_wide_clip_fills_its_cells(tmp_path: Path, cells: tuple[int, int], size: int) -> None:
    poster = make_poster(film(tmp_path / "a.mp4", red), tmp_path, MEDIA)
    picture = load_poster(poster, *cells, GROUND)
    assert (picture.width, picture.height, len(picture.rgb)) == (cells[0], 2 * cells[1], size)
    assert min(picture.rgb[::3]) > 180


@pytest.mark.parametrize(("width", "height"), [(90, 160), (96, 96), (240, 60)])
def test_another_shape_is_fitted_whole_between_bars(tmp_path: Path, width: int, height: int) -> None:
    poster = make_poster(film(tmp_path / "a.mp4", red, width=width, height=height), tmp_path, MEDIA)
    picture = load_poster(poster, 32, 9, GROUND)
    pixels = np.frombuffer(picture.rgb, np.uint8).reshape(18, 32, 3)
    assert tuple(pixels[0, 0]) == GROUND
    assert tuple(pixels[-1, -1]) == GROUND
    inside = pixels[:, :, 0] > 150
    across, down = inside.any(0).sum(), inside.any(1).sum()
    assert abs(across / down - width / height) / (width / height) < 0.2


def test_a_poster_that_was_not_made_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingPoster):
        load_poster(tmp_path / "none.jpg", 25, 7)


def test_a_damaged_poster_is_made_again(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4", red)
    posters = Posters(tmp_path, tmp_path / "cache")
    kept = posters.make(MEDIA, "a.mp4")
    kept.write_bytes(kept.read_bytes()[:40])
    with pytest.raises(PosterError, match="damaged"):
        load_poster(kept, 25, 7)
    assert posters.picture(MEDIA, "a.mp4", 25, 7, GROUND).rgb[0] > 150
    posters.forget(MEDIA)
    assert not kept.exists()


def test_many_who_ask_at_once_get_the_same_poster(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4", stripes)
    posters = Posters(tmp_path, tmp_path / "cache")
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(posters.picture(MEDIA, "a.mp4", 25, 7, GROUND).rgb))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    assert [file.name for file in (tmp_path / "cache" / ".posters").iterdir()] == [f"{MEDIA}.jpg"]


@pytest.mark.parametrize("name", ["../up", "", ".hidden", "a/b", "a\0b", "x" * 65])
def test_an_id_that_is_a_path_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PosterError):
        poster_path(tmp_path, name)


def test_a_cache_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    clip = film(tmp_path / "a.mp4", red)
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(PosterError, match="could not be kept"):
        make_poster(clip, tmp_path / "cache", MEDIA)


def test_webm_is_probed_where_the_header_reader_knows_only_mp4(tmp_path: Path) -> None:
    facts = probe(film(tmp_path / "a.webm", red, codec="libvpx-vp9"))
    assert (facts.width, facts.height, facts.codec, facts.fps, facts.has_audio) == (
        160,
        90,
        "vp9",
        24.0,
        False,
    )
    assert facts.duration == pytest.approx(1.0, abs=0.1)


def wav() -> bytes:
    samples = bytes(2 * 800)
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    body = head + b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


def giant_png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 9000, 9000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", bytes(5000), wav(), giant_png()],
    ids=["empty", "text", "zeros", "sound", "giant"],
)
def test_what_holds_no_picture_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.mp4"
    file.write_bytes(content)
    with pytest.raises(NotDecodable, match=r"a\.mp4|no whole picture"):
        make_poster(file, tmp_path, MEDIA)
    assert list(tmp_path.glob(".posters/*")) == []


def test_a_file_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotDecodable, match="not where it was saved"):
        make_poster(tmp_path / "gone.mp4", tmp_path, MEDIA)


def damaged(whole: bytes, count: int) -> Iterator[bytes]:
    pick = random.Random(20261122)
    for _ in range(count):
        data = bytearray(whole)
        at = pick.randrange(len(data))
        match pick.randrange(4):
            case 0:
                del data[at:]
            case 1:
                for _ in range(pick.randrange(1, 60)):
                    data[pick.randrange(len(data))] = pick.randrange(256)
            case 2:
                data[at : at + 400] = pick.randbytes(400)
            case _:
                del data[at : at + pick.randrange(1, 2000)]
        yield bytes(data)


@pytest.mark.parametrize("suffix", ["mp4", "webm"])
def test_damaged_clips_end_in_time_and_in_words(tmp_path: Path, suffix: str) -> None:
    codec = {"mp4": "libx264", "webm": "libvpx-vp9"}[suffix]
    whole = film(tmp_path / f"whole.{suffix}", stripes, codec=codec).read_bytes()
    file = tmp_path / f"a.{suffix}"
    made = refused = 0
    for data in damaged(whole, 30):
        file.write_bytes(data)
        began = time.monotonic()
        try:
            make_poster(file, tmp_path, MEDIA)
            made += 1
        except PosterError:
            refused += 1
        assert time.monotonic() - began < 5
    assert made
    assert refused


def test_no_level_is_ever_set_on_the_decoders_log(tmp_path: Path, clip: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(clip)
    make_poster(tmp_path / "a.mp4", tmp_path, MEDIA)
    assert av.logging.get_level() is None


def test_nothing_heavy_is_loaded_before_the_first_poster() -> None:
    code = (
        "import sys, json, reelroom.tui.media.posters, reelroom.tui.widgets.media_panel;"
        "print(json.dumps([name for name in ('av', 'numpy', 'PIL') if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.load(io.StringIO(done.stdout)) == []
