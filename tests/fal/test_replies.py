import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelroom.fal.errors import (
    FalError,
    NotFound,
    NotUnderstood,
    RateLimited,
    Refused,
    Trouble,
)
from reelroom.fal.hosts import Hosts
from reelroom.fal.refusals import MAX_WAIT
from reelroom.fal.replies import read_cancel, read_result, read_state, read_submit
from reelroom.fal.values import Completed, Direct, LogLine, Queued, Reply, Running, Ticket

HOSTS = Hosts.fal()
KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
ID = "764cabcf-b745-4b3e-ae38-1200304cf45b"
OWN = f"https://queue.fal.run/fal-ai/kling-video/requests/{ID}"
URL = "https://v3.fal.media/files/b/clip.mp4"
CLIP = {"video": {"url": URL}}
PAGE = "<html><head><title>502 Bad Gateway</title></head><body><hr>nginx</body></html>"
NO_USER = {"detail": "No user found for Key ID and Secret"}
LOCKED = {
    "detail": "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
}
TOO_LONG = {
    "detail": [
        {
            "loc": ["body", "prompt"],
            "msg": "String should have at most 2500 characters",
            "type": "string_too_long",
            "ctx": {"max_length": 2500},
        }
    ]
}
POLICY = {"detail": [{"loc": ["body", "prompt"], "msg": "flagged", "type": "content_policy_violation"}]}


def reply(status: int, body: object, **headers: str) -> Reply:
    text = body if isinstance(body, str) else json.dumps(body)
    return Reply(status, text, {name.replace("_", "-"): value for name, value in headers.items()})


def submit(
    status: int, body: object, sent: dict[str, object] | None = None, **headers: str
) -> Ticket | Direct:
    return read_submit(HOSTS, KLING, reply(status, body, **headers), sent=sent)


READERS: list[Callable[[Reply], object]] = [
    read_state,
    read_cancel,
    read_result,
    lambda one: read_submit(HOSTS, KLING, one),
]


# Submit


def test_a_submit_gives_a_ticket() -> None:
    body = {"status": "IN_QUEUE", "request_id": ID, "queue_position": 3, "logs": None, "metrics": {}}
    body |= {"response_url": OWN, "status_url": f"{OWN}/status", "cancel_url": f"{OWN}/cancel"}
    assert submit(200, body) == Ticket(KLING, ID, f"{OWN}/status", OWN, f"{OWN}/cancel", 3)


def test_a_bare_request_id_is_enough() -> None:
    assert submit(202, {"request_id": ID}) == Ticket(KLING, ID, f"{OWN}/status", OWN, f"{OWN}/cancel")
    assert submit(200, {"gateway_request_id": ID, "queue_position": "3"}).position is None


def test_a_request_id_is_read_from_fals_own_urls() -> None:
    assert submit(200, {"response_url": OWN}).request_id == ID
    assert submit(200, {"request_id": None, "status_url": f"{OWN}/status"}).request_id == ID
    with pytest.raises(NotUnderstood):
        submit(200, {"status_url": f"https://evil.com/a/b/requests/{ID}/status"})


def test_foreign_urls_in_a_submit_reply_are_rebuilt() -> None:
    body = {"request_id": ID, "status_url": "https://evil.com/status", "response_url": f"{OWN}/../../x"}
    assert submit(200, body) == Ticket(KLING, ID, f"{OWN}/status", OWN, f"{OWN}/cancel")


def test_a_direct_result_is_accepted() -> None:
    assert submit(200, CLIP).files[0].url == URL
    assert isinstance(submit(200, {"data": CLIP}), Direct)


def test_an_echo_of_the_input_is_no_direct_result() -> None:
    with pytest.raises(NotUnderstood):
        submit(200, {"video_url": URL}, sent={"video_url": URL})


@pytest.mark.parametrize(
    "body", [PAGE, "", "null", "[]", "{}", '{"request_id": 5}', '{"request_id": "a b"}', "{" * 500]
)
def test_a_2xx_that_holds_nothing_is_not_understood(body: object) -> None:
    with pytest.raises(NotUnderstood):
        submit(200, body)


REFUSALS = [
    (401, NO_USER, "auth"),
    (403, LOCKED, "balance"),
    (403, {"detail": "User is locked. Reason: Admin lock. Please contact support@fal.ai"}, "locked"),
    (403, {"detail": "User is locked. Reason: TOP_UP."}, "balance"),
    (403, {"detail": "User budget is exceeded. Adjust it at fal.ai/dashboard/billing"}, "balance"),
    (403, {"detail": 'Cannot access application "fal-ai/x"'}, "auth"),
    (403, PAGE, "auth"),
    (402, "", "balance"),
    (404, {"detail": "Path /x not found"}, "not_found"),
    (422, TOO_LONG, "invalid_input"),
    (422, {"detail": "Input is too long"}, "invalid_input"),
    (422, POLICY, "policy"),
    (400, {"detail": "Bad", "error_type": "bad_request"}, "invalid_input"),
    (405, PAGE, "refused"),
    (409, {"error": {"type": "conflict", "message": "twice"}}, "refused"),
]


@pytest.mark.parametrize(("status", "body", "reason"), REFUSALS)
def test_a_4xx_is_a_definite_no_with_a_reason(status: int, body: object, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        submit(status, body)
    assert (caught.value.reason, caught.value.status) == (reason, status)


def test_fals_own_words_are_in_the_sentence() -> None:
    with pytest.raises(Refused, match=r"nothing left to spend: User is locked\. Reason: Exhausted balance"):
        submit(403, LOCKED)
    with pytest.raises(Refused) as caught:
        submit(422, TOO_LONG)
    assert "prompt: String should have at most 2500 characters (at most 2500)" in str(caught.value)
    assert caught.value.fields[0].field == "prompt"
    assert caught.value.fields[0].type == "string_too_long"


def test_hostile_words_are_shown_and_not_obeyed() -> None:
    with pytest.raises(Refused) as caught:
        submit(422, {"detail": [{"loc": ["body", "\x1b[2J"], "msg": "a\x1b]52;c;x\x07", "type": "\x9b"}]})
    assert not any(char in str(caught.value) for char in "\x1b\x07\x9b")
    assert "␛" in str(caught.value)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 499])
@pytest.mark.parametrize("body", [PAGE, {"detail": "x", "error_type": "internal_error"}, "", "\ufffd"])
def test_after_a_5xx_on_submit_no_one_knows(status: int, body: object) -> None:
    with pytest.raises(Trouble) as caught:
        submit(status, body)
    assert caught.value.status == status


def test_a_redirect_is_neither_a_result_nor_an_error() -> None:
    with pytest.raises(NotUnderstood):
        submit(307, "")


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": "99999999999999999999"}, MAX_WAIT),
        ({"retry_after": "-5"}, None),
        ({"retry_after": "nan"}, None),
        ({"retry_after": "soon"}, None),
        ({}, None),
        ({"retry_after": "Sun, 22 Nov 2026 10:00:30 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry_after": "Sun, 22 Nov 2026 09:00:00 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 0.0),
        ({"retry_after": "Sun, 22 Nov 9026 09:00:00 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, MAX_WAIT),
        ({"retry_after": "Sun, 22 Nov 2026 10:00:30 GMT"}, None),
    ],
)
def test_a_429_says_how_long_to_wait_up_to_a_cap(headers: dict[str, str], after: float | None) -> None:
    with pytest.raises(RateLimited) as caught:
        submit(429, {"detail": "slow down"}, **headers)
    assert caught.value.after == after


# Status


def test_the_three_states() -> None:
    assert read_state(reply(202, {"status": "IN_QUEUE", "queue_position": 2})) == Queued(2)
    assert read_state(reply(202, {"status": "IN_PROGRESS", "logs": None})) == Running()
    done = {"status": "COMPLETED", "metrics": {"inference_time": 3.5}, "logs": []}
    assert read_state(reply(200, done)) == Completed(None, None, 3.5)


def test_a_failed_completion_carries_its_error() -> None:
    done = {"status": "COMPLETED", "error": "Boom\x1b", "error_type": "runner_server_error"}
    assert read_state(reply(200, done)) == Completed("Boom␛", "runner_server_error")
    assert read_state(reply(200, {"status": "COMPLETED", "error": {"a": 1}})).error == "{'a': 1}"
    assert read_state(reply(200, {"status": "COMPLETED", "error_type": "x"})).error == "x"
    assert read_state(reply(200, {"status": "COMPLETED", "error": None})).error is None


@pytest.mark.parametrize(
    "body", [{}, {"status": "PAUSED"}, {"status": None}, {"status": 5}, {"state": "COMPLETED"}]
)
def test_an_unknown_status_word_is_work_in_progress(body: object) -> None:
    assert read_state(reply(200, body)) == Running()


@pytest.mark.parametrize("position", [-1, "2", 2.5, True, None, [], 10**30])
def test_a_wrong_position_is_an_unknown_one(position: object) -> None:
    state = read_state(reply(200, {"status": "IN_QUEUE", "queue_position": position}))
    assert state in (Queued(None), Queued(10**30))


def test_log_lines_are_cleaned_and_progress_bars_show_their_last_state() -> None:
    logs = [
        {"message": "one\x1b[31m", "timestamp": "2026-11-22T10:00:00Z", "level": "INFO", "source": "USER"},
        {"message": "\r 10%|#   |\r 50%|##  |\r"},
        {"message": "a\r\nb\n"},
        {"message": None},
        "not an entry",
        {"timestamp": 5, "message": "late"},
    ]
    assert read_state(reply(200, {"status": "IN_PROGRESS", "logs": logs})) == Running(
        (
            LogLine("one␛[31m", "2026-11-22T10:00:00Z", "INFO"),
            LogLine(" 50%|##  |"),
            LogLine("a\nb"),
            LogLine("late"),
        )
    )


def test_only_the_newest_log_lines_are_taken() -> None:
    logs = [{"message": str(n)} for n in range(2_000)]
    state = read_state(reply(200, {"status": "IN_PROGRESS", "logs": logs}))
    assert [line.message for line in state.logs] == [str(n) for n in range(1_500, 2_000)]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, {"status": "NOT_FOUND"}, NotFound),
        (401, NO_USER, Refused),
        (429, "", RateLimited),
        (500, PAGE, Trouble),
        (200, PAGE, NotUnderstood),
        (200, "[]", NotUnderstood),
        (302, "", NotUnderstood),
    ],
)
def test_a_status_that_is_none_is_told_by_its_error(
    status: int, body: object, error: type[Exception]
) -> None:
    with pytest.raises(error):
        read_state(reply(status, body))


# Cancel


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, {"status": "OK"}, "removed"),
        (202, {"status": "CANCELLATION_REQUESTED"}, "requested"),
        (400, {"status": "ALREADY_COMPLETED"}, "already_completed"),
        (404, {"status": "NOT_FOUND"}, "not_found"),
        (404, PAGE, "not_found"),
        (200, {"success": True}, "requested"),
        (200, "", "requested"),
    ],
)
def test_what_became_of_a_cancel(status: int, body: object, answer: str) -> None:
    assert read_cancel(reply(status, body)) == answer


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [(401, NO_USER, Refused), (429, "", RateLimited), (503, PAGE, Trouble), (400, {"detail": "?"}, Refused)],
)
def test_a_cancel_that_was_not_heard_is_an_error(status: int, body: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_cancel(reply(status, body))


@given(
    st.integers(100, 599),
    st.text(max_size=200) | st.sampled_from([PAGE, json.dumps(TOO_LONG), json.dumps(CLIP)]),
)
def test_no_reply_raises_anything_but_a_fal_error(status: int, text: str) -> None:
    for read in READERS:
        with suppress(FalError):
            read(Reply(status, text))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "detail",
                        "status",
                        "request_id",
                        "error",
                        "error_type",
                        "loc",
                        "msg",
                        "ctx",
                        "logs",
                        "metrics",
                    ]
                ),
                x,
            )
        ),
        max_leaves=20,
    ),
    st.sampled_from([200, 400, 422, 500]),
)
def test_no_json_raises_anything_but_a_fal_error(body: object, status: int) -> None:
    for read in READERS:
        with suppress(FalError):
            read(Reply(status, json.dumps(body)))
