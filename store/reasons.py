"""Why a job ended, or waits: one closed list, as browsers keep one of why a download broke off.

Each word stands in `Job.reason` and in the JSON of the commands; what FAL or the disk said in particular is
in `Job.detail`, FAL's own error type in the job's history. The words of `HoldUp` are on it as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final


class Charged(Enum):
    """Whether FAL may have charged for a job of which no more is known than the reason."""

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"


class Then(Enum):
    """What happens next, or what a person can do about it."""

    NOTHING = "nothing: it ended as it was asked to"
    WAIT = "it is tried again by itself"
    CHOOSE = "it is looked for; a person may put it away, or generate it anew knowing that"
    READ_AGAIN = "a retry reads FAL's reply again, and never pays"
    CHANGE_INPUT = "change the input, generate anew"
    GENERATE_ANEW = "generate anew: a new, paid job"
    CHANGE_KEY = "give another key"
    TOP_UP = "see to the account at FAL"
    FREE_SPACE = "make room on the disk"
    GIVE_RIGHTS = "see to the rights of the library's folder"


@dataclass(frozen=True, slots=True)
class Reason:
    """One word of the list: a sentence for people, whether it may have been charged, and what comes next."""

    word: str
    sentence: str
    charged: Charged
    then: Then

    @property
    def rereadable(self) -> bool:
        """Whether reading FAL's reply again may still bring the clip, without paying."""
        return self.then is Then.READ_AGAIN

    @property
    def of_account(self) -> bool:
        """Whether it speaks of the key or the account, and says nothing about the request."""
        return self.then in {Then.CHANGE_KEY, Then.TOP_UP}


_NO, _MAYBE, _YES = Charged.NO, Charged.MAYBE, Charged.YES

_LIST: Final = (
    # What holds a job up. What the job has cost by then, its state says.
    Reason("disk", "The disk is full, or failed.", _MAYBE, Then.FREE_SPACE),
    Reason("permission", "The library's folder may not be written to.", _MAYBE, Then.GIVE_RIGHTS),
    Reason("network", "FAL cannot be reached, or gives no useful answer.", _MAYBE, Then.WAIT),
    Reason("internal", "Something unforeseen stopped it here; the log has it.", _MAYBE, Then.WAIT),
    # Not sent, or turned away: nothing was taken.
    Reason("unreachable", "FAL could not be reached, and nothing was sent.", _NO, Then.WAIT),
    Reason("too_many", "FAL takes no more requests now.", _NO, Then.GENERATE_ANEW),
    Reason("auth", "FAL does not accept the key.", _NO, Then.CHANGE_KEY),
    Reason("balance", "The FAL account has nothing left to spend.", _NO, Then.TOP_UP),
    Reason("locked", "The FAL account is locked.", _NO, Then.TOP_UP),
    Reason("not_found", "FAL does not know this model.", _NO, Then.CHANGE_INPUT),
    Reason("refused", "FAL refused the request.", _NO, Then.CHANGE_INPUT),
    Reason("input_gone", "A file that goes with it is no longer at FAL.", _NO, Then.GENERATE_ANEW),
    # No one knows whether FAL took it.
    Reason("no_answer", "FAL did not answer the request.", _MAYBE, Then.CHOOSE),
    Reason("unclear_answer", "FAL's answer to the request cannot be understood.", _MAYBE, Then.CHOOSE),
    Reason("left_while_sending", "Reelroom ended before FAL's answer came.", _MAYBE, Then.CHOOSE),
    # FAL's own end of a request, whether at the submit or later.
    Reason("invalid_input", "FAL refused the input.", _MAYBE, Then.CHANGE_INPUT),
    Reason("policy", "FAL's content policy does not allow it.", _MAYBE, Then.CHANGE_INPUT),
    Reason("model_error", "The model ended with an error.", _MAYBE, Then.GENERATE_ANEW),
    Reason("timed_out", "It took longer at FAL than it may.", _MAYBE, Then.GENERATE_ANEW),
    Reason("service_failed", "FAL, or a machine of FAL's, failed.", _MAYBE, Then.GENERATE_ANEW),
    Reason("ended_at_fal", "FAL cancelled it, and not because you asked here.", _MAYBE, Then.GENERATE_ANEW),
    # FAL made something, and it did not become a clip here.
    Reason("no_media", "FAL's result holds no video.", _MAYBE, Then.READ_AGAIN),
    Reason("not_known", "FAL does not know the request.", _MAYBE, Then.READ_AGAIN),
    Reason("link_refused", "The media host does not hand out the file any more.", _YES, Then.READ_AGAIN),
    Reason("not_a_video", "What the media host sent is no whole video.", _YES, Then.READ_AGAIN),
    Reason("foreign_address", "The clip lies at an address that is not FAL's.", _YES, Then.READ_AGAIN),
    # Cancelled, as asked.
    Reason("never_sent", "Cancelled before it was sent.", _NO, Then.NOTHING),
    Reason("before_start", "Cancelled before it started.", _NO, Then.NOTHING),
    Reason("while_running", "Cancelled while it was running.", _MAYBE, Then.NOTHING),
)

REASONS: Final[Mapping[str, Reason]] = MappingProxyType({reason.word: reason for reason in _LIST})
"""The list, by its words."""
