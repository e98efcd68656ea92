"""Everything that can go wrong with FAL, in people's words.

FalError
├── NotSent         not one byte of the request reached FAL: it may be sent again
├── NoAnswer        it may have reached FAL, and no one here knows: never sent again by itself
├── Unreachable     a question (GET, cancel, download) got no answer: it may be asked again
├── RateLimited     FAL asks to wait
├── Trouble         FAL or something between answered 5xx: it may be asked again
├── NotFound        FAL does not know this request (404), or this endpoint
├── Refused         a definite no, with a reason
├── Failed          the model ended with an error
├── NoMedia         the result holds no media
├── NotUnderstood   an answer that is not FAL's form
├── NotKept         FAL's answer could not be written to disk
├── LinkRefused     the media host does not hand out the file (401, 403, 404, 410)
├── BadDownload     the bytes are not what was announced
├── ForeignAddress  an address that is not FAL's: nothing was asked of it
├── BadKey          text that cannot be a key
├── UnfitFile       a file that cannot be sent along: gone, changed, or not what the field takes
├── UnknownModel    no model of the catalogue has that name
└── BadValue        a setting that the model does not offer

No exception of httpx, pydantic or the standard library leaves this package by itself.
"""

from dataclasses import dataclass
from typing import Literal

RefusedReason = Literal[
    "auth", "balance", "locked", "invalid_input", "not_found", "policy", "too_many", "refused"
]
FailedReason = Literal[
    "policy", "invalid_input", "model_error", "timed_out", "service_failed", "ended_at_fal"
]


class FalError(Exception):
    """The root: `str()` is a sentence for people, with FAL's own words cleaned."""


class NotSent(FalError):
    """The request certainly did not reach FAL (no name, no connection, no TLS, a bad address)."""


class NoAnswer(FalError):
    """The request may have reached FAL, but no answer did reach us."""


class Unreachable(FalError):
    """FAL did not answer a question that may safely be asked again."""


class RateLimited(FalError):
    """FAL asks to wait; `after` is in seconds, None where it did not say."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class Trouble(FalError):
    """A 5xx that says nothing about the request itself."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class NotFound(FalError):
    """FAL answered 404."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One entry of a 422: which field, FAL's words, its type word and its limits."""

    field: str
    message: str
    type: str = ""


class Refused(FalError):
    """A definite no."""

    def __init__(
        self,
        message: str,
        *,
        reason: RefusedReason,
        status: int = 0,
        fields: tuple[FieldProblem, ...] = (),
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status
        self.fields = fields


class Failed(FalError):
    """The model ended with an error.

    `word` is FAL's own type of it, `model_error` where it gave none; `billed` is what FAL's rules say, None
    where they say nothing; `retryable` is whether FAL says that the same input may work another time, as a
    new request that is paid for anew.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: FailedReason,
        word: str = "",
        billed: bool | None = None,
        fields: tuple[FieldProblem, ...] = (),
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.word = word
        self.billed = billed
        self.fields = fields
        self.retryable = retryable


class NoMedia(FalError):
    """The result was read whole and holds no media."""


class NotUnderstood(FalError):
    """An answer that is not in FAL's form."""


class NotKept(FalError):
    """FAL answered at length, and the file for it could not be written; the cause is the OSError."""


class LinkRefused(FalError):
    """The media host answered 401, 403, 404 or 410."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class BadDownload(FalError):
    """The media host sent something else than the file."""


class ForeignAddress(FalError):
    """The address is not one that Reelroom talks to."""


class BadKey(FalError, ValueError):
    """The text cannot be a FAL key; the sentence never repeats it."""


class UnfitFile(FalError):
    """A file that was to be sent along cannot be: it is missing, empty, has changed, or is too long."""


class UnknownModel(FalError):
    """No model has that name; `near` holds up to three short names that are close."""

    def __init__(self, message: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.near = near


class BadValue(FalError):
    """A setting, named by `field`, is missing or is not what the model offers."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field
