"""The models that a command names: from the catalogue, or from FAL where it has none of that id."""

import asyncio
from collections.abc import Callable, Iterable

from reelroom.fal.catalogue import Catalogue
from reelroom.fal.errors import FalError, NotFound, UnknownModel

from .place import Place


def with_models(catalogue: Catalogue, names: Iterable[str], find_place: Callable[[], Place]) -> Catalogue:
    """The catalogue, and with it each endpoint id that it lacks, with the fields that FAL declares.

    Raises UnknownModel for what is no endpoint id, what FAL does not know, and, where there is no FAL to
    ask, for all of them. One that FAL does not answer about is taken without known fields.
    """
    for name in names:
        try:
            catalogue.find(name)
        except UnknownModel as unknown:
            catalogue = _with_model(catalogue, name.strip(), find_place(), unknown)
    return catalogue


def _with_model(catalogue: Catalogue, name: str, place: Place, unknown: UnknownModel) -> Catalogue:
    # Only a name that the catalogue lacks needs all of these.
    from reelroom.fal.exchange import Exchange  # noqa: PLC0415 - see above
    from reelroom.fal.on_demand import fetched, nameless  # noqa: PLC0415 - see above
    from reelroom.fal.platform import Platform  # noqa: PLC0415 - see above

    model, hosts = nameless(name), place.hosts
    if model is None or hosts is None:
        raise unknown

    async def ask() -> Catalogue:
        async with Exchange(hosts, place.key) as exchange:
            return catalogue.adding(await fetched(Platform(exchange), model))

    try:
        return asyncio.run(ask())
    except NotFound:
        raise unknown from None
    except FalError:
        return catalogue.adding(model)
