"""A result of each shape that the 551 endpoints of the catalogue declare: one test for each group of them."""

import json
from collections import defaultdict
from importlib.resources import files
from typing import Any

import pytest

from reelroom.fal.errors import NoMedia
from reelroom.fal.replies import read_result
from reelroom.fal.values import Reply

MAIN = "https://v3b.fal.media/files/b/0a1b2c3d/main.mp4"
SECOND = "https://v3b.fal.media/files/b/0a1b2c3d/second.mp4"
IMAGE = "https://v3b.fal.media/files/b/0a1b2c3d/frame.png"
ARCHIVE = "https://v3b.fal.media/files/b/0a1b2c3d/frames.zip"
INSIDE: dict[str, Any] = {
    "content_type": "video/mp4",
    "file_name": "main.mp4",
    "file_size": 4321,
    "file_data": None,
    "width": 1280,
    "height": 720,
    "fps": 24.0,
    "duration": 5.0,
    "num_frames": 120,
    "frame_count": 120,
    "resolution": {"width": 1280, "height": 720},
    "start_frame_url": IMAGE,
    "end_frame_url": IMAGE,
    "usage": {"seconds": 5},
}


def groups() -> dict[str, list[dict[str, Any]]]:
    """The outputs of all endpoints, by where the clip stands, whether it must, and what its file holds."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    text = files("reelroom.fal.data").joinpath("endpoints.jsonl").read_text(encoding="utf-8")
    for line in text.splitlines():
        output = json.loads(line)["output"]
        must = "required" if output["required"] else "optional"
        found[f"{output['path']}, {must}, {'+'.join(output['file_fields'])}"].append(output)
    return dict(found)


GROUPS = groups()


def clip(url: str, output: dict[str, Any]) -> dict[str, Any]:
    """A file with every field that the endpoint's files have."""
    fields = {name: INSIDE.get(name, "text") for name in output["file_fields"]}
    # One endpoint wraps its files once more.
    wrapped = "output" in fields and "url" not in fields
    return fields | ({"output": {"url": url}} if wrapped else {"url": url})


def beside(kind: str) -> object:
    """A value of another field of the same result."""
    file = {"url": ARCHIVE, "content_type": "application/zip", "file_name": "frames.zip"}
    values = {"file": file, "file[]": [{"url": IMAGE}], "integer": 7, "number": 0.5, "boolean": True}
    return values.get(kind, None if kind == "any" else [] if kind == "array" else "a text")


def result(output: dict[str, Any], main: object) -> dict[str, Any]:
    name = output["path"].partition(".")[0].partition("[")[0]
    return {field: beside(kind) for field, kind in output["fields"].items()} | {name: main}


def read(body: object) -> list[str]:
    return [file.url for file in read_result(Reply(200, json.dumps(body))).files]


def test_the_groups_are_all_endpoints() -> None:
    assert sum(map(len, GROUPS.values())) == 551
    assert {group.partition(",")[0] for group in GROUPS} == {
        "video.url",
        "video[0].url",
        "video_url.url",
        "preview_video.url",
    }


@pytest.mark.parametrize("group", GROUPS)
def test_the_clip_of_each_endpoint_is_found(group: str) -> None:
    for output in GROUPS[group]:
        if output["kind"] == "videos":
            assert read(result(output, [clip(MAIN, output), clip(SECOND, output)])) == [MAIN, SECOND]
        else:
            assert read(result(output, clip(MAIN, output)))[0] == MAIN


@pytest.mark.parametrize("group", GROUPS)
def test_what_a_file_says_of_itself_is_only_a_hint(group: str) -> None:
    for output in GROUPS[group][:5]:
        empty = clip(MAIN, output) | {name: None for name in output["file_fields"] if name in INSIDE}
        wrong = clip(MAIN, output) | {
            "content_type": "image/png",
            "file_size": -1,
            "width": "wide",
            "fps": [],
        }
        for main in (empty, wrong, MAIN):
            one = [main] if output["kind"] == "videos" else main
            assert read(result(output, one))[0] == MAIN


@pytest.mark.parametrize("group", [group for group in GROUPS if group.startswith("video.url")])
def test_one_clip_where_a_list_might_be_and_a_list_where_one_might_be(group: str) -> None:
    for output in GROUPS[group][:5]:
        assert read(result(output, [clip(MAIN, output)]))[0] == MAIN


@pytest.mark.parametrize("group", GROUPS)
def test_a_result_without_its_clip_is_no_clip(group: str) -> None:
    for output in GROUPS[group]:
        for missing in (None, [], {}, {"url": None}, ""):
            body = result(output, missing)
            bare = {name: value for name, value in body.items() if not isinstance(value, dict | list)}
            with pytest.raises(NoMedia):
                read(bare)
