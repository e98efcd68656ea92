"""What the engine refuses to do, in people's words.

StudioError
├── TooLate         the job has gone too far for this
├── NothingToRetry  asking again could only mean paying again
├── NoRoom          the disk may not hold what would be paid for
├── NoSpending      a person has said that nothing is to be spent
└── WorkedElsewhere another process does the work, and takes nothing from this one
"""


class StudioError(Exception):
    """The root: `str()` is a sentence for people."""


class TooLate(StudioError):
    """The job has gone too far for what was asked."""


class NothingToRetry(StudioError):
    """The reply was read again and holds nothing more; only a new, paid job could."""


class NoRoom(StudioError):
    """There is too little room for the clips that were asked for, or no library to put them in."""


class NoSpending(StudioError):
    """Nothing is sent at all, because a person has said so."""


class WorkedElsewhere(StudioError):
    """Another process is the engine, and would not send what is asked for here."""
