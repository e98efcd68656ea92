"""Where the work is done: at FAL, at a base URL given, or in the own sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .ending import Code, Stop

if TYPE_CHECKING:
    from reelroom.fal.hosts import Hosts
    from reelroom.fal.key import Key
    from reelroom.tui.settings import Settings

    from .keyfile import FoundKey

SANDBOX = "sandbox"


@dataclass(frozen=True, slots=True)
class Place:
    """An origin, and how it is reached. Without hosts the own sandbox has to be started."""

    origin: str
    hosts: Hosts | None
    key: Key | None
    """None where there is none, or where the keyring has it and was not asked yet."""

    @property
    def spends(self) -> bool:
        """Whether money may move: anywhere but on this machine."""
        return self.hosts is not None and not self.hosts.loopback

    @property
    def first_line(self) -> str | None:
        """What a person has to know before anything else."""
        if self.hosts is None:
            return "Sandbox: free practice clips, nothing is sent to FAL. `reelroom key set` changes that."
        if self.hosts.base is not None:
            return f"{self.hosts.base} stands in for FAL."
        return None


def choose_place(settings: Settings, found: FoundKey | None) -> Place:
    """The one place that these settings and this key lead to. Raises Stop."""
    if settings.live.value and found is None:
        raise Stop(
            Code.KEY,
            f"The real FAL is asked for ({settings.live.source}), and there is no key for it."
            " `reelroom key set` keeps one, or FAL_KEY holds it. Nothing was sent.",
        )
    if settings.fal_url.value is not None:
        return _at(settings.fal_url.value, found)
    if found is None:
        return Place(SANDBOX, None, None)
    from reelroom.fal.hosts import Hosts  # noqa: PLC0415 - the own sandbox needs none

    return Place(f"fal:{found.id}", Hosts.fal(), found.key)


def _at(url: str, found: FoundKey | None) -> Place:
    from reelroom.fal.errors import ForeignAddress  # noqa: PLC0415 - as above
    from reelroom.fal.hosts import Hosts  # noqa: PLC0415 - as above

    try:
        hosts = Hosts.at(url)
    except ForeignAddress as error:
        raise Stop(Code.USAGE, f"REELROOM_FAL_URL: {error}") from error
    if found is None and not hosts.loopback:
        raise Stop(
            Code.KEY, f"{hosts.base} is not on this machine, so it needs a key. `reelroom key set` keeps one."
        )
    return Place(hosts.base or url, hosts, None if found is None else found.key)
