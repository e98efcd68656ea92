"""What holds now, and what a test may change while the server runs."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .pace import Pace
from .scenario import Scenario
from .settings import Settings


@dataclass(slots=True)
class Knobs:
    """The speed, the pace and the scenario of this sandbox."""

    speed: float
    pace: Pace = field(default_factory=Pace)
    scenario: Scenario = field(default_factory=Scenario)
    changed: Callable[[Scenario], None] = lambda _: None
    """Told of each scenario that is set."""

    @property
    def settings(self) -> Settings:
        """The scenario's settings."""
        return self.scenario.settings
