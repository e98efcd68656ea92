"""What a person allows to be spent, as caps on the intents that are made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from reelroom.store.records import Cap, Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Budgets in US dollars, None where there is none; with `no_spend` nothing is sent at all."""

    run: Decimal | None = None
    day: Decimal | None = None
    projects: Mapping[str, Decimal] = field(default_factory=dict)
    """By the project's name, in any case."""
    no_spend: bool = False

    def caps(self, project: Project | None, midnight: float) -> list[Cap]:
        """The caps on a run in this project; `midnight` is when the day began, in seconds since 1970."""
        caps = []
        if self.run is not None:
            caps.append(Cap(name="The budget of a run", usd=self.run, of_run=True))
        if self.day is not None:
            caps.append(Cap(name="Today's budget", usd=self.day, since=midnight))
        names = {name.casefold(): usd for name, usd in self.projects.items()}
        if project is not None and project.name.casefold() in names:
            usd = names[project.name.casefold()]
            caps.append(Cap(name=f"The budget of “{project.name}”", usd=usd, project_id=project.id))
        return caps
