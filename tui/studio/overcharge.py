"""Whether FAL billed far more than was estimated, in a sentence. Pure functions, for engine and screen."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from reelroom.store.records import Job

FACTOR: Final = Decimal("1.5")
LEAST: Final = Decimal("0.05")
"""US dollars: less over the estimate is not worth a word, whatever the factor."""


def overcharged(job: Job) -> bool:
    """Whether the bill of a job is far over its estimate."""
    if job.cost is None or job.estimate is None:
        return False
    return job.cost > job.estimate * FACTOR and job.cost - job.estimate >= LEAST


def overcharge(jobs: Iterable[Job]) -> str:
    """What was billed for those of the jobs that are far over their estimates; empty where none is."""
    over = [job for job in jobs if overcharged(job)]
    if not over:
        return ""
    billed = sum((job.cost for job in over if job.cost is not None), Decimal(0))
    estimated = sum((job.estimate for job in over if job.estimate is not None), Decimal(0))
    if len(over) == 1:
        return f"FAL billed ${billed:,.2f}; the estimate was ${estimated:,.2f}."
    return f"FAL billed ${billed:,.2f} for {len(over)} jobs; their estimates were ${estimated:,.2f}."
