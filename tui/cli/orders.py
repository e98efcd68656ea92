"""From what was typed to what is ordered: checked whole before anything is started."""

import argparse
import json
import math
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, NoReturn

from reelroom.fal.canonical import Canonical
from reelroom.fal.catalogue import Catalogue, Model
from reelroom.fal.clean import clean
from reelroom.fal.errors import BadValue, UnfitFile, UnknownModel
from reelroom.fal.places import KINDS, Media, field_for, taker
from reelroom.fal.prices import estimate
from reelroom.fal.translate import Preview, preview
from reelroom.tui.studio.orders import Order

from .attachments import Attachments, several
from .ending import Code, Stop

UNCUT = 1_000_000
"""Characters: more than one argument of a command line can hold, so that nothing is cut in silence."""
LARGEST_SEED = 2**31 - 1
_OPTIONS: Final[Mapping[Media, str]] = MappingProxyType(
    {
        "first": "--image",
        "last": "--last-image",
        "references": "--ref",
        "video": "--video",
        "audio": "--audio",
    }
)


@dataclass(frozen=True, slots=True)
class Field:
    """One --set: a field of the input, for one model or for all."""

    model: Model | None
    name: str
    value: object


@dataclass(frozen=True, slots=True)
class Planned:
    """What one model would get, and the orders for it: none where it will not do."""

    preview: Preview
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a command line comes to, model by model."""

    models: tuple[Planned, ...]

    @property
    def orders(self) -> list[Order]:
        """All orders, without a project yet."""
        return [order for planned in self.models for order in planned.orders]

    @property
    def unfit(self) -> list[Preview]:
        """The models that will not do, and why."""
        return [planned.preview for planned in self.models if planned.preview.input is None]

    def demand(self, *, skip: bool) -> None:
        """Raise Stop with code 2 where a model will not do, or, where those are skipped, where none will."""
        if self.unfit and not (skip and self.orders):
            raise Stop(Code.USAGE, " ".join(map(_refused, self.unfit)) + " Nothing was sent.")


def _refused(preview: Preview) -> str:
    return f"{preview.refusal[:1].upper()}{preview.refusal[1:].rstrip('.')}."


def read_plan(args: argparse.Namespace, catalogue: Catalogue, files: Attachments) -> Plan:
    """What each model would get, and one order for each copy. Raises Stop with code 2.

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
        wish = _wish(args, prompt, files)
        return Plan(tuple(_planned(model, wish, fields, args.count, files) for model in models))
    except UnknownModel as error:
        raise Stop(Code.USAGE, str(error)) from error
    except UnfitFile as error:
        raise Stop(Code.USAGE, f"{error} Nothing was sent.") from error
    except BadValue as error:
        said = str(error).rstrip(".")
        raise Stop(Code.USAGE, f"{said[:1].upper()}{said[1:]}. Nothing was sent.") from error


def _wish(args: argparse.Namespace, prompt: str, files: Attachments) -> Canonical:
    """What is asked of all models, with a stand-in for each file."""

    def address(text: str | None) -> str | None:
        return None if text is None else files.address(text)

    def word(text: str | None) -> str | None:
        return None if text is None else clean(text.strip(), limit=UNCUT, lines=True)

    return Canonical(
        prompt=prompt,
        negative=word(args.negative),
        first=address(args.image),
        last=address(args.last_image),
        references=tuple(map(files.address, args.refs)),
        video=address(args.video),
        audio=address(args.audio),
        aspect=word(args.aspect),
        resolution=word(args.resolution),
        duration=word(args.duration),
        sound=args.sound,
        seed=args.seed,
    )


def _planned(
    model: Model, wish: Canonical, fields: Sequence[Field], count: int, files: Attachments
) -> Planned:
    # What is set for a model comes before what is for all.
    own = _gathered(model, [field for field in fields if field.model is None])
    own |= _gathered(model, [field for field in fields if field.model is model])
    own = files.fill(model, own)
    made = preview(model, wish, own)
    _refuse_twice(model, wish, made)
    if made.input is None and not made.unfit and made.field in own:
        raise BadValue(made.refusal, made.field)
    try:
        _admit(model, wish, made, files)
    except BadValue as refusal:
        return Planned(replace(made, input=None, refusal=str(refusal), field=refusal.field))
    if made.input is None:
        return Planned(made)
    return Planned(made, tuple(_orders(model, wish, own, count)))


def _refuse_twice(model: Model, wish: Canonical, made: Preview) -> None:
    """A file that an option names, and a --set for the same field, cannot both be meant."""
    told = {one.field for one in made.conversions}
    for media, option in _OPTIONS.items():
        field = field_for(model.schema, media)
        if getattr(wish, media) and media not in told and field is not None:
            raise BadValue(f"{option} is {field.name} of {model.name}, which --set names too", field.name)


def _admit(model: Model, wish: Canonical, made: Preview, files: Attachments) -> None:
    """Check each file against the field that it goes to."""
    for one in made.conversions:
        if one.field in KINDS and one.names:
            given: str | tuple[str, ...] = getattr(wish, one.field)
            field = model.schema.field(one.names[0])
            shape = None if field is None else taker(field.shape, KINDS[one.field])
            for url in (given,) if isinstance(given, str) else given:
                if shape is not None:
                    files.admit(model, one.names[0], shape, url)


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


def _orders(model: Model, wish: Canonical, own: Mapping[str, object], count: int) -> Iterator[Order]:
    others = {name: value for name, value in own.items() if name != "seed"}
    for number in _seeds(model, wish.seed, own.get("seed"), count):
        made = preview(model, replace(wish, seed=None), {**others, "seed": number})
        if made.input is None:
            raise BadValue(made.refusal, made.field)
        yield Order(
            endpoint=model.endpoint,
            model=model.name,
            prompt=wish.prompt or "",
            input=made.input,
            estimate=estimate(model, made.input),
            seed=number if isinstance(number, int) else None,
        )


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
