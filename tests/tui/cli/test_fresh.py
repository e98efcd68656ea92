"""FAL's listing is fetched beside the studio, and nobody has to know."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from reelroom.fal.catalogue import FILE, Catalogue
from reelroom.fal.client import Client
from reelroom.fal.hosts import Hosts
from reelroom.fal.key import Key
from reelroom.tui.cli.fresh import kept_fresh
from reelroom.tui.cli.place import Place

KEY = Key.parse("key-id:s3cret")
HERE = "http://127.0.0.1:1"
REAL = Place("fal:key-id", Hosts.fal(), KEY)
SCHEMA = {"type": "object", "properties": {"prompt": {"type": "string"}}}
FILE_SCHEMA = {"type": "object", "properties": {"url": {"type": "string"}, "file_size": {"type": "integer"}}}


def body(schema: object) -> dict[str, object]:
    return {"content": {"application/json": {"schema": schema}}}


LISTED = {
    "models": [
        {
            "endpoint_id": "acme/new",
            "metadata": {"display_name": "New", "category": "text-to-video", "status": "active"},
            "openapi": {
                "openapi": "3.0.4",
                "paths": {
                    "/acme/new": {"post": {"requestBody": body(SCHEMA)}},
                    "/acme/new/requests/{request_id}": {
                        "get": {
                            "responses": {
                                "200": body({"type": "object", "properties": {"video": FILE_SCHEMA}})
                            }
                        }
                    },
                },
            },
        }
    ],
    "next_cursor": None,
    "has_more": False,
}


async def beside(
    place: Place, folder: Path, answer: Callable[[httpx.Request], httpx.Response], until: Callable[[], bool]
) -> list[str]:
    """What was asked while the studio was open, which it is until something holds."""
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return answer(request)

    async with (
        asyncio.timeout(20),
        Client(place.hosts or Hosts.fal(), KEY, httpx.MockTransport(handle)) as client,
        kept_fresh(client, place, folder, after=0),
    ):
        await asyncio.sleep(0.1)
        while not until():
            await asyncio.sleep(0.01)
    return asked


def at_once() -> bool:
    return True


def listing(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=LISTED)


def refusal(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(403, json={"error": {"type": "authorization_error", "message": "no"}})


async def test_a_day_old_listing_is_fetched_beside_the_work(tmp_path: Path) -> None:
    (asked,) = await beside(REAL, tmp_path, listing, (tmp_path / FILE).exists)
    assert asked.startswith("https://api.fal.ai/v1/models?")
    assert Catalogue.load(tmp_path).find("acme/new").fields == ("prompt",)
    before = (tmp_path / FILE).read_bytes()
    assert await beside(REAL, tmp_path, listing, at_once) == []
    assert (tmp_path / FILE).read_bytes() == before


@pytest.mark.parametrize("place", [Place("sandbox", None, None), Place(HERE, Hosts.at(HERE), None)])
async def test_only_fal_itself_is_asked(tmp_path: Path, place: Place) -> None:
    assert await beside(place, tmp_path, listing, at_once) == []
    assert list(tmp_path.iterdir()) == []


async def test_a_refusal_is_logged_and_ends_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    await beside(REAL, tmp_path, refusal, lambda: "was not fetched" in caplog.text)
    assert list(tmp_path.iterdir()) == []


async def test_leaving_does_not_wait_for_the_listing(tmp_path: Path) -> None:
    async with (
        asyncio.timeout(5),
        Client(Hosts.fal(), KEY, httpx.MockTransport(listing)) as client,
        kept_fresh(client, REAL, tmp_path, after=60),
    ):
        pass
    assert list(tmp_path.iterdir()) == []
