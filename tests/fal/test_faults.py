"""Every error type that FAL documents: its meaning, its field, its limit, FAL's own words, and the bill."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelroom.fal.errors import Failed, Refused
from reelroom.fal.faults import limits_in, words_for
from reelroom.fal.hosts import Hosts
from reelroom.fal.replies import read_result, read_submit
from reelroom.fal.values import Completed, Reply

# FAL's page Model Errors: HTTP status, context, and what a person is to read of it.
MODEL: dict[str, tuple[int, dict[str, Any], str]] = {
    "internal_server_error": (500, {}, "The model failed inside"),
    "generation_timeout": (504, {}, "The model took longer than it may"),
    "downstream_service_error": (400, {}, "A service behind the model refused"),
    "downstream_service_unavailable": (500, {}, "A service behind the model is not there"),
    "content_policy_violation": (422, {}, "The content policy does not allow it"),
    "no_media_generated": (422, {}, "The model made no media"),
    "image_too_small": (422, {"min_height": 300, "min_width": 400}, "at least 400 pixels wide, at least 300"),
    "image_too_large": (
        422,
        {"max_height": 3000, "max_width": 4000},
        "at most 4000 pixels wide",
    ),
    "image_load_error": (422, {}, "The image cannot be read"),
    "file_download_error": (422, {}, "FAL could not fetch the file"),
    "face_detection_error": (422, {}, "The model found no face"),
    "file_too_large": (422, {"max_size": 10_485_760}, "at most 10\u202f485\u202f760 bytes"),
    "greater_than": (422, {"gt": 0}, "more than 0"),
    "greater_than_equal": (422, {"ge": 1.5}, "1.5 or more"),
    "less_than": (422, {"lt": 10}, "less than 10"),
    "less_than_equal": (422, {"le": 10}, "10 or less"),
    "multiple_of": (422, {"multiple_of": 8}, "a multiple of 8"),
    "sequence_too_short": (422, {"min_length": 2}, "at least 2"),
    "sequence_too_long": (422, {"max_length": 4}, "at most 4"),
    "one_of": (422, {"expected": ["5", "10"]}, "accepted: 5, 10"),
    "feature_not_supported": (422, {}, "The model cannot do that"),
    "invalid_archive": (422, {"supported_extensions": [".zip", ".tar"]}, "accepted: .zip, .tar"),
    "archive_file_count_below_minimum": (
        422,
        {"min_count": 4, "provided_count": 2, "supported_extensions": [".png"]},
        "at least 4 files, 2 given, accepted: .png",
    ),
    "archive_file_count_exceeds_maximum": (
        422,
        {"max_count": 20, "provided_count": 31},
        "at most 20 files",
    ),
    "audio_duration_too_long": (
        422,
        {"max_duration": 30, "provided_duration": 41.5},
        "at most 30 s, 41.5 s given",
    ),
    "audio_duration_too_short": (422, {"min_duration": 2, "provided_duration": 1}, "at least 2 s, 1 s given"),
    "unsupported_audio_format": (422, {"supported_formats": ["mp3", "wav"]}, "accepted: mp3, wav"),
    "unsupported_image_format": (422, {"supported_formats": ["png"]}, "accepted: png"),
    "unsupported_video_format": (422, {"supported_formats": ["mp4"]}, "accepted: mp4"),
    "video_duration_too_long": (
        422,
        {"max_duration": 10, "provided_duration": 12},
        "at most 10 s, 12 s",
    ),
    "video_duration_too_short": (422, {"min_duration": 3, "provided_duration": 1}, "at least 3 s, 1 s given"),
    "missing": (422, {}, "A field is missing"),
    "string_too_long": (422, {"max_length": 2500}, "at most 2500"),
}
# FAL's page Request Error Types.
REQUEST: dict[str, int] = {
    "request_timeout": 504,
    "startup_timeout": 504,
    "runner_scheduling_failure": 503,
    "runner_connection_timeout": 503,
    "runner_disconnected": 503,
    "runner_connection_refused": 503,
    "runner_connection_error": 503,
    "runner_incomplete_response": 502,
    "runner_server_error": 500,
    "client_disconnected": 499,
    "client_cancelled": 499,
    "bad_request": 400,
    "internal_error": 500,
}
UNSURE = (
    "internal_server_error",
    "generation_timeout",
    "downstream_service_error",
    "downstream_service_unavailable",
)


def model_error(kind: str, **headers: str) -> Reply:
    status, context, _ = MODEL[kind]
    problem = {"loc": ["body", "image_url"], "msg": "FAL's own words.", "type": kind, "input": "x"}
    problem |= {"url": f"https://docs.fal.ai/errors/#{kind}"} | ({"ctx": context} if context else {})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps({"detail": [problem]}), named)


def failure(reply: Reply, completed: Completed | None = None) -> Failed:
    with pytest.raises(Failed) as caught:
        read_result(reply, completed=completed)
    return caught.value


@pytest.mark.parametrize("kind", MODEL)
def test_a_models_error_names_field_limit_and_fals_own_words(kind: str) -> None:
    error = failure(model_error(kind))
    _, _, words = MODEL[kind]
    assert words in str(error)
    assert str(words_for(kind)) in str(error)
    assert "image_url: FAL's own words" in str(error)
    assert (error.word, error.fields[0].field, error.fields[0].type) == (kind, "image_url", kind)
    assert error.billed is (False if MODEL[kind][0] >= 500 else None)
    assert error.retryable is (None if kind in UNSURE else False)


@pytest.mark.parametrize("kind", [kind for kind, (status, _, _) in MODEL.items() if status in (400, 422)])
def test_the_same_error_at_a_submit_is_a_refusal(kind: str) -> None:
    with pytest.raises(Refused) as caught:
        read_submit(Hosts.fal(), "fal-ai/veo3.1", model_error(kind))
    assert "image_url: FAL's own words" in str(caught.value)
    assert caught.value.reason == ("policy" if kind == "content_policy_violation" else "invalid_input")


@pytest.mark.parametrize("kind", REQUEST)
def test_a_requests_error_is_told_with_fals_own_words_and_its_bill(kind: str) -> None:
    body = json.dumps({"detail": "FAL's own words", "error_type": kind})
    error = failure(Reply(REQUEST[kind], body, {"x-fal-error-type": kind}))
    assert str(error) == f"{words_for(kind)}: FAL's own words"
    assert (error.word, error.billed) == (kind, False if REQUEST[kind] >= 500 else None)
    assert error.retryable is None


@pytest.mark.parametrize("kind", REQUEST)
def test_a_requests_error_that_only_the_header_names_is_told(kind: str) -> None:
    assert failure(Reply(REQUEST[kind], "<html>", {"x-fal-error-type": kind})).word == kind


@pytest.mark.parametrize("kind", REQUEST)
def test_a_completion_with_an_error_is_told_though_the_result_says_nothing(kind: str) -> None:
    completed = Completed("FAL's own words", kind)
    for reply in (Reply(200, "{}"), Reply(404, ""), Reply(502, "<html>"), Reply(401, "")):
        error = failure(reply, completed)
        assert str(error) == f"{words_for(kind)}: FAL's own words"
        assert error.word == kind
        assert error.billed is (False if max(REQUEST[kind], reply.status) >= 500 else None)


RETRYABLE = [
    ({"x_fal_needs_retry": "1"}, True),
    ({"x_fal_needs_retry": "0"}, False),
    ({"x_fal_retryable": "true"}, True),
    ({"x_fal_retryable": "false"}, False),
    ({"x_fal_needs_retry": "0", "x_fal_retryable": "true"}, False),
    ({"x_fal_needs_retry": "1", "x_fal_retryable": "false"}, True),
    ({"x_fal_needs_retry": "perhaps", "x_fal_retryable": "TRUE"}, True),
    ({}, None),
]


@pytest.mark.parametrize(("headers", "said"), RETRYABLE)
def test_the_newer_header_on_retrying_counts_first(headers: dict[str, str], said: bool | None) -> None:
    error = failure(model_error("generation_timeout", **headers))
    assert error.retryable is said
    assert ("may work another time" in str(error)) is (said is True)


@pytest.mark.parametrize(
    ("units", "billed"), [("0", False), ("0.0", False), ("2.5", True), ("-1", None), ("x", None)]
)
def test_billable_units_say_whether_it_was_billed(units: str, billed: bool | None) -> None:
    assert failure(model_error("content_policy_violation", x_fal_billable_units=units)).billed is billed


LOCKS = {
    "Exhausted balance. Top up your balance at fal.ai/dashboard/billing.": (
        "balance",
        "nothing left to spend",
    ),
    "TOP_UP.": ("balance", "nothing left to spend"),
    "Please add a payment method at fal.ai/dashboard/billing": ("balance", "no means of payment"),
    "User budget is exceeded. Adjust it at fal.ai/dashboard/billing": ("balance", "reached its own budget"),
    "Admin lock. Please contact support@fal.ai": ("locked", "FAL has locked the account"),
    "archived": ("locked", "The FAL account is archived"),
    "Unknown": ("locked", "The FAL account is locked"),
}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_locked_account_is_told_by_its_lock(lock: str) -> None:
    said = f"User is locked. Reason: {lock}"
    with pytest.raises(Refused) as caught:
        read_submit(Hosts.fal(), "fal-ai/x", Reply(403, json.dumps({"detail": said})))
    reason, words = LOCKS[lock]
    assert caught.value.reason == reason
    assert words in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("value_error.missing", "A field is missing"),
        ("string_too_short", "The text is too short"),
        ("literal_error", "The value is none of those offered"),
        ("enum", "The value is none of those offered"),
    ],
)
def test_a_type_of_pydantics_own_that_fal_passes_on_has_words(kind: str, said: str) -> None:
    body = json.dumps({"detail": [{"loc": ["body", "prompt"], "type": kind}]})
    assert str(failure(Reply(422, body))) == f"{said}: prompt: {said}"


def test_an_error_type_that_is_not_documented_is_told_in_fals_own_words() -> None:
    body = {"detail": [{"loc": ["body", "seed"], "msg": "Odd", "type": "brand_new", "ctx": {"why": "x"}}]}
    assert str(failure(Reply(422, json.dumps(body)))) == "The model ended with an error: seed: Odd"


def test_an_error_without_words_is_told_by_its_type_alone() -> None:
    body = json.dumps({"detail": [{"loc": ["body"], "type": "face_detection_error"}]})
    assert str(failure(Reply(422, body))) == "The model found no face."
    assert str(failure(Reply(500, '{"detail": []}'))) == "The model ended with an error: model_error"


@settings(max_examples=100)
@given(
    st.dictionaries(
        st.sampled_from(["gt", "expected", "max_size", "min_width", "le"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            st.lists,
            max_leaves=8,
        ),
    )
)
def test_any_context_has_words(context: dict[str, object]) -> None:
    said = limits_in(context)
    assert len(said) < 100_000
    assert "\x1b" not in said
