"""Asking again what may be asked again: a few times, with pauses that FAL may set."""

from collections.abc import Awaitable, Callable

from .errors import RateLimited, Trouble, Unreachable
from .refusals import refusal
from .values import Reply

Sleep = Callable[[float], Awaitable[object]]

LONGEST_PAUSE = 30.0
"""Seconds: the longest wait between two tries, whatever FAL asks for."""


async def patiently(question: Callable[[], Awaitable[Reply]], sleep: Sleep, *, tries: int = 3) -> Reply:
    """An answer of 2xx; raises what any other one means, once what may pass was asked `tries` times."""
    tried = 0
    while True:
        tried += 1
        try:
            reply = await question()
            if 200 <= reply.status < 300:
                return reply
            raise refusal(reply)
        except (RateLimited, Trouble, Unreachable) as error:
            if tried >= tries:
                raise
            asked = error.after if isinstance(error, RateLimited) else None
        await sleep(min(2.0 ** (tried - 1) if asked is None else asked, LONGEST_PAUSE))
