"""Our readers of the Platform API and our uploads against the sandbox: two programs from the same facts."""

import json
import random
import time
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from reelroom.fal.cdn import Cdn
from reelroom.fal.errors import NotFound, RateLimited, Refused
from reelroom.fal.exchange import Exchange
from reelroom.fal.hosts import Hosts
from reelroom.fal.key import Key
from reelroom.fal.platform import Platform
from reelroom.fal.sources import look
from reelroom.fal.uploads import Uploads
from tests.fal.sandbox.conftest import TEXT, Caller

KLING = "fal-ai/kling-video/v3/pro/image-to-video"


@pytest.fixture
async def exchange(sandbox: Caller) -> AsyncIterator[Exchange]:
    async with Exchange(Hosts.at(sandbox.base), Key.parse("a:b")) as opened:
        yield opened


@pytest.fixture
def platform(exchange: Exchange) -> Platform:
    async def no_wait(_seconds: float) -> None:
        return

    return Platform(exchange, sleep=no_wait)


async def test_every_model_is_listed_once_and_with_its_document(platform: Platform) -> None:
    listed = [model async for model in platform.models()]
    names = [model.endpoint for model in listed]
    assert len(names) == len(set(names)) >= 551
    (kling,) = [model async for model in platform.models(endpoints=[KLING, "no/such"], schemas=True)]
    assert kling.document is not None
    assert json.loads(kling.document) == json.loads(await platform.document(KLING))
    found = [model.endpoint async for model in platform.models(query="kling", status="active")]
    assert found
    assert all("kling" in name for name in found)


async def test_an_endpoint_that_is_not_there_has_no_document(platform: Platform) -> None:
    with pytest.raises(NotFound):
        await platform.document("no/such")


async def test_prices_and_estimates_are_numbers(platform: Platform) -> None:
    prices = await platform.prices([KLING, TEXT])
    assert prices[KLING].amount > 0
    assert prices[KLING].unit
    estimate = await platform.estimate({KLING: Decimal(5)}, by="units")
    assert estimate.total == 5 * prices[KLING].amount


async def test_a_request_is_found_with_what_went_in_and_what_came_out(
    sandbox: Caller, platform: Platform
) -> None:
    ticket = await sandbox.submit(prompt="zwölf Füchse")
    await sandbox.until(ticket, "COMPLETED")
    (past,) = [one async for one in platform.requests(TEXT, request_id=ticket["request_id"])]
    assert past.request_id == ticket["request_id"]
    assert past.status == 200
    assert json.loads(past.input or "")["prompt"] == "zwölf Füchse"
    assert json.loads(past.output or "")["video"]["url"]
    assert past.sent_at is not None
    charges = [one async for one in platform.billing_events(start=past.sent_at - 60, end=past.sent_at + 600)]
    assert [charge.request_id for charge in charges] == [past.request_id]
    assert (await platform.balance()) is not None


async def test_a_bill_is_read_by_its_request_and_is_an_amount(sandbox: Caller, platform: Platform) -> None:
    url = f"{sandbox.base}/queue/fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
    replies = [await sandbox.http.post(url, json={"prompt": word}) for word in ("one", "two")]
    for answer in replies:
        await sandbox.until(answer.json(), "COMPLETED")
    asked = replies[1].json()["request_id"]
    now = time.time()
    (charge,) = [
        one async for one in platform.billing_events(start=now - 600, end=now + 600, request_ids=[asked])
    ]
    assert charge.request_id == asked
    assert charge.cost is not None
    assert charge.cost > 0


async def test_a_limit_is_told_as_one(sandbox: Caller, platform: Platform) -> None:
    await sandbox.scenario(platform_per_minute=1)
    await platform.balance()
    with pytest.raises(RateLimited):
        await platform.balance()


async def test_without_a_key_that_may_ask_it_is_refused(sandbox: Caller) -> None:
    await sandbox.scenario(platform_key=True)
    async with Exchange(Hosts.at(sandbox.base)) as without:
        with pytest.raises(Refused) as caught:
            await Platform(without).balance()
    assert caught.value.reason == "auth"


async def test_files_are_taken_whole_and_in_parts_and_come_back_the_same(
    exchange: Exchange, tmp_path: Path
) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(b"\0\0\0\x18ftypisom" + random.Random(5).randbytes(300_000))
    source = look(file)
    async with Cdn(exchange.hosts) as cdn:
        for part in (100_000, 20_000):
            async with Uploads(exchange, part=part) as uploads:
                uploaded = await uploads.send(source)
            async with cdn.fetch(uploaded.url) as download:
                assert download.content_type == "video/mp4"
                assert b"".join([piece async for piece in download.chunks]) == file.read_bytes()


async def test_the_key_is_never_shown_to_the_media_host(
    sandbox: Caller, exchange: Exchange, tmp_path: Path
) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    async with Uploads(exchange) as uploads:
        await uploads.send(look(file))
    assert (await sandbox.ledger())["key_leaks"] == []
