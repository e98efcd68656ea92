"""From what was typed to what is ordered: checked whole before anything is started."""

import argparse
import json
import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from reelroom.fal.catalogue import Catalogue, Model, arrange
from reelroom.fal.clean import clean
from reelroom.fal.errors import BadValue, UnfitFile, UnknownModel
from reelroom.fal.prices import estimate
from reelroom.tui.studio.orders import Order

from .attachments import Attachments, several
from .ending import Code, Stop

UNCUT = 1_000_000
"""Characters: more than one argument of a command line can hold, so that nothing is cut in silence."""
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Field:
    """One --set: a field of the input, for one model or for all."""

    model: Model | None
    name: str
    value: object


def read_orders(args: argparse.Namespace, catalogue: Catalogue, files: Attachments) -> list[Order]:
    """One order for each model and count, without a project yet. Raises Stop with code 2.

    The files that it names are looked at and checked, and gathered in `files`: an order holds a stand-in
    for each. It blocks for as long as they take to be read.
    """
    prompt = clean((args.prompt or "").strip(), limit=UNCUT, lines=True)
    if not prompt:
        raise Stop(Code.USAGE, 'What should the clip show? `reelroom generate "a red fox" -m MODEL`.')
    if not args.models:
        raise Stop(Code.USAGE, "Which model? -m names one, and `reelroom models` lists them.")
    try:
        models = list({model.endpoint: model for model in map(catalogue.find, args.models)}.values())
        fields = [_field(text, catalogue, models) for text in args.sets]
        settings = [_settings(model, fields, args.image, files) for model in models]
        return [
            order
            for model, given in zip(models, settings, strict=True)
            for order in _orders(model, prompt, given, args.seed, args.count)
        ]
    except UnknownModel as error:
        raise Stop(Code.USAGE, str(error)) from error
    except UnfitFile as error:
        raise Stop(Code.USAGE, f"{error} Nothing was sent.") from error
    except BadValue as error:
        said = str(error).rstrip(".")
        raise Stop(Code.USAGE, f"{said[:1].upper()}{said[1:]}. Nothing was sent.") from error


def _settings(
    model: Model, fields: Sequence[Field], image: str | None, files: Attachments
) -> dict[str, object]:
    """What is set for a model, its own before what is for all, each file checked and replaced."""
    settings = _gathered(model, [field for field in fields if field.model is None])
    settings |= _gathered(model, [field for field in fields if field.model is model])
    settings = files.fill(model, settings)
    return settings if image is None else settings | files.image(model, image, settings)


def _gathered(model: Model, fields: Sequence[Field]) -> dict[str, object]:
    """Each field's last value; those of a list of files are put together."""
    gathered: dict[str, object] = {}
    for field in fields:
        known = model.schema.field(field.name)
        many = known is not None and known.upload is not None and known.shape.type == "array"
        before = gathered.get(field.name) if many else None
        gathered[field.name] = field.value if before is None else [*_listed(before), *_listed(field.value)]
    return gathered


def _listed(value: object) -> list[object]:
    if isinstance(value, str):
        return list(several(value))
    return value if isinstance(value, list) else [value]


def _orders(
    model: Model, prompt: str, settings: Mapping[str, object], seed: int | None, count: int
) -> list[Order]:
    others = {name: value for name, value in settings.items() if name != "seed"}
    orders = []
    for number in _seeds(model, seed, settings.get("seed"), count):
        input_ = arrange(model, {"prompt": prompt, **others, "seed": number})
        orders.append(
            Order(
                endpoint=model.endpoint,
                model=model.name,
                prompt=prompt,
                input=input_,
                estimate=estimate(model, input_),
                seed=number if isinstance(number, int) else None,
            )
        )
    return orders


def _seeds(model: Model, flag: int | None, field: object, count: int) -> list[object]:
    """Counted up from the seed given, else random ones where the model takes a seed.

    An explicit seed marks a request, so that a lost one can be found again in FAL's own listing. A model that
    declares no seed gets none from --seed; a --set is sent as it was given.
    """
    given = flag if field is None and model.accepts("seed") else field
    if isinstance(given, int) and not isinstance(given, bool):
        return [given + step for step in range(count)]
    if given is not None or not model.accepts("seed"):
        return [given] * count
    high = model.largest("seed") or LARGEST_SEED
    return list(secrets.SystemRandom().sample(range(1, high + 1), count))


def _field(text: str, catalogue: Catalogue, models: Sequence[Model]) -> Field:
    left, equals, value = text.partition("=")
    prefix, _, name = left.rpartition(":")
    name = clean(name.strip(), limit=200)
    if not equals or not name:
        raise Stop(Code.USAGE, f"--set takes [MODEL:]KEY=VALUE, not “{clean(text, limit=80)}”.")
    if name == "prompt":
        raise Stop(Code.USAGE, "The prompt is the first argument of generate, and no --set.")
    model = catalogue.find(prefix) if prefix else None
    if model is not None and model not in models:
        raise Stop(Code.USAGE, f"--set names {model.name}, which no -m asks for.")
    # What may be the name of a file is kept as it was typed.
    return Field(model, name, value if value.startswith("@") else read_value(value))


def read_value(text: str) -> object:
    """JSON if it is JSON, else the text itself; raises Stop for a number that no JSON can hold."""
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return clean(text, limit=UNCUT, lines=True)
    return _cleaned(value)


def _no_constant(word: str) -> NoReturn:
    raise ValueError(word)


def _cleaned(value: Any) -> object:
    if isinstance(value, str):
        return clean(value, limit=UNCUT, lines=True)
    if isinstance(value, float) and not math.isfinite(value):
        raise Stop(Code.USAGE, "--set holds a number that is too large for FAL.")
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    if isinstance(value, Mapping):
        return {clean(str(name), limit=UNCUT): _cleaned(one) for name, one in value.items()}
    number: object = value
    return number
