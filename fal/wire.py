"""FAL's JSON, read strictly and turned into plain values at once: pydantic stays in the modules of the wire.

A field that is missing or has another form than FAL's pages say is taken as not given: a paid
answer is not thrown away because of a hint in it.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    NonNegativeFloat,
    NonNegativeInt,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import from_json

from .addresses import ascii_url
from .clean import clean
from .errors import FieldProblem, NotUnderstood
from .faults import limits_in, words_for
from .values import Completed, LogLine, MediaFile, Queued, Running, Status

_LOG_LINES = 500
_PROBLEMS = 50
_URL = re.compile(r"(?:https?://|data:)[!-~]+")
_URL_LENGTH = 16_384
# Both halves of a pair stay; a half alone is no character, and would refuse the whole answer.
_SURROGATES = re.compile(
    r"(?i)((?<!\\)(?:\\\\)*)(?:(\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2})|\\ud[89a-f][0-9a-f]{2})"
)

T = TypeVar("T")


def _or_none(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


Hint = Annotated[T | None, WrapValidator(_or_none)]


def _word(text: str) -> str:
    return clean(text, limit=200)


Word = Annotated[str, AfterValidator(_word)]
Talk = Annotated[str, AfterValidator(lambda text: clean(text, limit=4_000, lines=True))]


class Wire(BaseModel):
    """An object of FAL's JSON: no type is bent into another, and no error repeats what was given."""

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False, hide_input_in_errors=True)


class _File(Wire):
    url: Hint[str] = None
    content_type: Hint[Word] = None
    file_name: Hint[Word] = None
    file_size: Hint[NonNegativeInt] = None
    width: Hint[NonNegativeInt] = None
    height: Hint[NonNegativeInt] = None
    duration: Hint[NonNegativeFloat] = None
    fps: Hint[NonNegativeFloat] = None


class _Log(Wire):
    message: Hint[str] = None
    timestamp: Hint[Word] = None
    level: Hint[Word] = None


class _Metrics(Wire):
    inference_time: Hint[NonNegativeFloat] = None


class _Status(Wire):
    status: Hint[str] = None
    queue_position: Hint[NonNegativeInt] = None
    logs: Hint[list[Any]] = None
    metrics: Hint[_Metrics] = None
    error: Hint[Talk] = None
    error_type: Hint[Word] = None


class _Problem(Wire):
    loc: Hint[list[str | int]] = None
    msg: Hint[Talk] = None
    type: Hint[Word] = None
    ctx: Hint[dict[str, Any]] = None


class _Fault(Wire):
    detail: Any = None
    error: Any = None
    message: Hint[Talk] = None
    error_type: Hint[Word] = None


class Accepted(Wire):
    """The reply to a submit; the addresses are unchecked."""

    request_id: Hint[str] = None
    gateway_request_id: Hint[str] = None
    status_url: Hint[str] = None
    response_url: Hint[str] = None
    cancel_url: Hint[str] = None
    queue_position: Hint[NonNegativeInt] = None


def read_json(text: str | bytes) -> object:
    """JSON of at most 200 levels; raises NotUnderstood. NaN passes: Python apps write it."""
    raw = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    raw = raw.removeprefix("\ufeff")
    if "\\u" in raw:
        raw = _SURROGATES.sub(lambda found: found[1] + (found[2] or r"\ufffd"), raw)
    try:
        return from_json(raw, allow_inf_nan=True)
    except ValueError as error:
        raise NotUnderstood(
            f"FAL's answer is not JSON that can be read: {clean(str(error), limit=200)}."
        ) from None


def read_accepted(data: object) -> Accepted:
    """The fields of a submit reply, all None where it is no JSON object."""
    return Accepted.model_validate(data if isinstance(data, dict) else {})


def read_status(data: object) -> Status:
    """A status object; a word that FAL does not have today is work in progress, never an ending."""
    if not isinstance(data, dict):
        raise NotUnderstood("FAL's status is not a JSON object.")
    wire = _Status.model_validate(data)
    logs = _logs(wire.logs)
    match (wire.status or "").upper():
        case "IN_QUEUE":
            return Queued(wire.queue_position)
        case "COMPLETED":
            seconds = wire.metrics.inference_time if wire.metrics else None
            return Completed(_error_text(data, wire), wire.error_type, seconds, logs)
    return Running(logs)


def read_word(data: object) -> str:
    """The status word of an answer to a cancel, upper case; empty where there is none."""
    return (_Status.model_validate(data).status or "").upper() if isinstance(data, dict) else ""


def read_file(
    data: Mapping[str, object] | str, kind: Literal["video", "image", "audio"] = "video"
) -> MediaFile | None:
    """A file object, or its bare URL, as a MediaFile; None where it holds no URL of http, https or data."""
    wire = _File(url=data) if isinstance(data, str) else _File.model_validate(dict(data))
    url = ascii_url((wire.url or "").strip())
    if not _URL.fullmatch(url) or (len(url) > _URL_LENGTH and not url.startswith("data:")):
        return None
    return MediaFile(
        url=url,
        kind=kind,
        content_type=wire.content_type,
        file_name=wire.file_name,
        size=wire.file_size,
        width=wire.width,
        height=wire.height,
        duration=wire.duration,
        fps=wire.fps,
    )


def read_fault(data: object) -> tuple[bool, str, str, tuple[FieldProblem, ...]]:
    """An error body: whether it has FAL's form, FAL's words, its type word, and the fields it names."""
    if not isinstance(data, dict):
        return False, "", "", ()
    wire = _Fault.model_validate(data)
    fields = tuple(map(_problem, wire.detail[:_PROBLEMS])) if isinstance(wire.detail, list) else ()
    kind = wire.error_type or next((field.type for field in fields if field.type), "")
    if fields:
        said = "; ".join(f"{one.field}: {one.message}" if one.field else one.message for one in fields[:5])
        return True, said, kind, fields
    # The Platform API nests its error: {"error": {"type", "message"}}.
    nested = wire.error if isinstance(wire.error, dict) else {}
    texts = (wire.detail, nested.get("message"), wire.error, wire.message)
    said = next((clean(text, limit=4_000) for text in texts if isinstance(text, str) and text), "")
    kind = kind or clean(str(nested.get("type", "")), limit=200)
    return isinstance(wire.detail, str | list) or bool(wire.error_type), said, kind, ()


def _problem(data: object) -> FieldProblem:
    wire = _Problem.model_validate(data if isinstance(data, dict) else {"msg": data})
    loc = list(wire.loc or ())
    path = ".".join(str(part) for part in (loc[1:] if loc[:1] == ["body"] else loc))
    # The limits make FAL's words useful: "too long (at most 2500)".
    limits = limits_in(wire.ctx or {})
    message = (wire.msg or words_for(wire.type or "") or "refused").rstrip(".")
    message += f" ({limits})" if limits else ""
    return FieldProblem(clean(path, limit=200), clean(message, limit=1_000), wire.type or "")


def _logs(entries: list[Any] | None) -> tuple[LogLine, ...]:
    kept = [entry for entry in (entries or ())[-_LOG_LINES:] if isinstance(entry, dict)]
    return tuple(line for entry in kept if (line := _line(_Log.model_validate(entry))).message)


def _line(log: _Log) -> LogLine:
    # A progress bar repaints its line by carriage returns: what it shows is the last of them.
    parts = [part for part in (log.message or "").replace("\r\n", "\n").split("\r") if part.strip()]
    message = clean(parts[-1].rstrip("\n"), limit=2_000, lines=True) if parts else ""
    return LogLine(message, log.timestamp or "", log.level or "")


def _error_text(data: Mapping[str, object], wire: _Status) -> str | None:
    """The error of a completed request; whatever form it has, it says that there was one."""
    given = data.get("error")
    if not given:
        return wire.error_type or None
    return wire.error or clean(str(given), limit=1_000)
