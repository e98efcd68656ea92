"""The screen after any deltas is the screen after a full redraw: no cell differs, at any colour depth."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reelroom.tui.media.canvas import Canvas
from reelroom.tui.media.tones import Tones, codes
from reelroom.tui.widgets.shading import nearest
from tests.tui.player.emulator import screen, seen

WIDTH, HEIGHT = 12, 5
Frame = NDArray[np.uint8]


@st.composite
def clips(draw: st.DrawFn) -> list[Frame]:
    """Frames that change a little, in places, or altogether; flat parts and noise."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    frame = random.integers(0, 256, (2 * HEIGHT, WIDTH, 3)).astype(np.uint8)
    frames = [frame]
    for _ in range(draw(st.integers(1, 6))):
        frame = frame.copy()
        match draw(st.sampled_from(["still", "shimmer", "patch", "flat", "cut"])):
            case "shimmer":
                noise = random.integers(-9, 10, frame.shape)
                frame = np.clip(frame.astype(int) + noise, 0, 255).astype(np.uint8)
            case "patch":
                y, x = random.integers(0, 2 * HEIGHT), random.integers(0, WIDTH)
                frame[y : y + 3, x : x + 4] = random.integers(0, 256, 3)
            case "flat":
                frame[:] = random.integers(0, 256, 3)
            case "cut":
                frame = random.integers(0, 256, frame.shape).astype(np.uint8)
        frames.append(frame)
    return frames


@pytest.mark.parametrize("tones", get_args(Tones))
@settings(max_examples=25, deadline=None)
@given(frames=clips(), slack=st.sampled_from([0, 8, 12]), healing=st.booleans())
def test_deltas_end_at_the_screen_of_a_full_redraw(
    tones: Tones, frames: list[Frame], slack: int, *, healing: bool
) -> None:
    canvas, fresh = Canvas(tones), Canvas(tones)
    by_delta, delta = screen(20, 9)
    in_full, full = screen(20, 9)
    for number, frame in enumerate(frames):
        anew = [number % HEIGHT] if healing else []
        delta.feed(b"".join(canvas.draw(frame, (3, 2), slack=slack, anew=anew)))
    delta.feed(b"".join(canvas.draw(frames[-1], (3, 2))))
    full.feed(b"".join(fresh.draw(frames[-1], (3, 2))))
    assert seen(by_delta) == seen(in_full)


@pytest.mark.parametrize("tones", get_args(Tones))
def test_a_frame_that_is_already_shown_costs_nothing(tones: Tones) -> None:
    canvas = Canvas(tones)
    frame = np.random.default_rng(1).integers(0, 256, (10, 12, 3)).astype(np.uint8)
    assert canvas.draw(frame) != []
    assert canvas.draw(frame.copy()) == []


def test_shades_that_are_one_to_the_terminal_are_no_change() -> None:
    canvas = Canvas("256")
    assert canvas.draw(np.full((4, 4, 3), 100, np.uint8)) != []
    assert canvas.draw(np.full((4, 4, 3), 101, np.uint8)) == []


def test_a_pixel_never_strays_further_than_its_slack() -> None:
    """A colour that creeps is followed: it is compared with what was drawn, not with the frame before."""
    canvas, (made, stream) = Canvas("true"), screen(4, 2)
    for level in range(100, 140):
        stream.feed(b"".join(canvas.draw(np.full((4, 4, 3), level, np.uint8), slack=8)))
        shown = int(made.buffer[0][0].bg[:2], 16)
        assert abs(shown - level) <= 8
    assert shown != 100


def test_a_row_that_the_terminal_lost_comes_back_in_its_turn() -> None:
    canvas, (made, stream) = Canvas("true"), screen(12, 5)
    frame = np.random.default_rng(2).integers(0, 256, (10, 12, 3)).astype(np.uint8)
    stream.feed(b"".join(canvas.draw(frame)))
    before = seen(made)
    stream.feed(b"\x1b[3;1H\x1b[0m\x1b[2Ka toast")
    for row in range(5):
        stream.feed(b"".join(canvas.draw(frame, slack=8, anew=[row])))
    assert seen(made) == before


@pytest.mark.parametrize("change", ["size", "place", "invalidated"])
def test_what_nobody_knows_is_drawn_whole(change: str) -> None:
    canvas = Canvas("256")
    frame = np.zeros((10, 12, 3), np.uint8)
    canvas.draw(frame)
    if change == "invalidated":
        canvas.invalidate()
    rows = canvas.draw(frame[:8] if change == "size" else frame, (1, 1) if change == "place" else (0, 0))
    assert len(rows) == (4 if change == "size" else 5)


@given(st.tuples(*[st.integers(0, 63)] * 3))
def test_the_256_colours_are_those_of_posters(levels: tuple[int, int, int]) -> None:
    pixel = [4 * level + 2 for level in levels]
    assert codes(np.array([[pixel]], np.uint8), "256")[0, 0] == nearest(*pixel)


@pytest.mark.parametrize(("tones", "signs"), [("plain", " ░▒▓█"), ("ascii", " .:-=+*#%@")])
def test_without_colours_light_becomes_signs_and_no_colour_is_named(tones: Tones, signs: str) -> None:
    ramp = np.linspace(0, 255, 60).astype(np.uint8)
    frame = np.repeat(np.repeat(ramp[None, :, None], 4, axis=0), 3, axis=2)
    rows = b"".join(Canvas(tones).draw(frame)).decode()
    assert set(signs) <= set(rows)
    assert "38;" not in rows
    assert "48;" not in rows


def test_16_colours_are_four_greys() -> None:
    ramp = np.linspace(0, 255, 60).astype(np.uint8)
    frame = np.repeat(np.repeat(ramp[None, :, None], 4, axis=0), 3, axis=2)
    assert set(codes(frame, "16").ravel().tolist()) == {0, 8, 7, 15}
