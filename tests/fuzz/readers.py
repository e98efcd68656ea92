"""Every reader of what comes from outside, as one function of bytes; an answer, or an error of its own tree.

Anything else that leaves such a function is a defect: an exception of another kind, or a promise not kept.
"""

import json
import os
import unicodedata
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import MappingProxyType

import httpx

from reelroom.fal import policy, wire_platform, wire_uploads
from reelroom.fal.addresses import Address, ascii_url
from reelroom.fal.cdn import read_content_range
from reelroom.fal.clean import clean
from reelroom.fal.datauri import read_data_uri
from reelroom.fal.documents import entry_of, read_document, read_entry
from reelroom.fal.errors import FalError, ForeignAddress
from reelroom.fal.events import statuses
from reelroom.fal.hosts import Hosts
from reelroom.fal.refusals import refusal, retry_after
from reelroom.fal.replies import read_cancel, read_result, read_state, read_submit
from reelroom.fal.sniff import content_type, picture_size
from reelroom.fal.values import Completed, Reply, Ticket
from reelroom.fal.wire import read_json
from reelroom.store.boxes import check_whole
from reelroom.store.errors import NotAVideo, Truncated
from reelroom.store.facts import read_facts
from reelroom.tui.studio.orders import canonical
from reelroom.tui.studio.sidecar import NotASidecar, read_sidecar

FAL = Hosts.fal()
PRACTICE = Hosts.at("http://127.0.0.1:9999")
ENDPOINT = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
LISTINGS = ("models", "prices", "items", "billing_events")

CODES = (
    200,
    200,
    200,
    201,
    202,
    204,
    400,
    401,
    402,
    403,
    404,
    408,
    409,
    410,
    413,
    422,
    429,
    499,
    500,
    502,
    503,
)
HEADERS = ("retry-after", "date", "x-fal-error-type", "x-fal-needs-retry", "x-fal-retryable",
           "x-fal-billable-units", "x-fal-request-timeout-type")  # fmt: skip


def _safe(text: str) -> None:
    """Nothing is left that a terminal would obey, a database refuse, or a second cleaning change."""
    assert clean(text, lines=True) == text, ascii(text)
    text.encode()


def _now(work: Coroutine[object, object, None]) -> None:
    """Run what waits for nothing to its end; an event loop for each would cost more than the work."""
    with suppress(StopIteration):
        work.send(None)
        raise AssertionError("it waited for something")


def cleaning(data: bytes) -> None:
    """`clean`: the first byte is the limit."""
    limit, text = 1 + (data[:1] or b"\x7f")[0], data[1:].decode("utf-8", "surrogateescape")
    for lines in (True, False):
        once = clean(text, limit=limit, lines=lines)
        assert len(once) <= limit
        assert clean(once, limit=limit, lines=lines) == once
        left = {char for char in once if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp", "Cs", "Co"}}
        assert left <= {"\u200c", "\u200d", "\n"}
        once.encode()


class _Pieces(httpx.AsyncByteStream):
    """A body in pieces, as a network gives it: the first byte is their length."""

    def __init__(self, data: bytes) -> None:
        self._step, self._data = 1 + (data[:1] or b"\0")[0], data[1:]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for at in range(0, len(self._data), self._step):
            yield self._data[at : at + self._step]


def events(data: bytes) -> None:
    """The server-sent events of a status stream."""
    _now(_listened(data))


async def _listened(data: bytes) -> None:
    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=_Pieces(data))
    async with aclosing(statuses(response)) as told:
        try:
            last = None
            async for last in told:
                for line in getattr(last, "logs", ()):
                    _safe(line.message)
            assert isinstance(last, Completed)
        except FalError as error:
            _safe(str(error))


def answers(data: bytes) -> None:
    """What the queue answers to a submit, and about a request: code, one header, body."""
    head, _, body = data.partition(b"\n")
    code, name = (head[0], head[1]) if len(head) > 1 else (0, 0)
    headers = {HEADERS[name % len(HEADERS)]: clean(head[2:].decode("latin-1"))}
    reply = Reply(CODES[code % len(CODES)], body.decode("utf-8", "replace"), headers)
    with _told():
        taken = read_submit(FAL, ENDPOINT, reply, sent={"image_url": "https://v3.fal.media/files/a.png"})
        if isinstance(taken, Ticket):
            _one_request(taken)
    with _told():
        read_state(reply)
    with _told():
        read_cancel(reply)
    for said in (None, Completed(), Completed("it failed", "generation_timeout")):
        with _told():
            for file in read_result(reply, completed=said).files:
                assert file.url.isascii()
                if file.url[:5].lower() == "data:":
                    b"".join(read_data_uri(file.url).pieces())
    if not 200 <= reply.status < 300:
        _safe(str(refusal(reply)))


def _one_request(ticket: Ticket) -> None:
    for url in (ticket.status_url, ticket.response_url, ticket.cancel_url):
        assert policy.checked_api_url(FAL, url) == url
        assert httpx.URL(url).host == "queue.fal.run"


@contextmanager
def _told() -> Iterator[None]:
    """An error of the tree, whose sentence can be shown."""
    try:
        yield
    except FalError as error:
        _safe(str(error))


def documents(data: bytes) -> None:
    """OpenAPI documents, and the lines that the catalogue keeps of them."""
    text = data.decode("utf-8", "replace")
    with _told():
        schema = read_document(text)
        for field in schema.fields:
            assert field.shape.words()
            assert len(field.shape.offers()) < 5_000
        line = json.dumps(entry_of(schema), allow_nan=False)
        assert read_entry(json.loads(line)).fields == schema.fields
    with suppress(ValueError, RecursionError):
        line = json.loads(text)
        if isinstance(line, dict):
            _entry(line)


def _entry(line: Mapping[str, object]) -> None:
    try:
        read_entry(line)
    except (ValueError, RecursionError) as error:
        raise AssertionError("a line of the catalogue was not read") from error


def ranges(data: bytes) -> None:
    """Content-Range and Retry-After, as a header can hold them."""
    text = data.decode("latin-1")
    with _told():
        start, total = read_content_range(text)
        assert total is None or 0 <= start < total
    given, _, date = text.partition("\n")
    wait = retry_after(Reply(429, headers={"retry-after": given, "date": date}))
    assert wait is None or wait >= 0


def media(data: bytes) -> None:
    """A downloaded or attached file: the boxes of an MP4, the elements of a WebM, the header of a picture."""
    with NamedTemporaryFile(dir=_MEMORY, prefix="reelroom-", buffering=0) as file:
        file.write(data)
        path = Path(file.name)
        try:
            assert check_whole(path) in {"mp4", "webm"}
        except (NotAVideo, Truncated) as error:
            _safe(str(error))
        facts = read_facts(path)
        for number in (facts.width, facts.height, facts.duration, facts.fps):
            assert number is None or number > 0
        if facts.codec is not None:
            _safe(facts.codec)
        content_type(data[:64])
        size = picture_size(path)
        assert size is None or min(size) > 0


_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def uploads(data: bytes) -> None:
    """What the upload hosts answer."""
    with _told():
        mark = wire_uploads.read_etag({"etag": data.decode("latin-1")})
        assert mark.isascii()
        assert mark.isprintable()
    with _told():
        answer = read_json(data)
        for read in (_token, wire_uploads.read_access_url, wire_uploads.read_upload_id):
            with _told():
                read(answer)


def _token(answer: object) -> object:
    token = wire_uploads.read_token(answer)
    assert token.header.isascii()
    assert token.header.isprintable()
    with suppress(ForeignAddress):
        host = Address.parse(policy.checked_upload_url(FAL, token.base)).host
        assert host == "fal.media" or host.endswith(".fal.media")
    return token


def platform(data: bytes) -> None:
    """What the Platform API answers: listings, and single facts of an account."""
    with _told():
        answer = read_json(data)
        wire_platform.read_balance(answer)
        with _told():
            assert wire_platform.read_estimate(answer).total.is_finite()
        for name in LISTINGS:
            with _told():
                for entry in wire_platform.read_page(answer, name)[0]:
                    _listed(entry)


def _listed(entry: dict[str, object]) -> None:
    model = wire_platform.read_listed(entry)
    if model is not None:
        _safe(model.name + model.description)
        assert policy.is_endpoint(model.endpoint)
        if model.document is not None:
            with _told():
                read_document(model.document)
    request, charge = wire_platform.read_request(entry), wire_platform.read_charge(entry)
    if request is not None:
        _safe(request.request_id + request.endpoint)
    if charge is not None:
        _safe(charge.request_id + charge.endpoint)
        assert charge.cost is None or charge.cost.is_finite()
    wire_platform.read_price(entry)


def addresses(data: bytes) -> None:
    """The URL policy: what passes is one host to us and to httpx, and that host is the one allowed."""
    url = data.decode("utf-8", "surrogateescape")
    for hosts in (FAL, PRACTICE):
        for check in (policy.checked_api_url, policy.checked_media_url, policy.checked_upload_url):
            with suppress(ForeignAddress):
                _same_to_httpx(check(hosts, url))
        policy.request_id_in(hosts, url)
        with _told():
            _one_request(policy.make_ticket(FAL, ENDPOINT, "a-b", status_url=url, response_url=url))
        with _told():
            _one_request(policy.make_ticket(FAL, ENDPOINT, url))
    with suppress(ForeignAddress):
        Hosts.at(url)
    assert ascii_url(url).isascii()


def _same_to_httpx(url: str) -> None:
    ours, theirs = Address.parse(url), httpx.URL(url)
    assert theirs.host == ours.host.strip("[]"), url
    assert (theirs.port or {"http": 80, "https": 443}[ours.scheme]) == ours.port, url
    assert not theirs.userinfo, url


def sidecars(data: bytes) -> None:
    """The file beside a clip, which anybody may have written."""
    try:
        origin = read_sidecar(data, "clip.mp4")
    except NotASidecar as error:
        _safe(str(error))
        return
    clip = origin.clip
    assert clip.path == "clip.mp4"
    _safe(clip.prompt)
    for word in (clip.id, clip.model, clip.endpoint, clip.origin, clip.sha256):
        _safe(word)
    origin.job.input.encode()
    assert canonical(json.loads(origin.job.input)) == origin.job.input


READERS: Mapping[str, Callable[[bytes], None]] = MappingProxyType(
    {
        read.__name__: read
        for read in (
            cleaning, events, answers, documents, ranges, media, uploads, platform, addresses, sidecars,
        )
    }
)  # fmt: skip
