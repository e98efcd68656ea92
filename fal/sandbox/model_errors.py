"""The errors that FAL documents (Model Errors, Request Errors): status, and an example of the context."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from .requests import Failure

_DOCS = "https://docs.fal.ai/errors/#"


@dataclass(frozen=True, slots=True)
class _Kind:
    status: int = 422
    said: str = "The input does not suit the model"
    field: str = "prompt"
    ctx: Mapping[str, object] | None = None
    retryable: bool = False
    request: bool = False
    """A request error (`{"detail", "error_type"}`), not one of the model."""


def _request(status: int, said: str, *, retryable: bool = True) -> _Kind:
    return _Kind(status, said, retryable=retryable, request=True)


def _limit(name: str, value: object, said: str, field: str = "duration") -> _Kind:
    return _Kind(said=said, field=field, ctx={name: value})


_FORMATS: Final = (".mp4", ".mov", ".webm")

KINDS: Final[Mapping[str, _Kind]] = MappingProxyType(
    {
        "internal_server_error": _Kind(500, "Internal server error", retryable=True),
        "generation_timeout": _Kind(504, "The generation took too long", retryable=True),
        "downstream_service_error": _Kind(400, "A service behind the model refused", retryable=True),
        "downstream_service_unavailable": _Kind(500, "A service behind the model is away", retryable=True),
        "content_policy_violation": _Kind(said="The content was flagged by a checker"),
        "no_media_generated": _Kind(said="Nothing was generated"),
        "image_too_small": _Kind(
            said="The image is too small", field="image_url", ctx={"min_height": 300, "min_width": 300}
        ),
        "image_too_large": _Kind(
            said="The image is too large", field="image_url", ctx={"max_height": 4096, "max_width": 4096}
        ),
        "image_load_error": _Kind(said="The image could not be read", field="image_url"),
        "file_download_error": _Kind(said="The file could not be fetched", field="image_url"),
        "face_detection_error": _Kind(said="No face was found", field="image_url"),
        "file_too_large": _limit("max_size", 10_485_760, "The file is too large", "image_url"),
        "greater_than": _limit("gt", 0, "Input should be greater than 0"),
        "greater_than_equal": _limit("ge", 1, "Input should be at least 1"),
        "less_than": _limit("lt", 60, "Input should be less than 60"),
        "less_than_equal": _limit("le", 10, "Input should be at most 10"),
        "multiple_of": _limit("multiple_of", 8, "Input should be a multiple of 8", "width"),
        "sequence_too_short": _limit("min_length", 1, "Too few items", "image_urls"),
        "sequence_too_long": _limit("max_length", 4, "Too many items", "image_urls"),
        "one_of": _limit("expected", ["5", "10"], "Input should be 5 or 10"),
        "feature_not_supported": _Kind(said="The model does not do this"),
        "invalid_archive": _limit("supported_extensions", [".zip"], "Not an archive", "archive_url"),
        "archive_file_count_below_minimum": _Kind(
            said="Too few files",
            field="archive_url",
            ctx={"min_count": 4, "provided_count": 1, "supported_extensions": list(_FORMATS)},
        ),
        "archive_file_count_exceeds_maximum": _Kind(
            said="Too many files",
            field="archive_url",
            ctx={"max_count": 100, "provided_count": 101, "supported_extensions": list(_FORMATS)},
        ),
        "audio_duration_too_long": _Kind(
            said="The sound is too long", field="audio_url", ctx={"max_duration": 60, "provided_duration": 75}
        ),
        "audio_duration_too_short": _Kind(
            said="The sound is too short", field="audio_url", ctx={"min_duration": 2, "provided_duration": 1}
        ),
        "video_duration_too_long": _Kind(
            said="The video is too long", field="video_url", ctx={"max_duration": 10, "provided_duration": 12}
        ),
        "video_duration_too_short": _Kind(
            said="The video is too short", field="video_url", ctx={"min_duration": 3, "provided_duration": 1}
        ),
        "unsupported_audio_format": _limit("supported_formats", [".mp3", ".wav"], "Not a sound", "audio_url"),
        "unsupported_image_format": _limit(
            "supported_formats", [".jpg", ".png"], "Not a picture", "image_url"
        ),
        "unsupported_video_format": _limit("supported_formats", list(_FORMATS), "Not a video", "video_url"),
        "request_timeout": _request(504, "Request timed out"),
        "startup_timeout": _request(504, "The runner did not start in time"),
        "runner_scheduling_failure": _request(503, "No runner could be scheduled"),
        "runner_connection_timeout": _request(503, "The runner did not answer"),
        "runner_disconnected": _request(503, "The runner went away"),
        "runner_connection_refused": _request(503, "The runner refused the connection"),
        "runner_connection_error": _request(503, "The runner could not be reached"),
        "runner_incomplete_response": _request(502, "The runner's answer was cut"),
        "runner_server_error": _request(500, "The runner failed", retryable=False),
        "client_disconnected": _request(499, "The client went away", retryable=False),
        "client_cancelled": _request(499, "Request was cancelled", retryable=False),
        "bad_request": _request(400, "Bad request", retryable=False),
        "internal_error": _request(500, "Internal error", retryable=False),
    }
)


def failure(
    type_: str, *, status: int | None = None, said: str | None = None, form: str = "usual"
) -> Failure:
    """The ending of that type; one that FAL does not document is a 422 with no context."""
    kind = KINDS.get(type_, _Kind())
    status, said = status or kind.status, said or kind.said
    entry: dict[str, object] = {"loc": ["body", kind.field], "msg": said, "type": type_}
    if form != "bare":
        entry["url"] = _DOCS + type_
        if kind.ctx is not None:
            entry["ctx"] = dict(kind.ctx)
    return Failure(
        status,
        type_,
        said if kind.request else f"Invalid status code: {status}",
        json.dumps(said if kind.request or form == "text" else [entry]),
        retryable=kind.retryable,
        request=kind.request,
    )


def not_started() -> Failure:
    """The ending of a request that had not begun by the time its submit named."""
    return failure("request_timeout")
