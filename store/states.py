"""The life of a job: its states, the edges between them, and what may hold it up."""

from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands; each value is also the word that is stored."""

    INTENT = "intent"
    SUBMITTING = "submitting"
    UNKNOWN = "unknown"
    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    READY = "ready"
    DOWNLOADING = "downloading"
    SAVED = "saved"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DISMISSED = "dismissed"


class HoldUp(StrEnum):
    """What keeps a job from going on now. It is no state: clearing it changes nothing else."""

    DISK = "disk"
    AUTH = "auth"
    NETWORK = "network"
    PERMISSION = "permission"


S = JobState

TERMINAL = frozenset({S.SAVED, S.REJECTED, S.FAILED, S.CANCELLED, S.EXPIRED, S.DISMISSED})

EDGES: dict[JobState, frozenset[JobState]] = {
    # Rejected: FAL turned every try away with 429, which accepts nothing.
    S.INTENT: frozenset({S.SUBMITTING, S.CANCELLED, S.DISMISSED, S.REJECTED}),
    # Back to intent: it is certain that not one byte of the request left this machine.
    S.SUBMITTING: frozenset({S.QUEUED, S.READY, S.REJECTED, S.UNKNOWN, S.FAILED, S.INTENT}),
    S.UNKNOWN: frozenset({S.QUEUED, S.DISMISSED}),
    S.QUEUED: frozenset({S.RUNNING, S.READY, S.CANCELLING, S.FAILED, S.EXPIRED}),
    S.RUNNING: frozenset({S.QUEUED, S.READY, S.CANCELLING, S.FAILED, S.EXPIRED}),
    # It may still finish, or fail, before FAL sees the cancel.
    S.CANCELLING: frozenset({S.CANCELLED, S.READY, S.FAILED, S.EXPIRED}),
    S.READY: frozenset({S.DOWNLOADING, S.FAILED, S.EXPIRED}),
    S.DOWNLOADING: frozenset({S.SAVED, S.FAILED, S.EXPIRED}),
}

# A person's retry reads the reply again before it offers to pay: the only way out of an ending.
REOPEN: dict[JobState, frozenset[JobState]] = {
    S.FAILED: frozenset({S.READY, S.QUEUED}),
    S.EXPIRED: frozenset({S.READY, S.QUEUED}),
}


def allowed(old: JobState, new: JobState, *, reopen: bool = False) -> bool:
    """Whether a job in state `old` may become `new`; `reopen` adds the edges of a person's retry."""
    edges = REOPEN.get(old, frozenset()) if reopen else EDGES.get(old, frozenset())
    return new in edges
