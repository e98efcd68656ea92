"""What was spent: the jobs that went out, by day, project and model. SQL, run on the database's thread."""

import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from .rows import dollars

# As for budgets: not what FAL refused, or let go of in line. What never went out costs nothing yet.
SPENT = """
SELECT date(submitted_at, 'unixepoch', 'localtime') AS day, project_id, endpoint, max(model) AS model,
  origin LIKE 'fal:%' OR origin LIKE 'https:%' AS real, count(*) AS jobs,
  sum(coalesce(cost, estimate)) AS amount, sum(estimate) AS estimate,
  sum(cost) AS billed, count(cost) AS with_bill,
  sum(CASE WHEN cost IS NOT NULL THEN estimate END) AS estimate_of_billed,
  sum(estimate IS NULL AND cost IS NULL) AS unknown
FROM job
WHERE submitted_at IS NOT NULL AND billed IS NOT 0 AND (:since IS NULL OR submitted_at >= :since)
GROUP BY day, project_id, endpoint, real
ORDER BY day, project_id, endpoint
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """The jobs of one day, project and endpoint. Amounts are in US dollars, None where none is known.

    `day` is local, as 2026-11-22. `real` is False for practice, which costs nothing. `amount` is what they
    come to: bills, and estimates where there is none yet. `billed` is what FAL charged for `with_bill` of
    the jobs, and `estimate_of_billed` what had been estimated for those; of `unknown` jobs there is neither.
    """

    day: str
    project_id: str | None
    endpoint: str
    model: str
    real: bool
    jobs: int
    amount: Decimal | None
    estimate: Decimal | None
    billed: Decimal | None
    with_bill: int
    estimate_of_billed: Decimal | None
    unknown: int


def spent(connection: sqlite3.Connection, *, since: float | None) -> list[Spent]:
    """What went out since a moment, in seconds since 1970, or ever; the oldest day first."""
    return [
        Spent(
            day=row["day"],
            project_id=row["project_id"],
            endpoint=row["endpoint"],
            model=row["model"],
            real=bool(row["real"]),
            jobs=row["jobs"],
            amount=dollars(row["amount"]),
            estimate=dollars(row["estimate"]),
            billed=dollars(row["billed"]),
            with_bill=row["with_bill"],
            estimate_of_billed=dollars(row["estimate_of_billed"]),
            unknown=row["unknown"],
        )
        for row in connection.execute(SPENT, {"since": since})
    ]
