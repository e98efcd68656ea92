"""`reelroom play` on a pty: what is drawn, what is typed, and how the terminal is left."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.moving import write_moving
from tests.terminal import Terminal, terminal
from tests.tui.player.emulator import screen, seen

PROGRAM = str(Path(sys.executable).with_name("reelroom"))
FRAMES = 72
HIGH = 14
"""Lines of the window: a small picture, as the emulator is slow."""
FRAME = re.compile(r"frame +(\d+) of (\d+)")
Play = Callable[..., AbstractContextManager[Terminal]]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("play") / "A red fox.mp4"
    write_moving(path, width=320, height=180, frames=FRAMES)
    return path


@pytest.fixture
def play(clip: Path, tmp_path: Path) -> Play:
    def start(*words: str, environ: dict[str, str] | None = None, **how: object) -> Iterator[Terminal]:
        home = {"REELROOM_HOME": str(tmp_path / "home")} | (environ or {})
        given = {"size": (80, HIGH), **how}
        return terminal([PROGRAM, "play", str(clip), *words], home, **given)  # type: ignore[arg-type, return-value]

    return start  # type: ignore[return-value]


def frame(shown: Terminal) -> int:
    found = FRAME.search(shown.text)
    return int(found[1]) if found else 0


def still(shown: Terminal) -> None:
    """Pause, and wait until nothing more comes."""
    shown.wait("playing")
    shown.key("space")
    shown.wait("paused")
    shown.settle()
    shown.settle()


def picture(shown: Terminal) -> object:
    """The cells of everything drawn so far, from the second line to the ruler."""
    made, stream = screen(80, HIGH)
    stream.feed(re.sub(rb"\x1b\[\?[0-9;]+[hl]|\x1b\[5n", b"", bytes(shown.raw)))
    return seen(made)[1 : HIGH - 4]


def test_a_clip_plays_pauses_steps_and_is_left(play: Play) -> None:
    with play() as shown:
        shown.wait("A red fox", "320×180 · 24 fps", "playing", "sound is not played", "fps")
        shown.until(lambda: frame(shown) > 10, "frames")
        still(shown)
        at = frame(shown)
        shown.key("right", "right", "left")
        shown.until(lambda: frame(shown) == at + 1, "one frame further")
        shown.key("q")
        assert shown.ends() == 0
        assert shown.restored


def test_while_paused_not_a_byte_is_written(play: Play) -> None:
    with play() as shown:
        still(shown)
        before = len(shown.raw)
        time.sleep(1.5)
        shown.settle()
        assert len(shown.raw) == before
        shown.key("q")
        assert shown.ends() == 0


@pytest.mark.parametrize("colours", [{"COLORTERM": "truecolor"}, {"COLORTERM": "", "TERM": "xterm-256color"}])
def test_after_playing_the_still_is_what_a_full_redraw_shows(play: Play, colours: dict[str, str]) -> None:
    with play("--loop", environ=colours) as shown:
        shown.wait("playing")
        shown.until(lambda: frame(shown) > 20, "frames")
        still(shown)
        by_deltas = picture(shown)
        # Another size and back: everything is drawn anew.
        shown.resize(100, 20)
        shown.until(lambda: len(shown.rows[18].strip()) > 0, "the larger picture")
        shown.settle()
        shown.resize(80, HIGH)
        shown.until(lambda: "paused" in shown.rows[HIGH - 2], "the old size")
        time.sleep(0.6)
        shown.settle()
        shown.settle()
        assert picture(shown) == by_deltas
        shown.key("q")
        assert shown.ends() == 0


def test_marks_make_a_part_that_loops(play: Play) -> None:
    with play("--loop") as shown:
        still(shown)
        shown.key("home", "]", "i", "]", "o")
        shown.send(b" ")
        shown.wait("part 1.0 s", "loop")
        frames = set()

        def twice() -> bool:
            frames.add(frame(shown))
            return len(frames) > 15

        shown.until(twice, "many frames")
        shown.key("q")
        assert shown.ends() == 0
    assert min(frames) >= 24
    assert max(frames) <= 50


def test_at_the_end_it_stays_on_the_last_frame(play: Play) -> None:
    with play("--speed", "8") as shown:
        shown.wait(f"frame {FRAMES} of {FRAMES}", "paused")
        shown.key("escape")
        assert shown.ends() == 0


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_a_signal_leaves_the_terminal_as_it_was(play: Play, number: signal.Signals, code: int) -> None:
    with play("--loop") as shown:
        shown.wait("playing")
        shown.signal(number)
        assert shown.ends() == code
        assert shown.restored


def test_a_closed_window_ends_it(play: Play) -> None:
    with play("--loop") as shown:
        shown.wait("playing")
        shown.close()
        assert shown.ends() != 0


def test_it_goes_on_while_somebody_looks_away_only_after_they_are_back(play: Play) -> None:
    with play("--loop") as shown:
        shown.wait("playing")
        shown.send(b"\x1b[O")
        shown.wait("paused")
        shown.send(b"\x1b[I")
        shown.wait("playing")
        shown.key("q")
        assert shown.ends() == 0


@pytest.mark.parametrize("size", [(24, 6), (40, 12), (60, 20), (200, 60), (20, 4)])
def test_any_size_can_be_had_at_any_time(play: Play, size: tuple[int, int]) -> None:
    with play("--loop") as shown:
        shown.wait("playing")
        shown.resize(*size)
        shown.until(lambda: ("needed" if size == (20, 4) else "pla") in shown.text, "the new size")
        shown.resize(80, HIGH)
        shown.until(lambda: "playing" in shown.rows[HIGH - 2], "the old size")
        shown.key("ctrl+c")
        assert shown.ends() == 0
        assert shown.restored


@pytest.mark.parametrize(
    ("environ", "sign"),
    [
        ({"NO_COLOR": "1"}, re.compile("[░▒▓]")),
        ({"LC_ALL": "C", "NO_COLOR": "1"}, re.compile(r"[-+*#]{3}")),
        ({"TERM": "xterm", "COLORTERM": ""}, re.compile("▀|▄")),
    ],
)
def test_few_colours_or_none_show_a_picture_too(
    play: Play, environ: dict[str, str], sign: re.Pattern[str]
) -> None:
    with play(environ=environ) as shown:
        shown.until(lambda: any(sign.search(row) for row in shown.rows[2:9]), "a picture")
        still(shown)
        shown.key("q")
        assert shown.ends() == 0
    assert b"38;2" not in shown.raw
    assert b"38;5" not in shown.raw


@pytest.mark.parametrize("speed", [50_000, 200_000, 1_000_000])
def test_on_a_slow_link_keys_are_answered_and_the_rate_adapts(play: Play, speed: int) -> None:
    with play("--loop", speed=speed) as shown:
        if speed < 100_000:
            shown.wait("The link is slow: step by step", "paused")
        else:
            shown.until(lambda: frame(shown) > 24, "frames")
        shown.send(b"l")
        shown.until(lambda: "loop" not in shown.rows[0], "an answer")
        shown.send(b"q")
        assert shown.ends() == 0
        assert shown.restored


def test_a_terminal_that_answers_nothing_is_played_to_as_well(play: Play) -> None:
    with play("--loop", answers=False) as shown:
        shown.until(lambda: frame(shown) > 12, "frames")
        shown.key("q")
        assert shown.ends() == 0
        assert shown.restored


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "A clip plays on a terminal, and there is none here."),
        (["--speed", "0"], "it is a number from 0.1 to 8"),
        (["--fps", "x"], "it is a number from 1 to 60"),
    ],
)
def test_without_a_terminal_or_with_a_wrong_word_it_says_so(
    clip: Path, tmp_path: Path, words: list[str], sentence: str
) -> None:
    ran = subprocess.run(
        [PROGRAM, "play", str(clip), *words],
        env={"REELROOM_HOME": str(tmp_path), "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert ran.returncode == 2
    assert sentence in ran.stderr
    assert ran.stdout == ""


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nothing-1234", "no clips yet"),
        ("folder", "is not a file"),
        ("notes.mp4", "No picture could be read"),
    ],
)
def test_what_is_no_clip_is_a_sentence(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "notes.mp4").write_text("no clip")
    given = name if name == "nothing-1234" else str(tmp_path / name)
    with terminal([PROGRAM, "play", given], {"REELROOM_HOME": str(tmp_path)}, size=(80, 24)) as shown:
        assert shown.ends() == 2
        assert sentence in " ".join(shown.text.split())
        assert b"1049h" not in shown.raw


def test_the_emulator_sees_colours_and_not_signs() -> None:

    made, stream = screen(2, 1)
    stream.feed("\x1b[38;2;1;2;3;48;2;4;5;6m▀".encode())
    stream.feed("\x1b[38;2;4;5;6;48;2;1;2;3m▄".encode())
    assert seen(made)[0][0] == seen(made)[0][1]
