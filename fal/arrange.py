"""A person's settings in the form that a model takes: checked against what is known, and no further."""

import re
from collections.abc import Mapping
from difflib import get_close_matches

from .clean import clean
from .errors import BadValue
from .models import Model

_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{1,15})?|\.[0-9]{1,15})")
_SWITCH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def arrange(model: Model, settings: Mapping[str, object]) -> dict[str, object]:
    """The input to send: each known field in the form FAL lists ("5", 5 or "5s"), new ones untouched.

    A setting that is None is not given. A required field that has a default gets it. Raises BadValue
    for a value that is not offered, a text that is too long, and a required field that is missing.
    """
    given = {field: value for field, value in settings.items() if value is not None}
    _refuse_sync_mode(given)
    for field in given:
        _refuse_slip(model, field)
    arranged = {field: _fitted(model, field, value) for field, value in given.items()}
    for field in model.required:
        if _blank(arranged.get(field)):
            if field not in model.defaults:
                raise BadValue(_missing(model, field), field)
            arranged[field] = model.defaults[field]
    return arranged


def _refuse_slip(model: Model, field: str) -> None:
    """A name that is nearly one of the model's is a slip: FAL would drop it, and charge all the same."""
    near = get_close_matches(field, model.fields, n=1, cutoff=0.75) if field not in model.fields else []
    if near:
        shown = clean(field, limit=80)
        raise BadValue(f"{model.name} has no field {shown}; the nearest is {near[0]}", field)


def _fitted(model: Model, field: str, value: object) -> object:
    if field in model.offered:
        return _offered(model, field, value)
    if field in model.max_chars and isinstance(value, str):
        return _short_enough(model, field, value)
    if field == "seed" and model.accepts("seed"):
        return _whole(model, field, value)
    return _like(model.defaults.get(field), value)


def _offered(model: Model, field: str, value: object) -> object:
    offered = model.offered[field]
    form = None if isinstance(value, bool) else offered.form(value)
    if form is None:
        shown = clean(str(value), limit=80)
        raise BadValue(f"{field} {shown} is not offered by {model.name}: {offered.words()}", field)
    return form


def _short_enough(model: Model, field: str, value: str) -> str:
    longest = model.max_chars[field]
    if len(value) > longest:
        name = field.replace("_", " ")
        raise BadValue(f"the {name} has {len(value)} characters; {model.name} takes {longest} at most", field)
    return value


def _whole(model: Model, field: str, value: object) -> int:
    if isinstance(value, bool) or not _WHOLE.fullmatch(str(value).strip()):
        shown = clean(str(value), limit=80)
        raise BadValue(f"{field} {shown} is not offered by {model.name}: a whole number", field)
    return int(str(value))


def _like(default: object, value: object) -> object:
    """A text that says what the default's type can hold becomes that; FAL judges everything else."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if isinstance(default, bool):
        return _SWITCH.get(text.lower(), value)
    if isinstance(default, int) and _WHOLE.fullmatch(text):
        return int(text)
    if isinstance(default, int | float) and _NUMBER.fullmatch(text):
        return float(text)
    return value


def _refuse_sync_mode(given: Mapping[str, object]) -> None:
    if str(given.get("sync_mode")).strip().lower() in ("true", "1", "yes", "on"):
        raise BadValue("sync_mode true is never sent: FAL would keep no record of the request", "sync_mode")


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], ())


def _missing(model: Model, field: str) -> str:
    kind = model.uploads.get(field)
    return f"{model.name} needs {field}" + (f", the URL of its {kind}" if kind else "")
