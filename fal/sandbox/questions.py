"""What a request of HTTP asks, in the words that rules use."""

import json
from collections.abc import Mapping

from starlette.types import Message, Receive, Scope

from . import wire
from .answers import LARGEST_BODY
from .matcher import Matcher, Question

QUESTION = "reelroom.question"
"""Where the scope of a submit holds its Question, for the plan of the request that it becomes."""
_AREAS = {"rest": "upload", "v1": "platform", "schema": "schema"}


def step_of(method: str, path: str) -> tuple[str, str] | None:
    """The step, and the request it is about or an empty text; None for what no rule concerns."""
    area, _, rest = path.lstrip("/").partition("/")
    if area == "queue" and (where := wire.address(rest)):
        return where.action, where.request_id
    if area in {"queue", "run"} and method == "POST":
        return "submit", ""
    if area == "cdn" and method == "GET":
        return "media", wire.media_request(rest) or ""
    if area == "cdn" and method in {"POST", "PUT"}:
        return "upload", ""
    return (_AREAS[area], "") if area in _AREAS else None


async def ask(matcher: Matcher, scope: Scope, receive: Receive) -> tuple[Question | None, Receive]:
    """The question, and a `receive` by which the whole of it can be read again."""
    step = step_of(scope["method"], scope["path"])
    if step is None:
        return None, receive
    if step[0] != "submit":
        return matcher.question(*step), receive
    body, receive = await _read(receive)
    endpoint = wire.endpoint_of(scope["path"].lstrip("/").partition("/")[2]) or ""
    prompt = _prompt(body)
    question = Question(
        step="submit", endpoint=endpoint, prompt=prompt, places=matcher.arrived(endpoint, prompt)
    )
    scope[QUESTION] = question
    return question, receive


def _prompt(body: bytes) -> str:
    try:
        input_ = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    prompt = input_.get("prompt") if isinstance(input_, Mapping) else None
    return prompt if isinstance(prompt, str) else ""


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    messages: list[Message] = []
    size = 0
    while True:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if not message.get("more_body", False) or size > LARGEST_BODY:
            break
    body = b"".join(message.get("body", b"") for message in messages)

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    return body, again
