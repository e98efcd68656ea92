"""Pictures on the command line, through the console script: sent once, and nothing is paid for a slip."""

import json
import signal
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from tests.tui.cli.script import KLING, LIMIT, Reelroom, running, wait_for

IMAGE = "kling-3-pro-image"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    Image.effect_noise((640, 480), 80).convert("RGB").save(path)
    return path


def sent_input(there: Reelroom) -> dict[str, object]:
    """The whole input of the one clip, as its sidecar has it."""
    (clip,) = there.run("media", "--json").objects
    given: dict[str, object] = json.loads(Path(clip["path"]).with_suffix(".json").read_text())["input"]
    return given


def test_a_picture_is_uploaded_and_its_clip_saved(there: Reelroom, sandbox: str, photo: Path) -> None:
    given = ["-m", IMAGE, "--image", str(photo), "--set", "duration=10"]
    ended = there.run("generate", "a fox wakes up", *given, "--json")
    assert ended.code == 0, ended.err
    (job,) = ended.objects
    assert (job["state"], job["duration"]) == ("saved", 10.0)
    assert "photo.jpg is uploaded (" in ended.err
    input_ = sent_input(there)
    assert input_["duration"] == "10"
    url = str(input_["start_image_url"])
    assert url.startswith(f"{sandbox}/cdn/files/")
    assert "photo" not in url
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.read() == photo.read_bytes()
        assert answer.headers["content-type"] == "image/jpeg"


def test_the_same_picture_is_not_uploaded_again(there: Reelroom, photo: Path) -> None:
    given = ["generate", "a fox", "-m", IMAGE, "--image", str(photo)]
    assert "is uploaded" in there.run(*given).err
    ended = there.run(*given, "--set", f"end_image_url=@{photo}")
    assert ended.code == 0, ended.err
    assert "photo.jpg was uploaded before, and is used again." in ended.err
    assert "is uploaded" not in ended.err


def test_on_a_terminal_the_bytes_are_shown_in_place(there: Reelroom, photo: Path) -> None:
    with photo.open("ab") as file:
        file.write(bytes(4_000_000))
    code, seen = there.run_on_terminal("generate", "a fox", "-m", IMAGE, "--image", str(photo))
    assert code == 0
    assert b"Uploading photo.jpg" in seen
    assert b"photo.jpg is uploaded" in seen


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["-m", IMAGE, "--image", "nope.jpg"], "nope.jpg cannot be read"),
        (["-m", KLING, "--image", "PHOTO"], "first image: it takes none"),
        (["-m", IMAGE, "--image", "PHOTO", "--set", "duration=99"], "Duration 99 is not offered"),
        (["-m", IMAGE, "--image", "PHOTO", "--set", "end_image_url=@nope.jpg"], "nope.jpg cannot be read"),
    ],
)
def test_a_slip_is_found_before_anything_is_uploaded(
    reelroom: Reelroom, photo: Path, given: list[str], said: str
) -> None:
    # Where nobody listens: one byte sent would end in another code.
    nobody = reelroom.at(REELROOM_FAL_URL="http://127.0.0.1:9")
    ended = nobody.run("generate", "a fox", *(str(photo) if word == "PHOTO" else word for word in given))
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert not (nobody.home / "data" / "library").exists()


def test_an_upload_that_cannot_be_made_makes_no_job(reelroom: Reelroom, photo: Path) -> None:
    nobody = reelroom.at(REELROOM_FAL_URL="http://127.0.0.1:9")
    ended = nobody.run("generate", "a fox", "-m", IMAGE, "--image", str(photo), "--project", "Foxes")
    assert ended.code == 5, ended.err
    assert "No job was made, and nothing was spent." in ended.err
    assert nobody.run("jobs", "--json").out == ""


@pytest.mark.slow
def test_a_film_of_101_mib_goes_in_parts_and_on_after_a_kill(there: Reelroom, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    with film.open("wb") as file:
        file.write(b"\0\0\0\x18ftypisom" + b"\0" * 12)
        file.truncate(101 * 2**20 + 7)
    given = ["generate", "sharper", "-m", "fal-ai/topaz/upscale/video", "--set", f"video_url=@{film}"]
    with running(there.start(*given)) as process:
        wait_for(process, "Uploading film.mp4 (105.9 MB)")
        process.kill()
    ended = there.run(*given)
    assert ended.code == 0, ended.err
    assert "film.mp4 is uploaded" in ended.err
    request = urllib.request.Request(str(sent_input(there)["video_url"]), method="HEAD")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert int(answer.headers["content-length"]) == film.stat().st_size
    assert len(there.run("jobs", "--json").objects) == 1


class Stuck(BaseHTTPRequestHandler):
    """Gives a token, and then takes no file."""

    gone = threading.Event()

    def do_POST(self) -> None:
        if "token" not in self.path:
            self.gone.wait(LIMIT)
            return
        host = f"http://{self.headers['host']}"
        body = json.dumps({"token": "t", "token_type": "Bearer", "base_url": f"{host}/cdn"}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def stuck() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Stuck) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            Stuck.gone.set()
            server.shutdown()
            thread.join()


def test_ctrl_c_in_an_upload_leaves_no_job_and_nothing_to_pay(
    reelroom: Reelroom, stuck: str, photo: Path
) -> None:
    with photo.open("ab") as file:
        file.write(bytes(8_000_000))
    there = reelroom.at(REELROOM_FAL_URL=stuck)
    with running(there.start("generate", "a fox", "-m", IMAGE, "--image", str(photo))) as process:
        seen = wait_for(process, "Uploading photo.jpg")
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        seen += process.stderr.read().decode()
        assert process.wait(LIMIT) == 130
    assert "The upload was stopped: no job was made, and nothing was spent." in seen
    assert "Traceback" not in seen
    assert there.run("jobs", "--json").out == ""
