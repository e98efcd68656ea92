"""The real program on a real pty: what a person types, what the terminal shows, what is left behind."""

import base64
import json
import re
import signal
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.faults.outside import snapshot
from tests.faults.program import Program, Sandbox, sandbox
from tests.terminal import Terminal, terminal

QUICK = {"queue_s": 0.1, "run_s": 0.3}
ENDLESS = {"queue_s": 0.1, "run_s": 600.0}
MODELS = ("fal-ai/pixverse/v6/text-to-video", "fal-ai/vidu/q3/text-to-video")
COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d|10[0-7])(?:;\d+)*m")

Opens = Callable[..., AbstractContextManager[Terminal]]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox for all, which renders equal clips once."""
    with sandbox(tmp_path_factory.mktemp("sandbox")) as served:
        yield served


@pytest.fixture(autouse=True)
def quick(place: Sandbox) -> None:
    place.pace(**QUICK)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def studio(home: Path, place: Sandbox) -> Opens:
    """Opens the studio on this test's home."""

    def opens(
        *,
        size: tuple[int, int] = (120, 40),
        answers: bool = True,
        own_sandbox: bool = False,
        **more: str,
    ) -> AbstractContextManager[Terminal]:
        program = Program()
        environ = program.environment(home, None if own_sandbox else place.base) | more
        return terminal(program.command, environ, size=size, answers=answers)

    return opens


def fill(home: Path, place: Sandbox, prompt: str = "a heron in the rain") -> None:
    """Two short clips in the library, made by the command."""
    models = [word for model in MODELS for word in ("-m", model)]
    small = ("--set", "duration=1", "--set", "resolution=720p", "--seed", "7")
    code, _ = Program().run(home, place.base, "generate", prompt, *models, *small, "--json")
    assert code == 0


def send_one(screen: Terminal, prompt: str) -> None:
    """Type a prompt, tick a model, and generate."""
    screen.wait("Vidu Q3")
    screen.type(prompt)
    screen.click_on("[ ] Vidu Q3")
    screen.wait("1 clip, 1 model")
    screen.key("ctrl+j")
    screen.wait("Sent to 1 model.")


def counted(place: Sandbox, prompt: str) -> list[tuple[int, int]]:
    """The POSTs of each request with this prompt, and the downloads of it that went on where they stood."""
    report = place.http.get(f"{place.base}/sandbox/ledger").json()
    return [
        (entry["posts"], entry["downloads"]["resumed"])
        for entry in report["submits"]
        if entry["input"].get("prompt") == prompt
    ]


def finished(place: Sandbox, home: Path) -> list[dict[str, object]]:
    _, clips = Program().run(home, place.base, "media", "--json")
    return clips


def after_the_screen(screen: Terminal) -> str:
    """What was written once the terminal had its own screen back."""
    return bytes(screen.raw).rpartition(b"\x1b[?1049l")[2].decode()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_first_run_brings_both_clips_and_a_restart_finds_everything_in_place(
    studio: Opens, home: Path, place: Sandbox
) -> None:
    with studio(TMUX="/tmp/tmux-1/default,1,0") as screen:
        screen.wait("Reelroom", "SANDBOX", "No jobs yet.", "No clips yet.", "What happens in the clip?")
        screen.type("a red fox crosses a frozen lake")
        screen.click_on("[ ] PixVerse V6")
        screen.click_on("[ ] Vidu Q3")
        screen.wait("2 clips, 2 models", "Generate 2 clips", "nothing is charged")

        screen.key("ctrl+j")
        screen.wait("Sent to 2 models.", "What happens in the clip?")
        screen.wait("2 saved today", "2 clips · newest first", patience=60)

        screen.go_to("Media")
        screen.key("enter")
        screen.wait("Saved as", "whole file, sha256", "1280×720", "5.0 s")
        screen.key("y")
        screen.wait("Sent the path to the terminal's clipboard:")
        paths = {clip["path"] for clip in finished(place, home)}
        assert {base64.b64decode(text).decode() for text in screen.copied} <= paths
        assert b"\x1bPtmux;\x1b\x1b]52;c;" + screen.copied[0] in bytes(screen.raw)

        screen.key("d")
        screen.wait("Moved to trash. u puts it back.", "1 clip · newest first")
        assert len(finished(place, home)) == 1
        screen.key("u")
        screen.wait("Put back.", "2 clips · newest first")

        screen.go_to("Compose")
        screen.type("a second wish")
        screen.wait("13 of")
        screen.key("ctrl+q")
        assert screen.ends() == 0
        assert screen.restored

    with studio() as screen:
        screen.wait("a second wish", "[x] PixVerse V6", "[x] Vidu Q3", "Generate 2 clips")
        screen.wait("2 saved today", "2 clips · newest first")
        screen.key("ctrl+q")
        assert screen.ends() == 0
    assert len(finished(place, home)) == 2


def test_the_first_letters_are_heard_while_the_library_is_still_being_opened(studio: Opens) -> None:
    with studio() as screen:
        screen.wait("What happens in the clip?")
        screen.send(b"kept from before")
        screen.wait("16 letters")
        screen.key("ctrl+q")
        assert screen.ends() == 0
    with studio() as screen:
        screen.until(lambda: 1049 in screen.modes, "the alternate screen")
        screen.send(b"typed early")
        screen.wait("kept from before", "typed early")
        screen.key("ctrl+q")
        assert screen.ends() == 0


def test_a_hangup_in_a_download_loses_nothing_and_the_clip_is_there_after_a_restart(
    studio: Opens, home: Path, place: Sandbox
) -> None:
    place.pace(**QUICK, media_bytes_per_s=200_000.0)
    with studio() as screen:
        send_one(screen, "a hangup in the rain")
        screen.wait("saving", " of ", "kB/s", patience=60)
        screen.signal(signal.SIGHUP)
        screen.ends()
        assert screen.restored
    left = snapshot(home)
    assert left.states == ["downloading"]
    assert [name for name in left.files if name.endswith(".part") and left.files[name] > 0]

    place.pace(**QUICK)
    with studio() as screen:
        screen.wait("1 saved today", "1 clip · newest first", patience=60)
        screen.key("ctrl+q")
        assert screen.ends() == 0
    assert counted(place, "a hangup in the rain") == [(1, 1)]
    assert [Path(str(clip["path"])).exists() for clip in finished(place, home)] == [True]


def test_being_told_to_end_leaves_the_terminal_as_it_was_and_keeps_the_draft(studio: Opens) -> None:
    with studio() as screen:
        screen.wait("What happens in the clip?")
        screen.type("half a thou")
        screen.wait("11 letters")
        screen.signal(signal.SIGTERM)
        screen.ends()
        assert screen.restored
    with studio() as screen:
        screen.wait("half a thou", "11 letters")


def test_a_closed_window_ends_the_program_and_its_own_sandbox(studio: Opens, home: Path) -> None:
    with studio(own_sandbox=True) as screen:
        send_one(screen, "nobody is looking")
        screen.wait("queued")
        started = children(screen.pid)
        assert len(started) == 1
        screen.close()
        screen.ends()
        deadline = time.monotonic() + 10
        while any(Path(f"/proc/{child}").exists() for child in started):
            assert time.monotonic() < deadline, "its sandbox is still there"
            time.sleep(0.02)
    left = snapshot(home)
    assert left.integrity == "ok"
    assert [job.request_id is not None for job in left.jobs] == [True]
    assert left.states[0] in {"queued", "running"}


def test_leaving_with_a_job_running_says_that_it_goes_on_and_cancels_nothing(
    studio: Opens, home: Path, place: Sandbox
) -> None:
    place.pace(**ENDLESS)
    with studio() as screen:
        send_one(screen, "a very long night")
        screen.wait("running")
        screen.key("ctrl+q")
        assert screen.ends() == 0
        assert screen.restored
        assert "1 job is still running" in after_the_screen(screen)
    assert snapshot(home).states == ["running"]
    assert counted(place, "a very long night") == [(1, 0)]
    with studio() as screen:
        screen.wait("running", "1 working")
        screen.key("ctrl+q")
        assert screen.ends() == 0


def test_a_second_studio_sees_each_change_within_half_a_second_and_has_its_clips_made_by_the_first(
    studio: Opens, home: Path, place: Sandbox
) -> None:
    fill(home, place)
    with studio() as first:
        first.wait("2 clips · newest first", "2 saved today")
        sees_each_change(first, studio, place)


def sees_each_change(first: Terminal, studio: Opens, place: Sandbox) -> None:
    with studio() as second:
        second.wait("2 clips · newest first", f"Another Reelroom ({first.pid}) does the work")
        first.go_to("Media")
        took = []
        for key, seen in (("d", "1 clip ·"), ("u", "2 clips ·"), ("d", "1 clip ·"), ("u", "2 clips ·")):
            began = time.monotonic()
            first.send(key.encode())
            second.wait(seen)
            took.append(time.monotonic() - began)
            first.wait(seen)
            first.settle()
        assert statistics.median(took) <= 0.5, took

        send_one(second, "me too")
        first.wait("me too", "3 clips ·", patience=60)
        second.wait("3 clips ·", patience=60)
        assert counted(place, "me too") == [(1, 0)]
        for screen in (second, first):
            screen.key("ctrl+q")
            assert screen.ends() == 0


def test_the_work_of_a_killed_studio_is_taken_over_while_a_second_and_a_command_wait(
    studio: Opens, home: Path, place: Sandbox
) -> None:
    place.pace(queue_s=0.0, run_s=15.0)
    with studio() as first:
        first.wait("Vidu Q3")
        with studio() as second:
            second.wait(f"Another Reelroom ({first.pid}) does the work")
            send_one(first, "made by the first")
            second.wait("running")
            with ended_at_last(
                Program().start(home, place.base, "generate", "by a command", "-m", MODELS[1])
            ) as command:
                first.wait("2 working")
                first.signal(signal.SIGKILL)
                first.ends()
                took = second.until(lambda: does_the_work(home) not in {None, first.pid}, "a new engine")
                assert took <= 10
                second.until(lambda: command.poll() is not None, "the command's end", patience=60)
                assert command.returncode == 0
            second.gone("Another Reelroom", patience=10)
            second.wait("2 saved today", "2 clips ·", patience=60)
            second.key("ctrl+q")
            assert second.ends() == 0
    assert counted(place, "made by the first") == [(1, 0)]
    assert counted(place, "by a command") == [(1, 0)]
    assert snapshot(home).states == ["saved", "saved"]


@contextmanager
def ended_at_last(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    with process:
        try:
            yield process
        finally:
            process.kill()


def does_the_work(home: Path) -> object:
    """The process that the lock names."""
    said = (home / "data/engine.lock").read_text()
    return json.loads(said)["pid"] if said else None


def test_a_second_studio_does_the_work_when_the_first_ends(studio: Opens, home: Path, place: Sandbox) -> None:
    fill(home, place)
    with studio() as first:
        first.wait("2 clips · newest first")
        with studio(size=(80, 24)) as second:
            second.wait("SANDBOX", "does the work")
            first.key("ctrl+q")
            assert first.ends() == 0
            second.wait("This window does the work now.")
            second.gone("Another Reelroom")
            second.type("still here")
            second.wait("still here")


@pytest.mark.parametrize("answers", [True, False], ids=["a terminal that answers", "one that never does"])
def test_every_size_is_usable_and_a_resize_loses_nothing(
    studio: Opens, home: Path, place: Sandbox, answers: bool
) -> None:
    fill(home, place)
    with studio(size=(60, 20), answers=answers) as screen:
        screen.wait("1 Compose", "2 Jobs", "3 Media", "SANDBOX", "? help")
        screen.type("a fox in a small window")
        screen.wait("a fox in a small window")
        screen.go_to("Jobs")
        screen.wait("Finished today", "Vidu Q3")
        screen.key("3")
        screen.wait("a heron in the", "2 clips · newest first")

        screen.resize(120, 40)
        screen.wait("a fox in a small window", "─ Jobs ─", "2 clips · newest first", "SANDBOX")
        screen.gone("1 Compose")
        screen.resize(80, 24)
        screen.wait("1 Compose", "a heron in the")
        screen.resize(50, 15)
        screen.wait("Reelroom needs 60x20.", "50x15")
        screen.resize(200, 60)
        screen.wait("a fox in a small window", "2 saved today", "a heron in the")
        screen.resize(120, 40)
        screen.wait("a fox in a small window", "─ Jobs ─")
        screen.key("ctrl+q")
        assert screen.ends() == 0
        assert screen.restored


def test_without_colours_none_is_sent(studio: Opens, home: Path, place: Sandbox) -> None:
    fill(home, place)
    with studio(NO_COLOR="1") as screen:
        screen.wait("2 clips · newest first", "2 saved today")
        screen.go_to("Media")
        screen.key("enter")
        screen.wait("Saved as")
        screen.key("escape", "?")
        screen.wait("Signs")
        screen.key("escape", "ctrl+q")
        assert screen.ends() == 0
        assert COLOUR.findall(bytes(screen.raw)) == []


def test_the_key_is_never_on_the_screen(studio: Opens, home: Path) -> None:
    secret = "9d8c7b6a5f4e3d2c"
    with studio(FAL_KEY=f"canary:{secret}") as screen:
        screen.wait("What happens in the clip?")
        screen.key("ctrl+l")
        screen.wait("Log")
        screen.key("escape", "ctrl+q")
        assert screen.ends() == 0
        assert secret.encode() not in bytes(screen.raw)
    assert [path for path in home.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()] == []
