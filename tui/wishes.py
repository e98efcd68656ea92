"""From a wish to orders: what the form and the command line both ask of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reelroom.fal.catalogue import Model, arrange
from reelroom.fal.prices import estimate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .studio.orders import Order

__all__ = ["LARGEST_SEED", "fitting", "orders", "seeds"]

LARGEST_SEED = 2**31 - 1


def fitting(model: Model, settings: Mapping[str, object]) -> dict[str, object]:
    """The settings that the model has a field for; an empty one means its own default, and is left out."""
    return {
        name: value for name, value in settings.items() if value not in (None, "") and model.accepts(name)
    }


def orders(
    model: Model, prompt: str, settings: Mapping[str, object], *, seed: int | None = None, copies: int = 1
) -> list[Order]:
    """One order for each copy, without a project yet. Raises BadValue for what the model does not take.

    A model that declares no seed is never sent one. Where it does, each copy has an explicit seed of its
    own: it marks the request, so that a lost one can be found again in FAL's own listing.
    """
    return [_order(model, prompt, settings, number) for number in seeds(model, seed, copies)]


def seeds(model: Model, seed: int | None, copies: int) -> list[int | None]:
    """Counted up from the seed given, else random ones; None for each copy where the model takes no seed."""
    if not model.accepts("seed"):
        return [None] * copies
    if seed is not None:
        return [seed + step for step in range(copies)]
    high = model.largest("seed") or LARGEST_SEED
    import secrets  # noqa: PLC0415 - a form that is only looked at needs none

    return list(secrets.SystemRandom().sample(range(1, high + 1), copies))


def _order(model: Model, prompt: str, settings: Mapping[str, object], seed: int | None) -> Order:
    from .studio.orders import Order  # noqa: PLC0415 - as above

    input_ = arrange(model, {"prompt": prompt, **settings, "seed": seed})
    return Order(
        endpoint=model.endpoint,
        model=model.name,
        prompt=prompt,
        input=input_,
        estimate=estimate(model, input_),
        seed=seed,
    )
