"""When a day begins, for people: today's money and today's jobs are counted from there."""

from datetime import datetime


def start_of_day(now: float) -> float:
    """The last midnight, in local time."""
    midnight = datetime.fromtimestamp(now).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.timestamp()
