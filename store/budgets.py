"""What may be spent: checked where intents are committed, so that no two processes overrun it."""

import sqlite3
from collections.abc import Sequence
from decimal import Decimal

from .errors import OverBudget
from .records import Cap, Job
from .rows import dollars

# What FAL may charge for: not what it refused, let go of in line, or was never sent and put away. An intent
# of an earlier day counts for today as well, since it may be sent today.
CHARGED = """
SELECT coalesce(sum(max(coalesce(cost, estimate, 0), 0)), 0) FROM job
WHERE (origin LIKE 'fal:%' OR origin LIKE 'https:%') AND billed IS NOT 0
  AND (:since IS NULL OR created_at >= :since OR submitted_at >= :since OR state = 'intent')
  AND (NOT :of_project OR project_id IS :project_id)
"""


def check(connection: sqlite3.Connection, jobs: Sequence[Job], caps: Sequence[Cap]) -> None:
    """Raise OverBudget where these new jobs, with what was spent and promised before, are over a cap."""
    for cap in caps:
        unknown = sorted({job.model for job in jobs if job.estimate is None or job.estimate < 0})
        if unknown:
            raise OverBudget(
                f"{cap.name} is {_usd(cap.usd)}, and the price of {', '.join(unknown)} is unknown."
                " Nothing was sent. Leave that model out."
            )
        needed = sum((job.estimate for job in jobs if job.estimate is not None), Decimal(0))
        before = Decimal(0) if cap.of_run else _charged(connection, cap)
        if before + needed > cap.usd:
            gone = f" {_usd(before)} of it is spent or promised, and" if before else ""
            raise OverBudget(
                f"{cap.name} is {_usd(cap.usd)};{gone} this run is about {_usd(needed)}. Nothing was sent."
            )


def _charged(connection: sqlite3.Connection, cap: Cap) -> Decimal:
    given = {"since": cap.since, "of_project": cap.project_id is not None, "project_id": cap.project_id}
    return dollars(connection.execute(CHARGED, given).fetchone()[0]) or Decimal(0)


def _usd(amount: Decimal) -> str:
    cents = amount.quantize(Decimal("0.01"))
    return f"${cents:,f}" if cents == amount else f"${amount.normalize():,f}"
