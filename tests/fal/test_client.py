import asyncio
import gzip
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from reelroom.fal import errors
from reelroom.fal.client import Client
from reelroom.fal.errors import (
    FalError,
    ForeignAddress,
    NoAnswer,
    NotFound,
    NotKept,
    NotSent,
    NotUnderstood,
    Unreachable,
)
from reelroom.fal.hosts import Hosts
from reelroom.fal.key import Key
from reelroom.fal.replies import read_result
from reelroom.fal.values import Completed, Queued, Ticket

KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
ID = "764cabcf-b745-4b3e-ae38-1200304cf45b"
KEY = Key.parse("key-id:s3cret-canary")
OWN = f"https://queue.fal.run/fal-ai/kling-video/requests/{ID}"


class Fal:
    """FAL as a transport: keeps what it was asked, and answers what the test says."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def client(fal: Fal, key: Key | None = KEY) -> Client:
    return Client(Hosts.fal(), key, transport=httpx.MockTransport(fal))


async def test_a_submit_is_one_post_of_the_input_with_the_key() -> None:
    fal = Fal(
        httpx.Response(200, json={"request_id": ID}, headers={"x-fal-request-id": ID, "set-cookie": "a=b"})
    )
    async with client(fal) as api:
        reply = await api.submit(KLING, {"prompt": "zwölf Füchse", "duration": "5"})
    (request,) = fal.asked
    assert (request.method, str(request.url)) == ("POST", f"https://queue.fal.run/{KLING}")
    assert request.headers["authorization"] == "Key key-id:s3cret-canary"
    assert json.loads(request.content) == {"prompt": "zwölf Füchse", "duration": "5"}
    assert request.headers["accept-encoding"] == "identity"
    assert (reply.status, json.loads(reply.text)) == (200, {"request_id": ID})
    assert reply.headers["x-fal-request-id"] == ID
    assert "set-cookie" not in reply.headers


async def test_the_whole_life_of_a_request_is_asked_at_its_own_urls(tmp_path: Path) -> None:
    fal = Fal(
        httpx.Response(202, json={"status": "IN_QUEUE", "queue_position": 1}),
        httpx.Response(200, json={"status": "COMPLETED"}),
        httpx.Response(200, json={"video": {"url": "https://v3.fal.media/a.mp4"}}),
        httpx.Response(202, json={"status": "CANCELLATION_REQUESTED"}),
    )
    async with client(fal) as api:
        ticket = api.ticket(KLING, ID)
        assert await api.status(ticket) == Queued(1)
        assert await api.status(ticket, logs=False) == Completed()
        assert read_result(await api.result(ticket, spill=tmp_path / ".r")).files
        assert await api.cancel(ticket) == "requested"
    asked = [(request.method, str(request.url)) for request in fal.asked]
    assert asked == [
        ("GET", f"{OWN}/status?logs=1"),
        ("GET", f"{OWN}/status?logs=0"),
        ("GET", OWN),
        ("PUT", f"{OWN}/cancel"),
    ]
    assert all(request.headers["authorization"] == KEY.header() for request in fal.asked)
    assert list(tmp_path.iterdir()) == []


async def test_without_a_key_none_is_sent_and_no_cookie_is_kept() -> None:
    fal = Fal(httpx.Response(200, headers={"set-cookie": "session=1"}), httpx.Response(200))
    async with client(fal, key=None) as api:
        await api.submit(KLING, {})
        await api.submit(KLING, {})
    assert all("authorization" not in request.headers for request in fal.asked)
    assert "cookie" not in fal.asked[1].headers


async def test_a_ticket_with_foreign_urls_is_not_asked(tmp_path: Path) -> None:
    fal = Fal()
    foreign = "https://queue.fal.run.evil.com/a/b/requests/x"
    ticket = Ticket(KLING, ID, status_url=foreign, response_url=foreign, cancel_url=foreign)
    async with client(fal) as api:
        for ask in (api.status(ticket), api.result(ticket, spill=tmp_path / ".r"), api.cancel(ticket)):
            with pytest.raises(ForeignAddress):
                await ask
    assert not fal.asked


async def test_a_redirect_is_not_followed() -> None:
    fal = Fal(httpx.Response(307, headers={"location": "https://evil.com/"}))
    async with client(fal) as api:
        assert (await api.submit(KLING, {})).status == 307
    assert len(fal.asked) == 1


async def test_sync_mode_true_is_never_sent() -> None:
    fal = Fal(httpx.Response(200), httpx.Response(200))
    async with client(fal) as api:
        for value in (True, "true", " True ", 1):
            with pytest.raises(ValueError, match="sync_mode"):
                await api.submit(KLING, {"sync_mode": value})
        await api.submit(KLING, {"sync_mode": False})
        await api.submit(KLING, {"sync_mode": "cut_off"})
    assert len(fal.asked) == 2


NOT_SENT = [
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("slow"),
    httpx.PoolTimeout("full"),
    httpx.ProxyError("no"),
    httpx.UnsupportedProtocol("gopher"),
    httpx.LocalProtocolError("Illegal header value"),
    httpx.InvalidURL("bad"),
    UnicodeEncodeError("ascii", "\u200b", 0, 1, "ordinal not in range"),
    ExceptionGroup("multiple connection attempts failed", [OverflowError("port must be 0-65535")]),
    OverflowError("port must be 0-65535"),
]
NO_ANSWER = [
    httpx.WriteError("x"),
    httpx.WriteTimeout("x"),
    httpx.ReadTimeout("x"),
    httpx.ReadError("x"),
    httpx.CloseError("x"),
    httpx.RemoteProtocolError("Server disconnected without sending a response."),
    httpx.DecodingError("x"),
    TimeoutError(),
    ConnectionResetError("x"),
    OSError("x"),
    ValueError("x"),
]


@pytest.mark.parametrize("error", NOT_SENT, ids=lambda error: type(error).__name__)
async def test_what_certainly_did_not_reach_fal_may_be_sent_again(error: Exception) -> None:
    async with client(Fal(error)) as api:
        with pytest.raises(NotSent):
            await api.submit(KLING, {"prompt": "x"})


@pytest.mark.parametrize("error", NO_ANSWER, ids=lambda error: type(error).__name__)
async def test_what_may_have_reached_fal_is_in_doubt(error: Exception) -> None:
    async with client(Fal(error)) as api:
        with pytest.raises(NoAnswer):
            await api.submit(KLING, {"prompt": "x"})


@pytest.mark.parametrize("error", NOT_SENT + NO_ANSWER, ids=lambda error: type(error).__name__)
async def test_a_question_without_an_answer_may_be_asked_again(error: Exception, tmp_path: Path) -> None:
    async with client(Fal(*[error] * 5)) as api:
        ticket = api.ticket(KLING, ID)
        for ask in (api.status(ticket), api.result(ticket, spill=tmp_path / ".r"), api.cancel(ticket)):
            with pytest.raises(Unreachable):
                await ask


@pytest.mark.parametrize("input_", [{"x": float("nan")}, {"x": {1, 2}}, {"prompt": "\ud800"}])
async def test_an_input_that_is_no_json_is_not_sent(input_: dict[str, object]) -> None:
    fal = Fal()
    async with client(fal) as api:
        with pytest.raises(NotSent):
            await api.submit(KLING, input_)
    assert not fal.asked


async def test_the_key_is_in_no_error() -> None:
    async with client(Fal(httpx.ReadError("x"), httpx.ReadError("x"))) as api:
        with pytest.raises(NoAnswer) as posted:
            await api.submit(KLING, {})
        with pytest.raises(Unreachable) as asked:
            await api.status(api.ticket(KLING, ID))
    for caught in (posted, asked):
        # Frames of httpx hold the header in their locals: no traceback reaches them.
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
        assert "canary" not in str(caught.value)
    assert "canary" not in repr(api.__dict__)


async def test_an_error_answer_is_told_by_its_kind() -> None:
    async with client(Fal(httpx.Response(404, json={"status": "NOT_FOUND"}))) as api:
        with pytest.raises(NotFound):
            await api.status(api.ticket(KLING, ID))


async def test_a_long_result_is_streamed_to_the_file_and_read_back(tmp_path: Path) -> None:
    body = {"pad": "x" * (5 * 2**20), "video": {"url": "https://v3.fal.media/a.mp4"}}
    spill = tmp_path / ".job.reply"
    spill.write_text("left over")
    async with client(Fal(httpx.Response(200, json=body))) as api:
        reply = await api.result(api.ticket(KLING, ID), spill=spill)
    assert (reply.file, reply.text) == (spill, "")
    assert spill.stat().st_mode & 0o777 == 0o600
    assert json.loads(spill.read_bytes()) == body
    assert read_result(reply).files[0].url == "https://v3.fal.media/a.mp4"


async def test_a_link_planted_under_the_spill_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    spill = tmp_path / ".reply"
    spill.symlink_to(tmp_path / "precious")
    async with client(Fal(httpx.Response(200, content=b"x" * (5 * 2**20)))) as api:
        await api.result(api.ticket(KLING, ID), spill=spill)
    assert (tmp_path / "precious").read_text() == "mine"
    assert not spill.is_symlink()


async def test_a_body_without_end_is_stopped(tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 2**20

    fal = Fal(httpx.Response(200, content=endless()), httpx.Response(200, content=endless()))
    async with client(fal) as api:
        with pytest.raises(NotUnderstood, match="64 MiB"):
            await api.result(api.ticket(KLING, ID), spill=tmp_path / ".reply")
        with pytest.raises(NoAnswer, match="64 MiB"):
            await api.submit(KLING, {})
    assert (tmp_path / ".reply").stat().st_size <= 64 * 2**20


async def test_a_reply_that_cannot_be_kept_says_so(tmp_path: Path) -> None:
    fal = Fal(*(httpx.Response(200, content=b"x" * (5 * 2**20)) for _ in range(2)))
    async with client(fal) as api:
        with pytest.raises(NotKept) as caught:
            await api.result(api.ticket(KLING, ID), spill=tmp_path / "no" / ".reply")
        assert isinstance(caught.value.__cause__, OSError)
        with pytest.raises(NoAnswer):
            await api.submit(KLING, {}, spill=tmp_path / "no" / ".reply")


async def test_a_direct_reply_is_kept_whole_without_a_file() -> None:
    async with client(Fal(httpx.Response(200, content=b"x" * (5 * 2**20)))) as api:
        assert len((await api.submit(KLING, {})).text) == 5 * 2**20


async def test_a_compressed_answer_is_read_all_the_same() -> None:
    packed = gzip.compress(json.dumps({"request_id": ID}).encode())
    async with client(Fal(httpx.Response(200, content=packed, headers={"content-encoding": "gzip"}))) as api:
        assert json.loads((await api.submit(KLING, {})).text) == {"request_id": ID}


async def test_questions_are_asked_a_few_at_a_time() -> None:
    now = most = 0

    async def slow(_: httpx.Request) -> httpx.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.005)
        now -= 1
        return httpx.Response(202, json={"status": "IN_PROGRESS"})

    async with Client(Hosts.fal(), KEY, transport=httpx.MockTransport(slow)) as api:
        ticket = api.ticket(KLING, ID)
        await asyncio.gather(*(api.status(ticket) for _ in range(40)))
    assert most == 8


async def test_a_client_that_is_not_open_says_so() -> None:
    api = client(Fal())
    with pytest.raises(RuntimeError, match="async with"):
        await api.submit(KLING, {})


async def test_what_httpx_would_import_in_the_first_request_is_there_before_it() -> None:
    code = (
        "import asyncio, sys\n"
        "from reelroom.fal.client import Client\n"
        "from reelroom.fal.cdn import Cdn\n"
        "from reelroom.fal.hosts import Hosts\n"
        "async def main():\n"
        "    async with globals()[sys.argv[1]](Hosts.fal()):\n"
        "        print('sniffio' in sys.modules and 'anyio._backends._asyncio' in sys.modules)\n"
        "asyncio.run(main())\n"
    )
    for name in ("Client", "Cdn"):
        done = subprocess.run(
            [sys.executable, "-c", code, name], capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.stdout, done.stderr) == ("True\n", "")


def test_plain_values_load_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "import reelroom.fal.values, reelroom.fal.errors, reelroom.fal.catalogue, reelroom.fal.prices\n"
        "import reelroom.fal.hosts, reelroom.fal.key, reelroom.fal.clean, reelroom.fal.policy\n"
        "print({'httpx', 'pydantic', 'asyncio', 'ssl'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("set()\n", "")


def test_the_tree_of_errors_has_one_root() -> None:
    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)]
    assert all(issubclass(kind, FalError) for kind in kinds)
    assert all(kind.__name__ in (errors.__doc__ or "") for kind in kinds)
