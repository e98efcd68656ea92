"""What FAL lists and a rebuilt database does not know: asked for once, and told in one sentence."""

from reelroom.fal.client import Client
from reelroom.fal.errors import FalError
from reelroom.fal.platform import Platform
from reelroom.store.store import Store
from reelroom.tui import words
from reelroom.tui.studio.rebuild import Rebuild

from .place import Place

ALONE = "Jobs sent since then are known to FAL alone: fal.ai/dashboard lists them."


async def jobs_again(store: Store, place: Place | None, since: float) -> tuple[str, bool]:
    """Make jobs of what was sent since then; returns what to say, and whether the listing was read."""
    if place is None or place.hosts is None:
        return f"{ALONE} With a key `reelroom doctor --fix` reads that list.", False
    try:
        async with Client(place.hosts, place.key) as fal:
            taken = await Rebuild(Platform(fal.exchange), store, place.origin).since(since)
    except FalError as error:
        return f"FAL's listing could not be read: {error} {ALONE}", False
    if not taken:
        return "FAL's listing has no request since then that is not known here.", True
    found = (
        f"{words.count(taken, 'request')} in FAL's listing {'was' if taken == 1 else 'were'} not known here"
    )
    again = "now a job again" if taken == 1 else "now jobs again"
    return f"{found}: {again}. `reelroom resume` brings what FAL made.", True
