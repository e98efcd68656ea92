"""How the values of the one form are sent to one model: data, and a small pure function for each kind."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from .arrange import arrange
from .canonical import LABELS, Canonical, Conversion, How, Name
from .errors import BadValue
from .fitting import Misfit, fit
from .framing import aspect, resolution
from .lengths import duration
from .models import Model
from .places import KINDS, Media, field_for, holding
from .sending import Sender, Sent, Unfit, first_that

__all__ = ["Preview", "preview"]

_PROMPT: Final = ("prompt", "text_prompt")
_SPOKEN: Final = ("text", "text_input")
_NEGATIVE: Final = ("negative_prompt",)
_SOUND: Final = ("generate_audio", "generate_audio_switch", "audio", "enable_audio")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a model would be sent, and how each value gets there. `input` is None where the model will not do.

    `refusal` says why, and `field` is the model's own field that it is about, where there is one.
    """

    model: Model
    conversions: tuple[Conversion, ...]
    input: Mapping[str, object] | None
    refusal: str = ""
    field: str = ""

    @property
    def changed(self) -> tuple[Conversion, ...]:
        """What is sent in other words than it was given, or not at all."""
        return tuple(one for one in self.conversions if one.how != "kept")

    @property
    def unfit(self) -> tuple[Conversion, ...]:
        """What the model does not support."""
        return tuple(one for one in self.conversions if one.how == "not supported")


def preview(model: Model, wish: Canonical, own: Mapping[str, object] = MappingProxyType({})) -> Preview:
    """The whole input of a model, or why there is none; `own` are its own fields, and win over the form."""
    given = {name: value for name, value in own.items() if value is not None}
    values: dict[str, object] = {}
    conversions = tuple(_conversions(model, wish, given, values))
    if unfit := [one for one in conversions if one.how == "not supported"]:
        return Preview(model, conversions, None, f"{model.name}: {'; '.join(one.words for one in unfit)}")
    try:
        return Preview(model, conversions, arrange(model, {**values, **given}))
    except BadValue as refusal:
        return Preview(model, conversions, None, str(refusal), refusal.field)


def _conversions(
    model: Model, wish: Canonical, own: Mapping[str, object], values: dict[str, object]
) -> Iterator[Conversion]:
    """Each value that was given, and with it what `values` then hold."""
    for name in LABELS:
        given = getattr(wish, name)
        if given in (None, "", ()):
            continue
        text = _given(given)
        try:
            sent = _SENDERS[name](model, wish, own)
            if sent.values.keys() & own.keys():
                continue
            _merge(values, _checked(model, sent.values))
        except Unfit as reason:
            how: How = (
                "left out" if name in ("seed", "prompt") and not _takes(model, name) else "not supported"
            )
            yield Conversion(name, text, None, how, _words(name, text, how, "", str(reason)))
            continue
        first = next(iter(sent.values.values()))
        words = _words(name, text, sent.how, sent.shown, sent.note)
        yield Conversion(name, text, first, sent.how, words, tuple(sent.values))


def _takes(model: Model, name: Name) -> bool:
    return model.accepts("seed") if name == "seed" else _prompt_field(model) is not None


def _given(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _words(name: Name, given: str, how: How, shown: str, note: str) -> str:
    """`duration 8 → 10 (it offers 5 or 10)`, `aspect 16:9: it offers 9:16`, `seed: it takes none`."""
    short = name in ("aspect", "resolution", "duration", "sound")
    what = f"{LABELS[name]} {given}" if short else LABELS[name]
    if how in ("not supported", "left out"):
        return f"{what}: {note}"
    if how == "kept" and (short or shown == what):
        return what
    told = f"{what} → {shown}" if short else f"{what} as {shown}"
    return f"{told} ({note})" if note else told


def _merge(values: dict[str, object], more: Mapping[str, object]) -> None:
    """Two values of the form can meet in one field: pictures in a list, a shape and a size in one size."""
    for name, value in more.items():
        before = values.get(name, value)
        if before == value:
            values[name] = value
        elif isinstance(before, list) and isinstance(value, list):
            values[name] = [*before, *value]
        else:
            raise Unfit(f"{name} holds one value, and another one is there already")


def _checked(model: Model, values: Mapping[str, object]) -> dict[str, object]:
    """The values in the form of their fields; raises Unfit with what the field takes."""
    checked = {}
    for name, value in values.items():
        field = model.schema.field(name)
        try:
            checked[name] = value if field is None else fit(field.shape, value, name)
        except Misfit as misfit:
            what = "it" if misfit.path == name else misfit.path
            said = misfit.why.format(what) if misfit.why else f"{what} takes {misfit.shape.words()}"
            raise Unfit(said) from misfit
    return checked


def _prompt_field(model: Model) -> str | None:
    """Where the prompt goes; words to be spoken are it only where a model cannot do without them."""
    if not model.schema.fields:
        return "prompt"
    spoken = (name for name in _SPOKEN if name in model.required)
    return next((name for name in _PROMPT if model.accepts(name)), None) or next(spoken, None)


def _prompt(model: Model, wish: Canonical, _own: Mapping[str, object]) -> Sent:
    name = _prompt_field(model)
    if name is None:
        raise Unfit("it takes none")
    return Sent({name: wish.prompt}, name, "kept" if name == "prompt" else "converted")


def _negative(model: Model, wish: Canonical, _own: Mapping[str, object]) -> Sent:
    field = first_that(model, _NEGATIVE, lambda _: True, "it takes none")
    return Sent({field.name: wish.negative}, field.name)


def _media(media: Media) -> Sender:
    def send(model: Model, wish: Canonical, _own: Mapping[str, object]) -> Sent:
        given: str | tuple[str, ...] = getattr(wish, media)
        urls = (given,) if isinstance(given, str) else given
        field = field_for(model.schema, media)
        if field is None:
            raise Unfit(_no_such_file(model))
        held = [holding(field.shape, KINDS[media], url) for url in urls]
        if field.shape.type != "array":
            if len(held) > 1:
                raise Unfit(f"{field.name} takes one, and {len(held)} were given")
            return Sent({field.name: held[0]}, field.name)
        lists = [entry for one in held if isinstance(one, list) for entry in one]
        return Sent({field.name: lists}, field.name)

    return send


def _no_such_file(model: Model) -> str:
    if not model.schema.fields:
        return "its fields are not known here"
    others = f", its files are {', '.join(list(model.uploads)[:6])}" if model.uploads else ""
    return f"it takes none{others}"


def _sound(model: Model, wish: Canonical, _own: Mapping[str, object]) -> Sent:
    field = first_that(
        model, _SOUND, lambda field: field.shape.type == "boolean", "it has no switch for sound"
    )
    return Sent({field.name: wish.sound}, field.name)


def _seed(model: Model, wish: Canonical, _own: Mapping[str, object]) -> Sent:
    field = first_that(model, ("seed",), lambda _: True, "it takes none")
    return Sent({field.name: wish.seed}, field.name)


_SENDERS: Final[Mapping[Name, Sender]] = MappingProxyType(
    {
        "prompt": _prompt,
        "negative": _negative,
        "first": _media("first"),
        "last": _media("last"),
        "references": _media("references"),
        "video": _media("video"),
        "audio": _media("audio"),
        "aspect": aspect,
        "resolution": resolution,
        "duration": duration,
        "sound": _sound,
        "seed": _seed,
    }
)
