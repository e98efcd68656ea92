import asyncio

import pytest

from reelroom.store.feed import Feed


async def test_a_late_reader_gets_only_the_latest_value_of_each_key() -> None:
    feed = Feed[str]()
    async with feed.subscribe() as changes:
        for number in range(1000):
            feed.publish("fox", f"fox {number}")
        feed.publish("lake", "lake")
        assert [await anext(changes), await anext(changes)] == ["fox 999", "lake"]


async def test_each_subscriber_has_a_mailbox_of_its_own() -> None:
    feed = Feed[int]()
    async with feed.subscribe() as one, feed.subscribe() as other:
        feed.publish("a", 1)
        assert await anext(one) == 1
        feed.publish("a", 2)
        assert await anext(one) == 2
        assert await anext(other) == 2


async def test_a_reader_that_waits_is_woken() -> None:
    feed = Feed[int]()
    async with feed.subscribe() as changes, asyncio.TaskGroup() as group:
        reader = group.create_task(anext(changes))
        await asyncio.sleep(0)
        assert not reader.done()
        feed.publish("a", 1)
        assert await reader == 1


async def test_a_cancelled_reader_loses_nothing() -> None:
    feed = Feed[int]()
    async with feed.subscribe() as changes:
        for number in range(50):
            reader = asyncio.ensure_future(anext(changes))
            await asyncio.sleep(0)
            feed.publish("a", number)
            reader.cancel()
            await asyncio.wait({reader})
            if reader.cancelled():
                assert await anext(changes) == number


async def test_whoever_has_left_gets_nothing_and_whoever_comes_late_only_what_is_new() -> None:
    feed = Feed[int]()
    async with feed.subscribe() as gone:
        pass
    feed.publish("a", 1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await anext(gone)
    async with feed.subscribe() as changes:
        feed.publish("b", 2)
        assert await anext(changes) == 2


async def test_closing_ends_the_iteration_after_what_was_waiting() -> None:
    feed = Feed[int]()
    async with feed.subscribe() as changes:
        feed.publish("a", 1)
        feed.close()
        assert [value async for value in changes] == [1]
    async with feed.subscribe() as late:
        assert [value async for value in late] == []
