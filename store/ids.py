"""Ids that sort by time: UUIDs of version 7 (RFC 9562)."""

import secrets
import uuid

STEPS = 1 << 12


def new_id(at: float) -> str:
    """A new id for the moment `at`, in seconds since 1970; its last 62 bits are random."""
    # RFC 9562, section 6.2, method 3: the 12 bits after the version hold parts of a millisecond.
    ticks = max(0, int(at * 1000 * STEPS)) % (1 << 60)
    milliseconds, part = divmod(ticks, STEPS)
    return str(uuid.UUID(int=milliseconds << 80 | 7 << 76 | part << 64 | 2 << 62 | secrets.randbits(62)))
