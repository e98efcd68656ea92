"""FAL's own error types in people's words (its pages *Model Errors* and *Request Error Types*)."""

from collections.abc import Mapping

from .clean import clean
from .errors import FailedReason

_MODEL: dict[str, str] = {
    "internal_server_error": "The model failed inside",
    "generation_timeout": "The model took longer than it may",
    "downstream_service_error": "A service behind the model refused the work",
    "downstream_service_unavailable": "A service behind the model is not there now",
    "content_policy_violation": "The content policy does not allow it",
    "no_media_generated": "The model made no media",
    "image_too_small": "The image is too small",
    "image_too_large": "The image is too large",
    "image_load_error": "The image cannot be read",
    "file_download_error": "FAL could not fetch the file",
    "face_detection_error": "The model found no face",
    "file_too_large": "The file is too large",
    "greater_than": "The value is too small",
    "greater_than_equal": "The value is too small",
    "less_than": "The value is too large",
    "less_than_equal": "The value is too large",
    "multiple_of": "The value is between two steps",
    "sequence_too_short": "There are too few of them",
    "sequence_too_long": "There are too many of them",
    "one_of": "The value is none of those offered",
    "feature_not_supported": "The model cannot do that",
    "invalid_archive": "The archive cannot be read",
    "archive_file_count_below_minimum": "The archive holds too few files",
    "archive_file_count_exceeds_maximum": "The archive holds too many files",
    "audio_duration_too_long": "The audio is too long",
    "audio_duration_too_short": "The audio is too short",
    "unsupported_audio_format": "The audio has a format that the model does not take",
    "unsupported_image_format": "The image has a format that the model does not take",
    "unsupported_video_format": "The video has a format that the model does not take",
    "video_duration_too_long": "The video is too long",
    "video_duration_too_short": "The video is too short",
    # Types of pydantic's own, which FAL passes on.
    "missing": "A field is missing",
    "value_error.missing": "A field is missing",
    "string_too_long": "The text is too long",
    "string_too_short": "The text is too short",
    "literal_error": "The value is none of those offered",
    "enum": "The value is none of those offered",
}
_REQUEST: dict[str, tuple[int, str]] = {
    "request_timeout": (504, "FAL stopped the request: it took longer than the endpoint allows"),
    "startup_timeout": (504, "No machine of FAL's was ready in time"),
    "runner_scheduling_failure": (503, "FAL found no machine for the request"),
    "runner_connection_timeout": (503, "FAL did not reach the machine that was to do the work"),
    "runner_disconnected": (503, "FAL lost the machine that did the work"),
    "runner_connection_refused": (503, "The machine that was to do the work took no connection"),
    "runner_connection_error": (503, "FAL lost touch with the machine that did the work"),
    "runner_incomplete_response": (502, "The machine that did the work broke off in its answer"),
    "runner_server_error": (500, "The machine that did the work failed"),
    "client_disconnected": (499, "FAL ended the request, since its client went away"),
    "client_cancelled": (499, "The request was cancelled"),
    "bad_request": (400, "FAL could not read the request"),
    "internal_error": (500, "FAL failed inside"),
}
_UNSURE = frozenset(
    (
        "internal_server_error",
        "generation_timeout",
        "downstream_service_error",
        "downstream_service_unavailable",
    )
)
_TIMED_OUT = frozenset(("generation_timeout", "request_timeout", "startup_timeout"))
_CANCELLED = frozenset(("client_cancelled", "client_disconnected"))
_LIMITS: tuple[tuple[str, str], ...] = (
    ("min_width", "at least {} pixels wide"),
    ("min_height", "at least {} pixels high"),
    ("max_width", "at most {} pixels wide"),
    ("max_height", "at most {} pixels high"),
    ("max_size", "at most {} bytes"),
    ("gt", "more than {}"),
    ("ge", "{} or more"),
    ("lt", "less than {}"),
    ("le", "{} or less"),
    ("multiple_of", "a multiple of {}"),
    ("min_length", "at least {}"),
    ("max_length", "at most {}"),
    ("min_count", "at least {} files"),
    ("max_count", "at most {} files"),
    ("provided_count", "{} given"),
    ("min_duration", "at least {} s"),
    ("max_duration", "at most {} s"),
    ("provided_duration", "{} s given"),
    ("expected", "accepted: {}"),
    ("supported_extensions", "accepted: {}"),
    ("supported_formats", "accepted: {}"),
)
_CHOICES = 40


def words_for(kind: str) -> str | None:
    """What an error type means, without a full stop; None for one that FAL does not document."""
    return _MODEL.get(kind) or (_REQUEST[kind][1] if kind in _REQUEST else None)


def status_of(kind: str) -> int | None:
    """The HTTP status that FAL documents for a request's error type."""
    return _REQUEST[kind][0] if kind in _REQUEST else None


def may_help(kind: str) -> bool | None:
    """Whether the same input may work another time: None where FAL documents that either may be."""
    return False if kind in _MODEL and kind not in _UNSURE else None


def reason_of(kind: str) -> FailedReason:
    """What an error type comes to; one that FAL does not document is an error of the model."""
    if kind == "content_policy_violation":
        return "policy"
    if kind in _TIMED_OUT:
        return "timed_out"
    if kind in _CANCELLED:
        return "ended_at_fal"
    if kind == "bad_request" or (may_help(kind) is False and kind != "no_media_generated"):
        return "invalid_input"
    return "service_failed" if kind in _REQUEST else "model_error"


def limits_in(context: Mapping[str, object]) -> str:
    """The limits that an error names, as a person would say them; empty where it names none."""
    said = [form.format(value) for name, form in _LIMITS if (value := _value(context.get(name)))]
    return ", ".join(said)


def _value(given: object) -> str:
    if isinstance(given, bool) or given is None:
        return ""
    if isinstance(given, list | tuple):
        few = [_value(one) for one in given[:_CHOICES]]
        return ", ".join(one for one in few if one) + ("…" if len(given) > _CHOICES else "")
    if isinstance(given, int | float):
        return f"{given:,}".replace(",", "\u202f") if abs(given) >= 10_000 else f"{given:g}"
    return clean(given, limit=200) if isinstance(given, str) else ""
