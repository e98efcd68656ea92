"""What the translations of single values share: what is sent, what cannot be, and which field takes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .canonical import Canonical, How
from .models import Model
from .schema import Field, plain

__all__ = ["Sender", "Sent", "Unfit", "first_that", "given_as", "offer", "same"]


class Unfit(Exception):
    """The model does not take the value; the text says why, about the model as `it`."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The model's own fields with what they get, and what is shown of it."""

    values: Mapping[str, object]
    shown: str
    how: How = "kept"
    note: str = ""


Sender = Callable[[Model, Canonical, Mapping[str, object]], Sent]
"""Takes the model, the form, and the model's own fields; raises Unfit."""


def first_that(model: Model, names: tuple[str, ...], has: Callable[[Field], bool], why: str) -> Field:
    """The first field of these names that will do; raises Unfit with `why` where there is none."""
    fields = (field for name in names if (field := model.schema.field(name)))
    found = next((field for field in fields if has(field)), None)
    if found is None:
        raise Unfit(why if model.schema.fields else "its fields are not known here")
    return found


def same(field: Field, given: str) -> object | None:
    """What the field offers in the very words that were given, but for their dress."""
    return next((one for one in field.shape.offers() if plain(one) == plain(given)), None)


def given_as(field: Field, given: str, value: object) -> Sent:
    """The value in the words of the field, which are those that were given or mean the same."""
    return Sent({field.name: value}, str(value), "kept" if str(value) == given else "converted")


def offer(field: Field) -> str:
    """What the field takes, for the end of a sentence."""
    return f"it offers {field.shape.words()}"
