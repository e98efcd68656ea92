"""The bytes of a download, at little cost: a clip of 200 MB passes here in 800 pieces."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

import httpcore
import httpx

from .connections import RAW_ERRORS, in_words
from .errors import Unreachable

# What asyncio itself takes off a socket at once. httpcore asks for 64 KiB, so that each of these is
# cut up and its rest copied again and again: two fifths of the CPU of a download.
_PIECE = 256 * 1024
_LEAST = 4_096
_LENGTH = re.compile(r"[0-9]{1,18}")


def content_length(response: httpx.Response) -> int | None:
    """The stated length of the body in bytes; None where it is not stated."""
    stated = response.headers.get("content-length", "")
    return int(stated) if _LENGTH.fullmatch(stated) else None


async def chunks(response: httpx.Response, stall: float) -> AsyncGenerator[bytes, None]:
    """The bytes as they come; raises Unreachable when less than 4 KiB came in `stall` seconds of waiting."""
    clock = asyncio.get_running_loop().time
    waited, arrived, asked = 0.0, 0, clock()
    try:
        async with aclosing(_pieces(response, stall)) as pieces:
            async for piece in pieces:
                waited += clock() - asked
                arrived += len(piece)
                if arrived >= _LEAST:
                    waited, arrived = 0.0, 0
                elif waited > stall:
                    raise Unreachable(f"The media host sent {arrived} bytes in {waited:.0f} s: it stalled.")
                yield piece
                # The time that the reader spends on a piece is not the host's.
                asked = clock()
    except (*RAW_ERRORS, httpcore.NetworkError, httpcore.TimeoutException) as error:
        raise Unreachable(f"The download broke off ({in_words(error)}).") from error


async def _pieces(response: httpx.Response, stall: float) -> AsyncGenerator[bytes, None]:
    """What came with the headers, then large pieces straight off the connection where its length is known.

    The connection is not used again after that: httpx sees a body that was not read to its end.
    """
    assert isinstance(response.stream, httpx.AsyncByteStream)
    length = None if "transfer-encoding" in response.headers else content_length(response)
    connection = response.extensions.get("network_stream")
    if length is None or connection is None:
        async for piece in response.stream:
            yield piece
        return
    got = 0
    async with aclosing(cast("AsyncGenerator[bytes, None]", aiter(response.stream))) as framed:
        # One piece of httpx's own leaves nothing behind in its buffers.
        async for piece in framed:
            got = len(piece)
            yield piece
            break
        while got < length:
            piece = (await connection.read(_PIECE, stall))[: length - got]
            if not piece:
                raise Unreachable(f"The download broke off at {got} of {length} bytes.")
            got += len(piece)
            yield piece
