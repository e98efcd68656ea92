"""What an error answer of FAL means, in sentences: both of its body shapes, and pages that are not JSON."""

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from .clean import clean
from .errors import (
    Failed,
    FalError,
    FieldProblem,
    NotFound,
    NotUnderstood,
    RateLimited,
    Refused,
    RefusedReason,
    Trouble,
)
from .faults import may_help, reason_of, status_of, words_for
from .retries import DEADLINE, NOT_KNOWN, NOT_UNDERSTOOD, Row, Seen, Then, row_for
from .values import Completed, Reply
from .wire import read_fault, read_json

MAX_WAIT = 300.0
"""Seconds: the longest wait that a Retry-After is believed in."""

_MONEY = re.compile(r"balance|top[_ ]?up|payment method|budget|credit", re.IGNORECASE)
_LOCK = re.compile(r"\block(ed)?\b|archived", re.IGNORECASE)
_TYPE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
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
# The reasons for which FAL locks an account (its own list), where they say more than the opening.
_LOCKS = (
    ("budget", "The FAL account has reached its own budget"),
    ("payment method", "The FAL account has no means of payment"),
    ("archived", "The FAL account is archived"),
    ("admin lock", "FAL has locked the account"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """An error body as it was read; `form` tells whether it has one of FAL's shapes."""

    form: bool
    said: str
    type: str
    fields: tuple[FieldProblem, ...] = ()

    @property
    def word(self) -> str:
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


def situation(reply: Reply, fault: Fault) -> Row:
    """The row of the table of retries that an answer outside 2xx stands in."""
    return row_for(Seen(reply, fault.form, fault.type, fault.said))


def answered(reply: Reply) -> str:
    """The status for a sentence: 502 (Bad Gateway)."""
    try:
        return f"{reply.status} ({HTTPStatus(reply.status).phrase})"
    except ValueError:
        return str(reply.status)


def refusal(reply: Reply) -> FalError:
    """The error that an answer outside 2xx stands for; it is returned, for the caller to raise."""
    fault = read_error_body(reply)
    row = situation(reply, fault)
    if row is NOT_KNOWN:
        return NotFound(_sentence("FAL does not know this", fault))
    if row is NOT_UNDERSTOOD:
        return NotUnderstood(f"FAL answered {answered(reply)}, which is neither a result nor an error.")
    if row is DEADLINE:
        opening = "FAL did not begin within the time that was asked for, and took nothing"
        return Refused(_sentence(opening, fault), reason="refused", status=reply.status)
    if row.submit is Then.WAIT:
        return RateLimited(_sentence("FAL asks to wait", fault), retry_after(reply))
    if row.submit is Then.NO:
        return refused(_reason(reply.status, fault), fault, reply)
    return Trouble(_sentence(f"FAL answered {answered(reply)}", fault), reply.status)


def refused(reason: RefusedReason, fault: Fault, reply: Reply) -> Refused:
    """A definite no with the opening of its reason and FAL's own words."""
    opening = _OPENINGS[reason]
    if reason in ("balance", "locked"):
        opening = next((words for mark, words in _LOCKS if mark in fault.said.lower()), opening)
    elif reason == "refused":
        opening = f"FAL answered {answered(reply)}"
    return Refused(_sentence(opening, fault), reason=reason, status=reply.status, fields=fault.fields)


def failed(reply: Reply, fault: Fault, completed: Completed | None = None) -> Failed:
    """The end of a request by an error: what it means, FAL's own words, and whether it was charged."""
    told = completed or Completed()
    kind = fault.type or told.error_type or ""
    word = Fault(form=True, said="", type=kind).word
    seen = Seen(reply, fault.form, fault.type, fault.said)
    opening = "FAL did not begin within the time that was asked for" if seen.deadline else words_for(word)
    said = fault.said or told.error or ""
    if said == opening:
        said = ""
    if opening is None and not said:
        said = word
    sentence = f"{opening or 'The model ended with an error'}: {said}" if said else f"{opening}."
    again = may_help(word) if seen.retryable is None else seen.retryable
    if again:
        sentence = f"{sentence.rstrip('.')}. FAL says that the same request may work another time."
    return Failed(
        clean(sentence, limit=4_000, lines=True),
        reason=reason_of(word),
        word=word,
        billed=_billed(reply, word),
        fields=fault.fields,
        retryable=again,
    )


def _billed(reply: Reply, word: str) -> bool | None:
    """FAL does not bill a 5xx (its FAQ); a 4xx it may; where it names billable units, they say."""
    units = reply.headers.get("x-fal-billable-units", "").strip()
    if re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,20})?", units):
        return float(units) > 0
    return False if max(reply.status, status_of(word) or 0) >= 500 else None


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
