"""What the engine refuses to do, in people's words.

StudioError
├── TooLate        the job has gone too far for this
└── NothingToRetry  asking again could only mean paying again
"""


class StudioError(Exception):
    """The root: `str()` is a sentence for people."""


class TooLate(StudioError):
    """The job has gone too far for what was asked."""


class NothingToRetry(StudioError):
    """The reply was read again and holds nothing more; only a new, paid job could."""
