import json
from collections.abc import Callable

import httpx
import pytest

from reelroom.fal.client import Client
from reelroom.fal.errors import ForeignAddress, Unreachable
from reelroom.fal.exchange import Exchange
from reelroom.fal.hosts import Hosts
from reelroom.fal.key import Key

KEY = Key.parse("key-id:s3cret-canary")
LISTING = "https://api.fal.ai/v1/models?endpoint_id=fal-ai%2Fveo3.1&start=2026-11-22T10:00:00Z&limit=50"


def opened(answer: Callable[[httpx.Request], httpx.Response], key: Key | None = KEY) -> Exchange:
    return Exchange(Hosts.fal(), key, transport=httpx.MockTransport(answer))


def echo(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=dict(request.headers), headers={"etag": '"one"'})


async def test_a_question_carries_its_own_headers_and_the_key() -> None:
    async with opened(echo) as exchange:
        reply = await exchange.ask("GET", LISTING, headers={"Accept": "application/json"})
    assert json.loads(reply.text)["accept"] == "application/json"
    assert json.loads(reply.text)["authorization"] == KEY.header()
    assert reply.headers["etag"] == '"one"'


async def test_the_key_goes_to_no_other_host_and_an_upload_goes_without_it() -> None:
    async with opened(echo) as exchange:
        for foreign in (
            "https://v3.fal.media/files/upload",
            "https://fal.ai/api/openapi",
            "https://evil.com/",
        ):
            with pytest.raises(ForeignAddress):
                await exchange.ask("GET", foreign)
            assert "canary" not in (await exchange.ask("GET", foreign, authorized=False)).text
        with pytest.raises(ForeignAddress):
            await exchange.ask("GET", "http://v3.fal.media/files/upload", authorized=False)


async def test_a_header_that_cannot_be_sent_is_no_traceback() -> None:
    async with opened(echo) as exchange:
        with pytest.raises(Unreachable):
            await exchange.ask("GET", LISTING, headers={"X-Odd": "zero\u200bwidth"})


async def test_a_client_shares_its_exchange() -> None:
    async with Client(Hosts.fal(), KEY, transport=httpx.MockTransport(echo)) as api:
        assert (await api.exchange.ask("GET", LISTING)).status == 200
