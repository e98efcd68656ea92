"""A person's settings in the form that a model takes: checked against its schema before anything is sent."""

from collections.abc import Mapping
from difflib import get_close_matches

from .clean import clean
from .errors import BadValue
from .fitting import Misfit, fit
from .models import Model


def arrange(model: Model, settings: Mapping[str, object]) -> dict[str, object]:
    """The input to send: each known field in the form FAL lists ("5", 5 or "5s"), new ones untouched.

    A setting that is None is not given. A required field that has a default gets it, and sync_mode is false
    where FAL would take it as true. Raises BadValue for
    a value that is not offered, a name that is nearly a field's, and a required field that is missing.
    """
    given = {field: value for field, value in settings.items() if value is not None}
    _refuse_sync_mode(given)
    for field in given:
        _refuse_slip(model, field)
    _refuse_missing(model, given)
    arranged = {name: _fitted(model, name, value) for name, value in given.items()}
    for one in model.schema.fields:
        if one.required and one.default is not None and _blank(arranged.get(one.name)):
            arranged[one.name] = one.default
    if model.defaults.get("sync_mode") is True:
        arranged["sync_mode"] = False
    return arranged


def _refuse_slip(model: Model, field: str) -> None:
    """A name that is nearly one of the model's is a slip: FAL would drop it, and charge all the same."""
    near = get_close_matches(field, model.fields, n=1, cutoff=0.75) if field not in model.fields else []
    if near:
        shown = clean(field, limit=80)
        raise BadValue(f"{model.name} has no field {shown}; the nearest is {near[0]}", field)


def _refuse_missing(model: Model, given: Mapping[str, object]) -> None:
    for field in model.schema.fields:
        defaulted = field.default is not None or field.default_omitted
        if field.required and not defaulted and _blank(given.get(field.name)):
            kind = f", the URL of its {field.upload}" if field.upload else ""
            raise BadValue(f"{model.name} needs {field.name}{kind}", field.name)


def _fitted(model: Model, name: str, value: object) -> object:
    field = model.schema.field(name)
    # FAL's own default stands even where it breaks FAL's own rule, as an empty URL does.
    if field is None or (type(value) is type(field.default) and value == field.default):
        return value
    if field.required and _blank(value):
        return value
    try:
        return fit(field.shape, value, name)
    except Misfit as misfit:
        raise BadValue(_sentence(model, misfit), name) from misfit


def _sentence(model: Model, misfit: Misfit) -> str:
    path = clean(misfit.path, limit=80)
    if misfit.why.startswith("needs "):
        return f"{path} {misfit.why}"
    if misfit.why:
        return f"the {path.replace('_', ' ')} {misfit.why.format(model.name)}"
    shown = clean(str(misfit.value), limit=80)
    return f"{path} {shown} is not offered by {model.name}: {misfit.shape.words()}"


def _refuse_sync_mode(given: Mapping[str, object]) -> None:
    if str(given.get("sync_mode")).strip().lower() in ("true", "1", "yes", "on"):
        raise BadValue("sync_mode true is never sent: FAL would keep no record of the request", "sync_mode")


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], ())
