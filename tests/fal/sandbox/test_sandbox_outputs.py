import io
import json
import re
import wave
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
from jsonschema import Draft202012Validator
from PIL import Image

from reelroom.fal.sandbox.companions import PICTURE_SIZE, TYPES, content
from reelroom.fal.sandbox.documents import REF, document
from reelroom.fal.sandbox.facts import Entry, Facts
from reelroom.fal.sandbox.outputs import Outputs
from reelroom.fal.sandbox.requests import Clipping, Request, State
from reelroom.fal.sandbox.shelf import Shelf

from .conftest import Caller

ORIGIN = "http://127.0.0.1:1"
ID = "01234567-89ab-4cde-8f01-23456789abcd"
INPUT = {"prompt": "a fox", "seed": 5, "duration": 2, "resolution": "144p"}


def groups() -> Iterator[Any]:
    """One endpoint of each output that is declared anywhere."""
    seen = set()
    for entry in Facts().entries():
        shape = json.dumps(entry["output"], sort_keys=True)
        if shape not in seen:
            seen.add(shape)
            yield pytest.param(entry["endpoint_id"], id=entry["endpoint_id"])


def completed(endpoint: str, **input_: object) -> Request:
    return Request(
        id=ID,
        endpoint=endpoint,
        input=json.dumps(INPUT | input_),
        queue_s=0,
        run_s=0,
        submitted_at=1.0,
        started_at=2.0,
        ended_at=5.5,
        state=State.COMPLETED,
        clip=Clipping("a.mp4", 1234, '"x"'),
    )


@pytest.fixture
def outputs(tmp_path: Path) -> Outputs:
    return Outputs(Facts(), Shelf(tmp_path))


def at(body: Any, path: str) -> Any:
    for step in re.findall(r"[^.\[\]]+", path):
        body = body[int(step)] if step.isdecimal() else body[step]
    return body


def output_schema(entry: Entry) -> dict[str, Any]:
    made = document(entry)
    gets = [path["get"] for name, path in made["paths"].items() if name.endswith("/requests/{request_id}")]
    reference = gets[0]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    assert reference.startswith(REF)
    return {"$ref": reference, "components": made["components"]}


@pytest.mark.parametrize("endpoint", groups())
def test_a_result_has_the_shape_that_its_endpoint_declares(outputs: Outputs, endpoint: str) -> None:
    entry = outputs.facts.entry(endpoint)
    assert entry is not None
    body = outputs.body(ORIGIN, completed(endpoint))
    Draft202012Validator(output_schema(entry)).validate(body)
    assert isinstance(body, dict)
    assert set(body) == set(entry["output"]["fields"])
    assert at(body, entry["output"]["path"]) == f"{ORIGIN}/cdn/files/sandbox/{ID.replace('-', '')}/output.mp4"
    text = json.dumps(body)
    named = {name.rpartition("/")[2] for name in re.findall(rf"{ORIGIN}[^\"]*", text)}
    assert named <= outputs.names(endpoint)


def test_the_seed_is_echoed_or_drawn_and_stays(outputs: Outputs) -> None:
    endpoint = "fal-ai/fast-svd/text-to-video"
    given: Any = outputs.body(ORIGIN, completed(endpoint))
    assert given["seed"] == 5
    drawn: list[Any] = [outputs.body(ORIGIN, completed(endpoint, seed=None)) for _ in range(2)]
    assert drawn[0]["seed"] == drawn[1]["seed"] != 5


def test_an_endpoint_that_nobody_knows_gives_a_plain_video(outputs: Outputs) -> None:
    body: Any = outputs.body(ORIGIN, completed("nobody/knows-this"))
    assert set(body) == {"video", "seed"}
    assert outputs.names("nobody/knows-this") == {"output.mp4"}


async def result(sandbox: Caller, endpoint: str, **given: object) -> Any:
    body = {"prompt": "a fox"} | given
    ticket = (await sandbox.http.post(f"{sandbox.base}/queue/{endpoint}", json=body)).json()
    done = await sandbox.until(ticket, "COMPLETED")
    assert "error" not in done, done
    return (await sandbox.http.get(ticket["response_url"])).json()


async def fetched(sandbox: Caller, file: dict[str, Any]) -> httpx.Response:
    answer = await sandbox.http.get(file["url"])
    assert answer.status_code == 200
    assert len(answer.content) == file["file_size"]
    assert answer.headers["content-type"] == file["content_type"]
    assert file["url"].endswith(f"/{file['file_name']}")
    return answer


async def test_what_is_said_of_a_clip_is_true_of_its_file(sandbox: Caller) -> None:
    given = {"resolution": "144p", "aspect_ratio": "9:16", "duration": 2}
    video = (await result(sandbox, "fal-ai/ltx-2-19b/text-to-video", **given))["video"]
    with av.open(io.BytesIO((await fetched(sandbox, video)).content)) as container:
        stream = container.streams.video[0]
        assert (video["width"], video["height"]) == (stream.width, stream.height)
        assert stream.average_rate is not None
        assert video["fps"] == float(stream.average_rate)
        assert video["num_frames"] == stream.frames
        assert container.duration is not None
        assert video["duration"] == pytest.approx(container.duration / 1e6, abs=0.01)


async def test_the_richer_kind_of_video_is_true_to_its_file_too(sandbox: Caller) -> None:
    given = {"video_url": "https://example.com/a.mp4", "duration": 2, "resolution": "144p"}
    (video,) = (await result(sandbox, "mirelo-ai/sfx-v1/video-to-video", **given))["video"]
    with av.open(io.BytesIO((await fetched(sandbox, video)).content)) as container:
        stream = container.streams.video[0]
        assert video["timebase"] == str(stream.time_base)
        assert video["codec"] == stream.codec_context.name
        assert video["frame_count"] == stream.frames
        assert video["resolution"] == {"aspect_ratio": "16:9", "width": stream.width, "height": stream.height}
        assert container.duration is not None
        assert video["bitrate"] == pytest.approx(video["file_size"] * 8e6 / container.duration, rel=0.01)


@pytest.mark.parametrize(
    ("endpoint", "field", "type_"),
    [
        ("fal-ai/kling-video/video-to-audio", "audio", "audio/wav"),
        ("fal-ai/sam-3/video", "boundingbox_frames_zip", "application/zip"),
        ("fal-ai/birefnet/v2/video", "mask_video", "video/mp4"),
    ],
)
async def test_what_comes_beside_a_clip_can_be_fetched_and_is_counted_apart(
    sandbox: Caller, endpoint: str, field: str, type_: str
) -> None:
    given = {"video_url": "https://example.com/a.mp4", "duration": 1, "resolution": "144p"}
    body = await result(sandbox, endpoint, **given)
    answer = await fetched(sandbox, body[field])
    assert answer.headers["content-type"] == type_
    part = await sandbox.http.get(body[field]["url"], headers={"range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, answer.content[2:6])
    (entry,) = (await sandbox.ledger())["submits"]
    assert entry["downloads"]["bytes"] == 0
    await fetched(sandbox, body["video"])
    (entry,) = (await sandbox.ledger())["submits"]
    assert entry["downloads"]["complete"] == 1


async def test_a_file_that_a_result_does_not_name_is_not_there(sandbox: Caller) -> None:
    video = (await result(sandbox, "fal-ai/stable-video", image_url="https://example.com/a.png"))["video"]
    for name in ("audio.wav", "other.mp4", "output.wav", "output", "../output.mp4"):
        answer = await sandbox.http.get(video["url"].replace("output.mp4", name))
        assert answer.status_code == 404


def test_every_companion_is_a_file_of_its_kind() -> None:
    with wave.open(io.BytesIO(content("wav"))) as sound:
        assert (sound.getnframes(), sound.getframerate()) == (16_000, 16_000)
        assert len(set(sound.readframes(1000))) > 50
    with Image.open(io.BytesIO(content("png"))) as picture:
        picture.load()
        assert picture.size == PICTURE_SIZE
        assert picture.getpixel((5, 0)) != picture.getpixel((5, 100))
    with zipfile.ZipFile(io.BytesIO(content("zip"))) as archive:
        assert archive.testzip() is None
        assert archive.read("0001.png") == content("png")
    assert json.loads(content("json"))
    assert b" --> " in content("srt")
    weights = content("safetensors")
    length = int.from_bytes(weights[:8], "little")
    assert json.loads(weights[8 : 8 + length])
    assert len(weights) == 8 + length
    for suffix in set(TYPES) - {"mp4"}:
        assert content(suffix) == content(suffix)
