"""What FAL's answers mean: pure functions on a Reply, which is kept before it is read."""

import os
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

from .errors import NoMedia, NotFound, NotUnderstood, Refused, Trouble
from .hosts import Hosts
from .media_search import find_media, sent_urls
from .policy import make_ticket, request_id_in
from .refusals import Fault, answered, failed, read_error_body, refusal, situation
from .retries import REFUSED_ELSEWHERE, TOO_EARLY, Then
from .values import CancelAnswer, Completed, Direct, Reply, Result, Status, Ticket
from .wire import read_accepted, read_json, read_status, read_word

MAX_SPILL = 64 * 2**20
"""Bytes: the longest body that is kept in a file, and read back from it."""

_CANCEL_WORDS: dict[str, CancelAnswer] = {
    "OK": "removed",
    "CANCELLATION_REQUESTED": "requested",
    "ALREADY_COMPLETED": "already_completed",
    "NOT_FOUND": "not_found",
}


def read_submit(
    hosts: Hosts, endpoint: str, reply: Reply, *, sent: Mapping[str, object] | None = None
) -> Ticket | Direct:
    """The ticket of a submit, or the result itself; `sent` is the input, whose own URLs are no result.

    Raises Refused (nothing was taken), RateLimited, Trouble (no one knows) and NotUnderstood.
    """
    if not _fine(reply):
        error = refusal(reply)
        if isinstance(error, NotFound):
            error = Refused(f"FAL does not know the endpoint {endpoint}.", reason="not_found", status=404)
        raise error
    data = _json(reply)
    wire = read_accepted(data)
    addresses = (wire.response_url, wire.status_url, wire.cancel_url)
    found = (request_id_in(hosts, url) for url in addresses)
    request_id = wire.request_id or wire.gateway_request_id or next(filter(None, found), None)
    if request_id:
        return make_ticket(
            hosts,
            endpoint,
            request_id,
            status_url=wire.status_url,
            response_url=wire.response_url,
            cancel_url=wire.cancel_url,
            position=wire.queue_position,
        )
    files = find_media(data, sent_urls(sent))
    if not files:
        raise NotUnderstood("FAL took the request, but its answer holds neither a request id nor a result.")
    return Direct(files)


def read_state(reply: Reply) -> Status:
    """Where a request stands; raises what `refusal` tells, and NotUnderstood for what is not JSON."""
    if not _fine(reply):
        raise refusal(reply)
    return read_status(_json(reply))


def read_event(text: str) -> Status:
    """Where a request stands, from the data of one event of its status stream; raises NotUnderstood."""
    return read_status(read_json(text))


def read_cancel(reply: Reply) -> CancelAnswer:
    """What became of a wish to cancel; a 2xx in an unknown form is a wish that was heard."""
    try:
        word = read_word(_json(reply))
    except NotUnderstood:
        word = ""
    if word in _CANCEL_WORDS and (_fine(reply) or reply.status in (400, 404)):
        return _CANCEL_WORDS[word]
    if _fine(reply):
        return "requested"
    if reply.status == HTTPStatus.NOT_FOUND:
        return "not_found"
    raise refusal(reply)


def read_result(
    reply: Reply, *, completed: Completed | None = None, sent: Mapping[str, object] | None = None
) -> Result:
    """The media of a finished request; `completed` is what its status said, `sent` its own input.

    Media that is there is a result, whatever else is said: it was paid for. Raises Failed, NoMedia,
    Trouble, RateLimited, NotFound, Refused and NotUnderstood.
    """
    if not _fine(reply):
        raise _failure(reply, completed)
    try:
        data = _json(reply)
    except NotUnderstood:
        if completed and completed.error:
            raise failed(reply, Fault(form=False, said="", type=""), completed) from None
        raise
    files = find_media(data, sent_urls(sent))
    if files:
        return Result(files, _seed(data))
    if completed and completed.error:
        raise failed(reply, read_error_body(reply), completed)
    if read_word(data) in ("IN_QUEUE", "IN_PROGRESS"):
        raise Trouble("FAL says that the request is still in progress.", reply.status)
    raise NoMedia(_nothing_in(data))


def _failure(reply: Reply, completed: Completed | None) -> Exception:
    """What a result outside 2xx means: FAL replays the model's own error under its own status code."""
    fault = read_error_body(reply)
    row = situation(reply, fault)
    if (completed and completed.error) or row.result is Then.ENDED:
        return failed(reply, fault, completed)
    if row is REFUSED_ELSEWHERE:
        return NotUnderstood(f"FAL answered {answered(reply)} for the result, not in its own form.")
    if row is TOO_EARLY:
        return Trouble("FAL says that the request is still in progress.", reply.status)
    return refusal(reply)


def _fine(reply: Reply) -> bool:
    return 200 <= reply.status < 300


def _json(reply: Reply) -> object:
    return read_json(_read_back(reply.file) if reply.file else reply.text)


def _read_back(path: Path) -> bytes:
    """A body that was streamed to a file; raises NotUnderstood where it is gone, or too long."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
            body = file.read(MAX_SPILL + 1)
    except OSError as error:
        raise NotUnderstood(
            f"FAL's answer was kept in {path.name}, which cannot be read: {error.strerror}."
        ) from error
    if len(body) > MAX_SPILL:
        raise NotUnderstood(f"FAL's answer in {path.name} is longer than {MAX_SPILL >> 20} MiB.")
    return body


def _seed(data: object) -> int | None:
    seed = data.get("seed") if isinstance(data, Mapping) else None
    return seed if isinstance(seed, int) and not isinstance(seed, bool) else None


def _nothing_in(data: object) -> str:
    if not isinstance(data, Mapping) or not data:
        return "FAL's result is empty: it holds no media."
    flagged = data.get("has_nsfw_concepts")
    if isinstance(flagged, list) and any(flag is True for flag in flagged):
        return "FAL's result holds no media: the model's safety checker held it back."
    return "FAL's result holds no media. The raw reply is kept."
