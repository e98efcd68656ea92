"""What may be asked again, and what may not: one table, read from its top; the first row that fits counts.

A submit pays, and FAL has no mark that would make a second one harmless: it is repeated only where nothing
can have been sent or accepted. `X-Fal-Needs-Retry: 1` does not change that, since it speaks of the work and
not of what was taken. A question (status, stream, cancel, listing) costs nothing and is asked until there is
an answer. A result is a question too, but FAL replays the model's own error there: that is its end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from .values import Reply


class Then(Enum):
    """What comes after an answer, or after none."""

    AGAIN = "asked again, after a wait that grows"
    WAIT = "asked again, after the wait that FAL names"
    HELD = "asked again, and meanwhile the account is shown as what holds it up"
    NO = "a definite no: nothing was taken"
    ENDED = "the request's own end"
    DOUBT = "never again by itself: it may have been taken"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the table looks at: an answer, whether it has FAL's form, its type word, its own words."""

    reply: Reply
    form: bool
    type: str
    said: str

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.reply.status

    @property
    def retryable(self) -> bool | None:
        """Whether FAL says that trying again may help: the newer of its two headers counts first."""
        for name in ("x-fal-needs-retry", "x-fal-retryable"):
            word = self.reply.headers.get(name, "").strip().lower()
            if word in _SAID:
                return _SAID[word]
        return None

    @property
    def deadline(self) -> bool:
        """Whether it is our own start timeout that ran out (X-Fal-Request-Timeout-Type: user)."""
        kind = self.reply.headers.get("x-fal-request-timeout-type", "").strip().lower()
        return self.status == 504 and kind == "user"


_SAID = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Row:
    """One situation, and what comes after it for each of the three things that are asked."""

    name: str
    fits: Callable[[Seen], bool]
    submit: Then
    question: Then
    result: Then
    means: str


def _never(_: Seen) -> bool:
    return False


# Before there is an answer: which of the first two it is, the kind of error tells (connections.never_sent).
NOT_REACHED = Row(
    "not reached",
    _never,
    Then.AGAIN,
    Then.AGAIN,
    Then.AGAIN,
    "no name, no connection, no TLS, a bad address: not one byte of the request was sent",
)
NO_ANSWER = Row(
    "no answer",
    _never,
    Then.DOUBT,
    Then.AGAIN,
    Then.AGAIN,
    "it was sent, at least in part, and the answer did not arrive",
)
NOT_UNDERSTOOD = Row(
    "not understood",
    lambda seen: seen.status < 400,
    Then.DOUBT,
    Then.AGAIN,
    Then.AGAIN,
    "a page or a redirect where FAL's JSON should be: something between has answered",
)
BUSY = Row(
    "busy",
    lambda seen: seen.status == 429,
    Then.WAIT,
    Then.WAIT,
    Then.WAIT,
    "FAL takes no more now, and has taken nothing",
)
ACCOUNT = Row(
    "account",
    lambda seen: seen.status in (401, 402, 403),
    Then.NO,
    Then.HELD,
    Then.HELD,
    "the key is not accepted, the account is locked, or it has nothing left to spend",
)
NOT_KNOWN = Row(
    "not known",
    lambda seen: seen.status == 404,
    Then.NO,
    Then.AGAIN,
    Then.AGAIN,
    "no such endpoint; or a request that FAL has only just taken, which it may deny for a while",
)
TOO_EARLY = Row(
    "too early",
    lambda seen: seen.status == 400 and "still in progress" in (seen.said or seen.reply.text).lower(),
    Then.DOUBT,
    Then.AGAIN,
    Then.AGAIN,
    "the result was asked for before it is there",
)
DEADLINE = Row(
    "start deadline",
    lambda seen: seen.deadline,
    Then.NO,
    Then.AGAIN,
    Then.ENDED,
    "FAL did not begin within the time that the request allowed, and let it go",
)
GAVE_UP = Row(
    "gave up",
    lambda seen: seen.status in (408, 425, 499) and not seen.form,
    Then.DOUBT,
    Then.AGAIN,
    Then.AGAIN,
    "a server on the way stopped waiting; what became of the request is not said",
)
LEFT = Row(
    "cancelled",
    lambda seen: seen.status in (408, 425, 499),
    Then.DOUBT,
    Then.AGAIN,
    Then.ENDED,
    "FAL ended the request because it was cancelled, or its client went away",
)
REFUSED = Row(
    "refused",
    lambda seen: seen.status < 500 and seen.form,
    Then.NO,
    Then.AGAIN,
    Then.ENDED,
    "FAL or the model refuses the input, in its own form",
)
REFUSED_ELSEWHERE = Row(
    "refused elsewhere",
    lambda seen: seen.status < 500,
    Then.NO,
    Then.AGAIN,
    Then.AGAIN,
    "a 4xx that is not in FAL's form: a proxy, or a wrong path",
)
MODEL_FAILED = Row(
    "model failed",
    # A gateway may say `detail` too: only a type, or a word on retrying, is certainly the model's own.
    lambda seen: (
        seen.form and (seen.status not in (502, 503, 504) or bool(seen.type) or seen.retryable is False)
    ),
    Then.DOUBT,
    Then.AGAIN,
    Then.ENDED,
    "the model, or the machine it ran on, ended the request with an error",
)
TROUBLE = Row(
    "trouble",
    lambda seen: seen.status >= 500,
    Then.DOUBT,
    Then.AGAIN,
    Then.AGAIN,
    "a 5xx that says nothing about the request itself",
)

TABLE = (
    NOT_REACHED,
    NO_ANSWER,
    NOT_UNDERSTOOD,
    BUSY,
    ACCOUNT,
    NOT_KNOWN,
    TOO_EARLY,
    DEADLINE,
    GAVE_UP,
    LEFT,
    REFUSED,
    REFUSED_ELSEWHERE,
    MODEL_FAILED,
    TROUBLE,
)


def row_for(seen: Seen) -> Row:
    """The first row that an answer outside 2xx fits."""
    return next(row for row in TABLE if row.fits(seen))
