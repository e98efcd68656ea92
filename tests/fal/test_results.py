import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelroom.fal.errors import (
    Failed,
    NoMedia,
    NotFound,
    NotUnderstood,
    RateLimited,
    Refused,
    Trouble,
)
from reelroom.fal.replies import read_result
from reelroom.fal.values import Completed, Reply

ID = "764cabcf-b745-4b3e-ae38-1200304cf45b"
URL = "https://v3.fal.media/files/b/clip.mp4"
CLIP = {"video": {"url": URL}}
PAGE = "<html><head><title>502 Bad Gateway</title></head><body><hr>nginx</body></html>"
NO_USER = {"detail": "No user found for Key ID and Secret"}
LOCKED = {
    "detail": "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
}
POLICY = {"detail": [{"loc": ["body", "prompt"], "msg": "flagged", "type": "content_policy_violation"}]}


def reply(status: int, body: object, **headers: str) -> Reply:
    text = body if isinstance(body, str) else json.dumps(body)
    return Reply(status, text, {name.replace("_", "-"): value for name, value in headers.items()})


def test_a_result_holds_its_media_and_seed() -> None:
    result = read_result(reply(200, CLIP | {"seed": 42}), completed=Completed())
    assert (result.files[0].url, result.seed) == (URL, 42)
    for seed in (True, "42", 4.2, None):
        assert read_result(reply(200, CLIP | {"seed": seed})).seed is None


def test_media_is_a_result_whatever_the_status_said() -> None:
    assert read_result(reply(200, CLIP), completed=Completed("Boom", "internal_error")).files[0].url == URL


@pytest.mark.parametrize(
    ("status", "body", "word", "billed"),
    [
        (422, POLICY, "content_policy_violation", None),
        (422, {"detail": "blocked"}, "model_error", None),
        (
            500,
            {"detail": [{"loc": [], "msg": "x", "type": "internal_server_error"}]},
            "internal_server_error",
            False,
        ),
        (504, {"detail": "Request timed out", "error_type": "request_timeout"}, "request_timeout", False),
        (499, {"detail": "Cancelled", "error_type": "client_cancelled"}, "client_cancelled", None),
        (500, {"detail": "Internal Server Error"}, "model_error", False),
        (400, {"detail": "x", "error_type": "downstream_service_error"}, "downstream_service_error", None),
        (422, {"detail": [{"msg": "x", "type": "not a word\x1b"}]}, "model_error", None),
    ],
)
def test_a_models_error_is_an_ending(status: int, body: object, word: str, billed: bool | None) -> None:
    with pytest.raises(Failed) as caught:
        read_result(reply(status, body), completed=Completed())
    assert (caught.value.word, caught.value.billed) == (word, billed)


def test_the_error_type_header_is_fals_form_too() -> None:
    with pytest.raises(Failed) as caught:
        read_result(reply(503, "", x_fal_error_type="runner_disconnected"))
    assert caught.value.word == "runner_disconnected"


@pytest.mark.parametrize(
    ("status", "body"), [(200, {}), (502, PAGE), (404, {"detail": "gone"}), (200, PAGE), (401, NO_USER)]
)
def test_an_error_that_the_status_told_is_an_ending_whatever_the_result_says(
    status: int, body: object
) -> None:
    with pytest.raises(Failed, match=r"Boom|gone|No user") as caught:
        read_result(reply(status, body), completed=Completed("Boom", "runner_server_error"))
    assert caught.value.word == "runner_server_error"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, PAGE, Trouble),
        (502, PAGE, Trouble),
        (503, {"detail": "Service Unavailable"}, Trouble),
        (503, "", Trouble),
        (500, {"message": "x"}, Trouble),
        (400, "Request is still in progress", Trouble),
        (400, {"detail": "Request is still in progress"}, Trouble),
        (202, {"status": "IN_PROGRESS"}, Trouble),
        (408, "", Trouble),
        (404, {"detail": "Request not found"}, NotFound),
        (404, PAGE, NotFound),
        (401, NO_USER, Refused),
        (403, LOCKED, Refused),
        (429, {"detail": "x"}, RateLimited),
        (405, PAGE, NotUnderstood),
        (418, "", NotUnderstood),
        (200, PAGE, NotUnderstood),
        (200, '{"video": {"url": "https://v3.fal', NotUnderstood),
        (200, "null", NoMedia),
        (200, [], NoMedia),
        (200, {"video": None, "seed": 1}, NoMedia),
        (200, {"output": "a text"}, NoMedia),
        (200, {"has_nsfw_concepts": [True], "video": None}, NoMedia),
    ],
)
def test_what_a_result_that_is_none_means(status: int, body: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_result(reply(status, body))


def test_odd_json_does_not_cost_a_clip() -> None:
    text = json.dumps(CLIP)[:-1]
    for odd in (
        ', "timings": NaN}',
        ', "p": "\\ud800 lone"}',
        ', "p": "\\\\ud800 \\ud83e\\udd8a"}',
        ', "n": 1e999}',
    ):
        assert read_result(Reply(200, "\ufeff" + text + odd)).files[0].url == URL


@given(st.text(st.characters(), max_size=30))
def test_any_text_that_json_can_carry_is_read(text: str) -> None:
    assert read_result(Reply(200, json.dumps(CLIP | {"prompt": text}))).files[0].url == URL


def test_a_spilled_body_is_read_back(tmp_path: Path) -> None:
    spilled = tmp_path / ".reply.json"
    spilled.write_text(json.dumps({"pad": "x" * 5_000_000} | CLIP))
    assert read_result(Reply(200, "", {}, spilled)).files[0].url == URL


def test_a_spilled_body_is_not_followed_through_a_link_or_beyond_its_bound(tmp_path: Path) -> None:
    (tmp_path / "target").write_text(json.dumps(CLIP))
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(NotUnderstood):
        read_result(Reply(200, "", {}, tmp_path / "link"))
    with pytest.raises(NotUnderstood):
        read_result(Reply(200, "", {}, tmp_path / "gone"))
    with (tmp_path / "huge").open("wb") as file:
        os.ftruncate(file.fileno(), 65 * 2**20)
    with pytest.raises(NotUnderstood, match="64 MiB"):
        read_result(Reply(200, "", {}, tmp_path / "huge"))
