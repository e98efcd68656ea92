import json

import httpx
import pytest

from reelroom.fal.client import Client
from reelroom.fal.hosts import Hosts
from reelroom.fal.terms import Terms


def test_media_outlive_a_week_and_nothing_else_is_asked_for() -> None:
    assert Terms().headers() == {
        "X-Fal-Object-Lifecycle-Preference": json.dumps({"expiration_duration_seconds": 30 * 24 * 3600})
    }


def test_each_term_has_its_header() -> None:
    headers = Terms(priority="low", start_within=90, keep_media=3600, runner="warm-1").headers()
    assert headers == {
        "X-Fal-Queue-Priority": "low",
        "X-Fal-Request-Start-Timeout": "90",
        "X-Fal-Object-Lifecycle-Preference": '{"expiration_duration_seconds": 3600}',
        "X-Fal-Runner-Hint": "warm-1",
    }


def test_what_is_not_asked_for_is_not_sent() -> None:
    assert Terms(keep_media=None).headers() == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_within": 1},
        {"start_within": float("nan")},
        {"keep_media": 0},
        {"runner": "a\r\nb"},
        {"runner": ""},
    ],
)
def test_what_fal_would_not_take_is_refused_in_a_sentence(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Terms(**wrong)


async def test_a_submit_carries_its_terms_and_always_lets_fal_keep_the_request() -> None:
    asked: list[httpx.Request] = []

    def fal(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    async with Client(Hosts.fal(), None, transport=httpx.MockTransport(fal)) as api:
        await api.submit("fal-ai/veo3.1", {})
        await api.submit("fal-ai/veo3.1", {}, terms=Terms(priority="low", keep_media=None))
    assert "x-fal-object-lifecycle-preference" in asked[0].headers
    assert asked[1].headers["x-fal-queue-priority"] == "low"
    assert all("x-fal-store-io" not in request.headers for request in asked)
