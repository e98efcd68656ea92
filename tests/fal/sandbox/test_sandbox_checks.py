import json
from typing import Any

import pytest

from reelroom.fal.sandbox.checks import MOST, Checks
from reelroom.fal.sandbox.documents import Documents
from reelroom.fal.sandbox.facts import Facts

from .conftest import Caller

KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
ELEMENTS = "fal-ai/kling-video/v3/pro/image-to-video"
SIZED = "fal-ai/cogvideox-5b"
UNION = "blackforestlabs/flux-3/text-to-video"
WAN = "alibaba/wan-3.0/image-to-video"
SPEECH = "fal-ai/wan/v2.2-14b/speech-to-video"
VIDEOS = "fal-ai/ffmpeg-api/merge-videos"
IMAGE = "https://example.com/a.png"


@pytest.fixture(scope="module")
def checks() -> Checks:
    return Checks(Documents(Facts()))


def told(checks: Checks, endpoint: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    failure = checks.failure(endpoint, given)
    if failure is None:
        return []
    entries: list[dict[str, Any]] = json.loads(failure.detail)
    assert failure.status == 422
    assert failure.error_type == entries[0]["type"]
    assert all(entry["loc"][0] == "body" and entry["msg"] for entry in entries)
    return entries


@pytest.mark.parametrize(
    ("endpoint", "given"),
    [
        (KLING, {"prompt": "a"}),
        (KLING, {"prompt": "a", "duration": "10", "aspect_ratio": "9:16", "cfg_scale": 1}),
        (KLING, {"prompt": "a", "unheard_of": {"x": 1}}),
        (ELEMENTS, {"start_image_url": "data:image/png;base64,AAAA", "elements": []}),
        (SIZED, {"prompt": "a", "video_size": {"width": 720, "height": 480}}),
        (SIZED, {"prompt": "a", "video_size": "square_hd"}),
        (UNION, {"prompt": "a", "duration": "auto"}),
        (UNION, {"prompt": "a", "duration": 7}),
        (WAN, {"prompt": "a", "start_image_url": IMAGE, "duration": None}),
        ("minimax/h3-max/text-to-video", {"prompt": "a"}),
        ("nobody/knows-this", {"duration": []}),
    ],
)
def test_an_input_that_fits_its_schema_passes(checks: Checks, endpoint: str, given: dict[str, Any]) -> None:
    assert told(checks, endpoint, given) == []


@pytest.mark.parametrize(
    ("endpoint", "given", "place", "type_", "context"),
    [
        (KLING, {}, ["prompt"], "missing", None),
        (KLING, {"prompt": 3}, ["prompt"], "string_type", None),
        (KLING, {"prompt": "a", "duration": "1"}, ["duration"], "literal_error", {"expected": "'5' or '10'"}),
        (KLING, {"prompt": "a", "duration": 5}, ["duration"], "literal_error", {"expected": "'5' or '10'"}),
        (KLING, {"prompt": "a" * 2501}, ["prompt"], "string_too_long", {"max_length": 2500}),
        (KLING, {"prompt": "a", "cfg_scale": 1.5}, ["cfg_scale"], "less_than_equal", {"le": 1}),
        (KLING, {"prompt": "a", "cfg_scale": -1}, ["cfg_scale"], "greater_than_equal", {"ge": 0}),
        (KLING, {"prompt": "a", "cfg_scale": "0"}, ["cfg_scale"], "float_type", None),
        (WAN, {"start_image_url": IMAGE, "duration": "5"}, ["duration"], "int_type", None),
        (WAN, {"start_image_url": IMAGE, "duration": True}, ["duration"], "int_type", None),
        (WAN, {"start_image_url": IMAGE, "duration": 5.5}, ["duration"], "int_from_float", None),
        (
            ELEMENTS,
            {"start_image_url": "photo.jpg"},
            ["start_image_url"],
            "url_parsing",
            {"error": "relative URL without a base"},
        ),
        (
            ELEMENTS,
            {"start_image_url": IMAGE, "elements": [{}, {"reference_image_urls": [IMAGE, "file:///a"]}]},
            ["elements", 1, "reference_image_urls", 1],
            "url_scheme",
            {"expected_schemes": "'http', 'https' or 'data'"},
        ),
        (ELEMENTS, {"start_image_url": IMAGE, "elements": {}}, ["elements"], "list_type", None),
        (ELEMENTS, {"start_image_url": IMAGE, "elements": [1]}, ["elements", 0], "dict_type", None),
        (ELEMENTS, {"start_image_url": IMAGE, "generate_audio": 1}, ["generate_audio"], "bool_type", None),
        (SIZED, {"prompt": "a", "video_size": {"width": "1"}}, ["video_size", "width"], "float_type", None),
        (VIDEOS, {"video_urls": [IMAGE]}, ["video_urls"], "sequence_too_short", {"min_length": 2}),
    ],
)
def test_what_does_not_fit_is_told_in_fals_form(
    checks: Checks,
    endpoint: str,
    given: dict[str, Any],
    place: list[object],
    type_: str,
    context: dict[str, object] | None,
) -> None:
    (entry,) = told(checks, endpoint, given)
    assert (entry["loc"], entry["type"], entry.get("ctx")) == (["body", *place], type_, context)


def test_every_kind_of_bound_is_told(checks: Checks) -> None:
    images = [{"url": IMAGE, "frames": 1}] * 201
    cases = [
        ("fal-ai/ltx-video", {"prompt": "a", "guidance_scale": 1}, "greater_than"),
        ("fal-ai/topaz/upscale/video", {"video_url": IMAGE, "grain": 0.055}, "multiple_of"),
        ("alibaba/happy-horse/text-to-video", {"prompt": ""}, "string_too_short"),
        (
            "fal-ai/ffmpeg-api/images-to-video",
            {"images": images},
            "sequence_too_long",
        ),
    ]
    for endpoint, given, type_ in cases:
        assert type_ in {entry["type"] for entry in told(checks, endpoint, given)}, endpoint


def test_a_multiple_is_one_in_decimals(checks: Checks) -> None:
    for step in range(11):
        assert told(checks, "fal-ai/topaz/upscale/video", {"video_url": IMAGE, "grain": step / 100}) == []


def test_entries_come_in_the_order_of_the_fields(checks: Checks) -> None:
    entries = told(checks, KLING, {"cfg_scale": 9, "duration": "6", "negative_prompt": 1})
    order = Facts().entry(KLING)
    assert order is not None
    places = [entry["loc"][1] for entry in entries]
    assert places == [name for name in order["input"]["properties"] if name in places]
    assert len(places) == 4


def test_of_a_union_the_branch_that_was_meant_is_told(checks: Checks) -> None:
    (entry,) = told(checks, UNION, {"prompt": "a", "duration": 50})
    assert entry["ctx"]["expected"].startswith("5, 6, 7")
    (entry,) = told(checks, UNION, {"prompt": "a", "duration": "long"})
    assert entry["ctx"]["expected"] == "'auto'"
    (entry,) = told(checks, WAN, {"start_image_url": IMAGE, "duration": 31})
    assert entry["type"] == "less_than_equal"


def test_a_refusal_is_bounded_and_does_not_repeat_a_large_input(checks: Checks) -> None:
    many = [{"frontal_image_url": 1}] * 10_000
    entries = told(checks, ELEMENTS, {"start_image_url": "x" * 100_000, "elements": many})
    assert len(entries) <= MOST
    assert len(json.dumps(entries)) < 20_000


async def test_a_refusal_shows_at_the_result_and_costs_nothing(sandbox: Caller) -> None:
    given = {"prompt": "a", "duration": "7"}
    ticket = (await sandbox.http.post(f"{sandbox.base}/queue/{KLING}", json=given)).json()
    assert ticket["status"] == "IN_QUEUE"
    body = await sandbox.until(ticket, "COMPLETED")
    assert (body["error"], body["error_type"]) == ("Invalid status code: 422", "literal_error")
    result = await sandbox.http.get(ticket["response_url"])
    assert result.status_code == 422
    (entry,) = result.json()["detail"]
    assert entry["loc"] == ["body", "duration"]
    assert (await sandbox.ledger())["billed"] == 0


async def test_an_endpoint_that_nobody_knows_is_taken_unchecked_or_not_at_all(sandbox: Caller) -> None:
    url = f"{sandbox.base}/queue/nobody/knows-this/at-all"
    given = {"resolution": "144p", "duration": 1}
    ticket = (await sandbox.http.post(url, json=given)).json()
    assert "error" not in await sandbox.until(ticket, "COMPLETED")
    await sandbox.scenario(unknown_endpoints="missing")
    answer = await sandbox.http.post(url, json=given)
    assert answer.status_code == 404
    assert "nobody/knows-this" in answer.json()["detail"]
    assert len((await sandbox.ledger())["submits"]) == 1
