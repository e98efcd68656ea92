"""Answers that go wrong as the scenario says: one layer around the application, which knows nothing of it."""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .fault import Fault
from .matcher import Matcher
from .outlet import Outlet, Torn
from .questions import ask
from .wires import EXTENSION
from .wrong import edited, made_up


class Faults:
    """An ASGI application in front of another one."""

    def __init__(self, app: ASGIApp, matcher: Matcher) -> None:
        self._app, self._matcher = app, matcher

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the scenario says, or as the application does."""
        if scope["type"] != "http" or self._matcher.idle:
            await self._app(scope, receive, send)
            return
        question, receive = await ask(self._matcher, scope, receive)
        fault = None if question is None else self._matcher.fault(question)
        if question is None or fault is None:
            await self._app(scope, receive, send)
            return
        outlet = Outlet(fault, question.step, send, scope["extensions"][EXTENSION])
        with suppress(Torn):
            await self._answer(fault, question.step, scope, receive, outlet)

    async def _answer(self, fault: Fault, step: str, scope: Scope, receive: Receive, outlet: Outlet) -> None:
        await asyncio.sleep(fault.before_s)
        if fault.cut == "before":
            await outlet.tear()
        bent = _bent(scope, fault)
        if fault.replaces:
            if fault.acts:
                await self._app(bent, receive, _nowhere)
            await made_up(fault, step)(scope, receive, outlet)
        elif fault.edits:
            start, body = await self._whole(bent, receive)
            await edited(fault, start, body)(scope, receive, outlet)
        else:
            await self._app(bent, receive, outlet)

    async def _whole(self, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        return messages[0], b"".join(message.get("body", b"") for message in messages[1:])


async def _nowhere(_message: Message) -> None:
    """An answer that nobody hears."""


def _bent(scope: Scope, fault: Fault) -> Scope:
    """The question as the application is to hear it."""
    if fault.direct:
        path = scope["path"].replace("/queue/", "/run/", 1)
        return {**scope, "path": path, "raw_path": path.encode()}
    if not (fault.no_range or fault.shift):
        return scope
    headers = [(name, value) for name, value in scope["headers"] if name not in {b"range", b"if-range"}]
    if fault.shift:
        headers += [
            (b"range", _shifted(value, fault.shift)) for name, value in scope["headers"] if name == b"range"
        ]
    return {**scope, "headers": headers}


def _shifted(value: bytes, shift: int) -> bytes:
    first, dash, last = value.removeprefix(b"bytes=").partition(b"-")
    if not first.isdigit() or not dash:
        return value
    return b"bytes=%d-%s" % (max(0, int(first) + shift), last)
