"""What a person can do about each reason, in the words of the commands and of the screen's keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from reelroom.store.reasons import Then
from reelroom.store.records import Job

from . import words


@dataclass(frozen=True, slots=True)
class Way:
    """One way on, as the commands say it (`{id}` is the job's) and as the screen does."""

    command: str
    screen: str


_ANEW = "Generating it again makes a new, paid job."
_RESUME = "`reelroom resume`"

ENDED: Final[Mapping[Then, Way]] = MappingProxyType(
    {
        Then.READ_AGAIN: Way(
            "`reelroom retry {id}` reads FAL's reply again, and never pays.",
            "r reads FAL's answer again, and never pays.",
        ),
        Then.CHANGE_INPUT: Way(*["Change what FAL names; then generate it again."] * 2),
        Then.CHANGE_KEY: Way(*["`reelroom key set` changes the key; then generate it again."] * 2),
        Then.TOP_UP: Way(*["See to the account at fal.ai/dashboard/billing; then generate it again."] * 2),
    }
)
"""After an ending; for every other reason only a new job is left."""

WAITING: Final[Mapping[Then, Way]] = MappingProxyType(
    {
        Then.WAIT: Way(
            f"Nothing is lost. {_RESUME} asks FAL again, and goes on.",
            "Nothing is lost. It is tried again by itself; r tries now.",
        ),
        Then.CHANGE_KEY: Way(
            f"Nothing is lost. `reelroom key set` changes the key, then {_RESUME} goes on.",
            "`reelroom key set` changes the key. Nothing is lost; r tries again.",
        ),
        Then.FREE_SPACE: Way(
            f"Nothing is lost. Once there is room, {_RESUME} goes on.",
            "It goes on by itself once there is room. r tries now.",
        ),
        Then.GIVE_RIGHTS: Way(
            f"Nothing is lost. Once the folder may be written to, {_RESUME} goes on.",
            "It goes on once the library folder may be written to. Nothing is lost; r tries again.",
        ),
    }
)
"""While a job waits; for every other reason it is tried again by itself."""


def way_of(job: Job) -> Way:
    """What can be done about the reason for which a job ended or waits."""
    then = job.why.then if job.why else None
    if job.terminal:
        way = ENDED.get(then, Way(_ANEW, _ANEW)) if then else Way(_ANEW, _ANEW)
    else:
        way = WAITING.get(then, WAITING[Then.WAIT]) if then else WAITING[Then.WAIT]
    return Way(way.command.format(id=words.short_id(job.id)), way.screen)
