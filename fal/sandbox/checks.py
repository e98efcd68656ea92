"""What a model demands of its input: its schema document, and FAL's 422 where the input differs from it."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from .documents import REF, Documents, Schema, input_name
from .requests import Failure

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

MOST = 50
"""Errors that one refusal is made of; an input may be wrong a million times."""
_SHOWN = 1000
"""Letters of an entry's echo of what was given; a longer one is left out."""
Entry = dict[str, Any]
Place = tuple[str | int, ...]
_Say = Callable[[Any], tuple[str, str, dict[str, object]]]


class Checks:
    """Inputs against the raw schema documents. Blocks, as the first check loads the validator."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._validator = lru_cache(maxsize=4)(self._made)

    def failure(self, endpoint: str, input_: Mapping[str, object]) -> Failure | None:
        """The 422 that the model of an endpoint ends in; None where the input will do, or none is known."""
        validator = self._validator(endpoint)
        if validator is None:
            return None
        told = islice(_told(validator.iter_errors(input_)), MOST)
        entries = list(_entries(sorted(told, key=lambda error: _order(validator, error))))
        if not entries:
            return None
        return Failure(422, entries[0]["type"], "Invalid status code: 422", json.dumps(entries))

    def _made(self, endpoint: str) -> "Validator | None":
        document = self._documents.document(endpoint)
        return None if document is None else _validator(document)


def _validator(document: Schema) -> "Validator":
    # jsonschema takes a tenth of a second to load, which READY must not wait for.
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - loaded late, see _validator
    from jsonschema.validators import extend  # noqa: PLC0415 - loaded late, see _validator

    own = {"required": _required, "multipleOf": _multiple}
    hints = {"format": _format, "ui": _hint, "_fal_ui_field": _hint}
    kind = extend(Draft202012Validator, own | hints)
    top = {"$ref": REF + input_name(document), "components": document["components"]}
    made: Validator = kind(top)
    return made


def _required(_: object, names: Iterable[str], value: object, schema: Schema) -> "Iterator[ValidationError]":
    """Each name that is not there. FAL's models take a field with a default as optional, required or not."""
    from jsonschema import ValidationError  # noqa: PLC0415 - loaded late, see _validator

    if isinstance(value, dict):
        for name in names:
            if name not in value and "default" not in schema["properties"].get(name, {}):
                yield ValidationError("Field required", path=(name,), instance=value)


def _multiple(_: object, step: float, value: object, _schema: object) -> "Iterator[ValidationError]":
    """In decimal, where 0.07 is seven times 0.01; in binary it is not."""
    from jsonschema import ValidationError  # noqa: PLC0415 - loaded late, see _validator

    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and Fraction(str(value)) % Fraction(str(step)):
        yield ValidationError("not a multiple")


def _format(kind: object, format_: str, value: object, schema: Schema) -> "Iterator[ValidationError]":
    if format_ == "uri":
        yield from _hint(kind, format_, value, schema)


def _hint(_: object, _hint: object, value: object, schema: Schema) -> "Iterator[ValidationError]":
    """Files come as URLs; the text that is a field's default is one that its model knows, whatever it is."""
    from jsonschema import ValidationError  # noqa: PLC0415 - loaded late, see _validator

    if isinstance(value, str) and not _is_url(value) and value != schema.get("default"):
        yield ValidationError("not a URL", validator="url", validator_value=None)


def _is_url(text: str) -> bool:
    return re.match(r"(?i)https?://[^\s/?#]|data:[^,\s]{0,200},", text) is not None


def _told(errors: "Iterable[ValidationError]") -> "Iterator[ValidationError]":
    """Errors where they are: those of the branch that was meant in place of the union's own."""
    for error in errors:
        if error.validator not in {"anyOf", "oneOf"}:
            yield error
            continue
        branches: dict[object, list[ValidationError]] = {}
        for inner in error.context or ():
            branches.setdefault(inner.schema_path[0], []).append(inner)
        meant = [found for found in branches.values() if not any(_mistaken(error, one) for one in found)]
        for found in meant or _typed(branches.values()):
            yield from _told(found)


def _mistaken(union: "ValidationError", inner: "ValidationError") -> bool:
    """Whether the whole value is of another type than this branch."""
    return str(inner.validator) == "type" and list(inner.absolute_path) == list(union.absolute_path)


def _typed(branches: "Iterable[list[ValidationError]]") -> "list[list[ValidationError]]":
    """The branches that are no null: nobody means null who gives something else."""
    return [found for found in branches if not any(one.validator_value == "null" for one in found)]


def _order(validator: "Validator", error: "ValidationError") -> tuple[int, str]:
    """FAL checks the fields in the order that they are declared in."""
    schema = validator.schema["components"]["schemas"][validator.schema["$ref"].removeprefix(REF)]
    names: list[object] = schema["x-fal-order-properties"]
    first = error.absolute_path[0] if error.absolute_path else None
    return names.index(first) if first in names else -1, str(list(error.absolute_path))


def _entries(errors: "Iterable[ValidationError]") -> Iterator[Entry]:
    """One entry for each place, and the several that a union has there."""
    places: dict[Place, list[ValidationError]] = {}
    for error in errors:
        places.setdefault(tuple(error.absolute_path), []).append(error)
    for place, found in places.items():
        # A value of the wrong type is not of the choices either; pydantic says the one or the other.
        literal = [error for error in found if error.validator in {"enum", "const"}]
        typed = [error for error in found if error.validator == "type"]
        told = {json.dumps(entry): entry for entry in map(_entry, literal or typed or found)}
        for entry in told.values():
            yield {"loc": ["body", *place], **entry}


def _entry(error: "ValidationError") -> Entry:
    say = _SAYINGS[str(error.validator)]
    type_, message, context = say(error)
    entry: Entry = {"msg": message, "type": type_}
    if len(json.dumps(error.instance)) <= _SHOWN:
        entry["input"] = error.instance
    return entry | ({"ctx": context} if context else {})


def _of_type(error: "ValidationError") -> tuple[str, str, dict[str, object]]:
    wanted, given = str(error.validator_value), error.instance
    if wanted == "integer" and isinstance(given, float):
        text = "Input should be a valid integer, got a number with a fractional part"
        return "int_from_float", text, {}
    type_, name = _TYPES[wanted]
    return type_, f"Input should be a valid {name}", {}


def _of_choice(error: "ValidationError") -> tuple[str, str, dict[str, object]]:
    given = error.validator_value
    words = [repr(choice) for choice in (given if error.validator == "enum" else [given])]
    expected = " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
    return "literal_error", f"Input should be {expected}", {"expected": expected}


def _of_url(error: "ValidationError") -> tuple[str, str, dict[str, object]]:
    if re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", str(error.instance)):
        schemes = "'http', 'https' or 'data'"
        return "url_scheme", f"URL scheme should be {schemes}", {"expected_schemes": schemes}
    reason = "relative URL without a base"
    return "url_parsing", f"Input should be a valid URL, {reason}", {"error": reason}


def _bound(type_: str, text: str, name: str) -> _Say:
    def say(error: "ValidationError") -> tuple[str, str, dict[str, object]]:
        bound = error.validator_value
        return type_, text.format(bound, "" if bound == 1 else "s"), {name: bound}

    return say


_TYPES = {
    "string": ("string_type", "string"),
    "integer": ("int_type", "integer"),
    "number": ("float_type", "number"),
    "boolean": ("bool_type", "boolean"),
    "array": ("list_type", "list"),
    "object": ("dict_type", "dictionary"),
}
_SAYINGS: dict[str, _Say] = {
    "required": lambda _: ("missing", "Field required", {}),
    "type": _of_type,
    "enum": _of_choice,
    "const": _of_choice,
    "url": _of_url,
    "minimum": _bound("greater_than_equal", "Input should be greater than or equal to {}", "ge"),
    "maximum": _bound("less_than_equal", "Input should be less than or equal to {}", "le"),
    "exclusiveMinimum": _bound("greater_than", "Input should be greater than {}", "gt"),
    "exclusiveMaximum": _bound("less_than", "Input should be less than {}", "lt"),
    "multipleOf": _bound("multiple_of", "Input should be a multiple of {}", "multiple_of"),
    "minLength": _bound("string_too_short", "String should have at least {} character{}", "min_length"),
    "maxLength": _bound("string_too_long", "String should have at most {} character{}", "max_length"),
    "minItems": _bound("sequence_too_short", "List should have at least {} item{}", "min_length"),
    "maxItems": _bound("sequence_too_long", "List should have at most {} item{}", "max_length"),
}
