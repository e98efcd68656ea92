import json
from collections.abc import Callable

import httpx
import pytest

from reelroom.fal.client import Client
from reelroom.fal.errors import ForeignAddress, NotSent, Unreachable
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
            "https://fal.run/fal-ai/x",
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


STATUS = "https://queue.fal.run/fal-ai/veo3.1/requests/1/status"


class Down:
    """FAL whose usual hosts cannot be reached."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.url.host.endswith("fal.run"):
            raise self.error
        return httpx.Response(200, json={"at": request.url.host})


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow")])
async def test_a_host_that_cannot_be_reached_is_stood_in_for_once(error: Exception) -> None:
    down = Down(error)
    async with opened(down) as exchange:
        assert json.loads((await exchange.ask("GET", STATUS)).text) == {"at": "queue.falrun.com"}
    first, second = down.asked[:2]
    assert second.url == STATUS.replace("queue.fal.run", "queue.falrun.com")
    assert second.headers["authorization"] == KEY.header()
    assert first.extensions["timeout"]["connect"] == 5


async def test_both_hosts_away_is_unreachable() -> None:
    asked: list[str] = []

    def away(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        raise httpx.ConnectError("refused")

    async with opened(away) as exchange:
        with pytest.raises(Unreachable):
            await exchange.ask("GET", STATUS)
    assert asked == ["queue.fal.run", "queue.falrun.com"]


@pytest.mark.parametrize(
    "error", [httpx.ReadTimeout("x"), httpx.ReadError("x"), httpx.RemoteProtocolError("x")]
)
async def test_an_answer_that_was_lost_is_not_asked_for_elsewhere(error: Exception) -> None:
    down = Down(error)
    async with opened(down) as exchange:
        with pytest.raises(Unreachable):
            await exchange.ask("GET", STATUS)
    assert len(down.asked) == 1


async def test_a_cancel_and_a_submit_are_sent_to_the_usual_host_alone() -> None:
    down = Down(httpx.ConnectError("refused"))
    async with opened(down) as exchange:
        with pytest.raises(Unreachable):
            await exchange.ask("PUT", STATUS.replace("/status", "/cancel"))
        with pytest.raises(NotSent):
            await exchange.post("https://queue.fal.run/fal-ai/veo3.1", b"{}")
    assert [request.url.host for request in down.asked] == ["queue.fal.run"] * 2


async def test_nothing_stands_in_for_another_base() -> None:
    asked: list[str] = []

    def away(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        raise httpx.ConnectError("refused")

    hosts = Hosts.at("https://queue.example.org")
    async with Exchange(hosts, KEY, transport=httpx.MockTransport(away)) as exchange:
        with pytest.raises(Unreachable):
            await exchange.ask("GET", "https://queue.example.org/queue/a/b/requests/1/status")
        with pytest.raises(ForeignAddress):
            await exchange.ask("GET", STATUS.replace("queue.fal.run", "queue.falrun.com"))
    assert asked == ["queue.example.org"]
