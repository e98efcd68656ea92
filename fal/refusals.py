"""What an error answer of FAL means, in sentences: both of its body shapes, and pages that are not JSON."""

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from .clean import clean
from .errors import (
    FalError,
    FieldProblem,
    NotFound,
    NotUnderstood,
    RateLimited,
    Refused,
    RefusedReason,
    Trouble,
)
from .values import Reply
from .wire import read_fault, read_json

MAX_WAIT = 300.0
"""Seconds: the longest wait that a Retry-After is believed in."""

_MONEY = re.compile(r"balance|top[_ ]?up|payment method|budget|credit", re.IGNORECASE)
_LOCK = re.compile(r"\block(ed)?\b|archived", re.IGNORECASE)
_TYPE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
# The server gave up waiting, or saw us leave: what became of the request is not said.
_UNCLEAR = frozenset((408, 425, 499))
_OPENINGS: dict[RefusedReason, str] = {
    "auth": "FAL does not accept the key",
    "balance": "The FAL account has nothing left to spend",
    "locked": "The FAL account is locked",
    "invalid_input": "FAL refused the input",
    "not_found": "FAL does not know this endpoint",
    "policy": "FAL refused the input under its content policy",
    "too_many": "FAL takes no more requests now",
    "refused": "FAL refused the request",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """An error body as it was read; `form` tells whether it has one of FAL's shapes."""

    form: bool
    said: str
    type: str
    fields: tuple[FieldProblem, ...] = ()

    @property
    def reason(self) -> str:
        """FAL's type word, or `model_error` where it gave none that is a word."""
        return self.type if _TYPE.fullmatch(self.type) else "model_error"


def read_error_body(reply: Reply) -> Fault:
    """What an error answer says; a page that is not JSON says nothing."""
    stated = reply.headers.get("x-fal-error-type", "")
    try:
        form, said, kind, fields = read_fault(read_json(reply.text))
    except NotUnderstood:
        return Fault(bool(stated), "", stated)
    return Fault(form or bool(stated), said, kind or stated, fields)


def answered(reply: Reply) -> str:
    """The status for a sentence: 502 (Bad Gateway)."""
    try:
        return f"{reply.status} ({HTTPStatus(reply.status).phrase})"
    except ValueError:
        return str(reply.status)


def refusal(reply: Reply) -> FalError:
    """The error that an answer outside 2xx stands for; it is returned, for the caller to raise."""
    fault = read_error_body(reply)
    status = reply.status
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(_sentence("FAL asks to wait", fault), retry_after(reply))
    if status >= 500 or status in _UNCLEAR:
        return Trouble(_sentence(f"FAL answered {answered(reply)}", fault), status)
    if status == HTTPStatus.NOT_FOUND:
        return NotFound(_sentence("FAL does not know this", fault))
    if status >= 400:
        return refused(_reason(status, fault), fault, status)
    return NotUnderstood(f"FAL answered {answered(reply)}, which is neither a result nor an error.")


def refused(reason: RefusedReason, fault: Fault, status: int) -> Refused:
    """A definite no with the opening of its reason and FAL's own words."""
    return Refused(_sentence(_OPENINGS[reason], fault), reason=reason, status=status, fields=fault.fields)


def retry_after(reply: Reply) -> float | None:
    """Seconds that FAL asks to wait, at most MAX_WAIT; None where it does not say."""
    given = reply.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,6})?", given):
        return min(float(given), MAX_WAIT)
    try:
        # Two dates of the same answer: our own clock may be wrong.
        wait = parsedate_to_datetime(given) - parsedate_to_datetime(reply.headers.get("date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait.total_seconds(), 0.0), MAX_WAIT)


def _reason(status: int, fault: Fault) -> RefusedReason:
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return "balance"
    if status == HTTPStatus.FORBIDDEN:
        return "balance" if _MONEY.search(fault.said) else "locked" if _LOCK.search(fault.said) else "auth"
    if status == HTTPStatus.UNAUTHORIZED:
        return "auth"
    if "content_policy_violation" in (fault.type, *(field.type for field in fault.fields)):
        return "policy"
    return "invalid_input" if status in (400, 413, 415, 422) else "refused"


def _sentence(opening: str, fault: Fault) -> str:
    said = fault.said or (fault.type and f"its word for it is {fault.type}")
    return clean(f"{opening}: {said}" if said else f"{opening}.", limit=4_000, lines=True)
