"""Reading what a person set, from JSON or TOML, into a frozen dataclass: each field by the form it names."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import NotAccepted

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Made = TypeVar("Made", bound=DataclassInstance)
else:
    Made = TypeVar("Made")

_FRAMING = {"content-length", "transfer-encoding"}
LONGEST_S = 3600.0 * 24 * 400


@dataclass(frozen=True, slots=True)
class Form:
    """What a field takes: in words, and as the function that reads it or raises ValueError."""

    words: str
    read: Callable[[object], object]


def taken(default: object, form: Form) -> Any:
    """A field of a dataclass that `read` fills; what is left out has the default."""
    return field(default=default, metadata={"form": form})


def read(cls: type[Made], document: Mapping[str, object], owner: str) -> Made:
    """The dataclass from a table; raises NotAccepted with a sentence that names owner, field and value."""
    forms = {each.name: each.metadata["form"] for each in fields(cls) if "form" in each.metadata}
    for name in document:
        if name not in forms:
            raise NotAccepted(f"{owner} has no field {_shown(name)}; it has {', '.join(forms)}.")
    return cls(**{name: one(value, forms[name], f"{owner}: {name}") for name, value in document.items()})


def one(value: object, form: Form, name: str) -> Any:
    """A single value by its form; raises NotAccepted."""
    try:
        return form.read(value)
    except ValueError:
        raise NotAccepted(f"{name} is {_shown(value)}; {form.words} is accepted.") from None


def given(made: "DataclassInstance") -> dict[str, object]:
    """The fields of a dataclass that are not at their default, as JSON can say them."""
    values = {each.name: (getattr(made, each.name), each.default) for each in fields(made)}
    return {name: value for name, (value, default) in values.items() if value != default}


def number(least: float = 0.0, most: float = LONGEST_S) -> Form:
    """A finite number within bounds."""

    def check(value: object) -> float:
        # A bool is an int to Python, but no number to a person.
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError
        return float(value)

    return Form(f"a number from {least:.10g} to {most:.10g}", check)


def whole(least: int, most: int) -> Form:
    """A whole number within bounds."""

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError
        return value

    return Form(f"a whole number from {least} to {most}", check)


def text(most: int = 2000) -> Form:
    """A string up to a length."""

    def check(value: object) -> str:
        if not isinstance(value, str) or len(value) > most:
            raise ValueError
        return value

    return Form(f"a text of at most {most} characters", check)


def choice(*words: str) -> Form:
    """One of some words."""

    def check(value: object) -> object:
        if value not in words:
            raise ValueError
        return value

    return Form(" or ".join([", ".join(words[:-1]), words[-1]]), check)


def flag() -> Form:
    """True or false."""

    def check(value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError  # noqa: TRY004  one kind of error says: not accepted
        return value

    return Form("true or false", check)


def table() -> Form:
    """A JSON object."""

    def check(value: object) -> dict[str, object]:
        if not isinstance(value, Mapping):
            raise ValueError  # noqa: TRY004  as above
        return dict(value)

    return Form("a table", check)


def texts(most: int = 1000) -> Form:
    """A list of strings, as a tuple."""

    def check(value: object) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or len(value) > most:
            raise ValueError
        if not all(isinstance(each, str) for each in value):
            raise ValueError
        return tuple(value)

    return Form(f"a list of at most {most} texts", check)


def headers() -> Form:
    """A table of header names and values; the framing of a body is no business of theirs."""

    def check(value: object) -> dict[str, str]:
        if not isinstance(value, Mapping):
            raise ValueError  # noqa: TRY004  as above
        for name, words in value.items():
            if not re.fullmatch(r"[A-Za-z0-9-]{1,80}", str(name)) or name.lower() in _FRAMING:
                raise ValueError
            if not isinstance(words, str) or not re.fullmatch(r"[\x20-\x7e]{0,20000}", words):
                raise ValueError
        return dict(value)

    return Form("a table of header names and texts (the length is set by `length`)", check)


def anything() -> Form:
    """Any value that JSON has."""
    return Form("any value", lambda value: value)


def either(*forms: Form) -> Form:
    """What one of the forms takes, the first that does."""

    def check(value: object) -> object:
        for form in forms:
            try:
                return form.read(value)
            except ValueError:
                continue
        raise ValueError

    return Form(", or ".join(form.words for form in forms), check)


def perhaps(form: Form) -> Form:
    """The form, or null for the usual."""
    return Form(f"{form.words}, or null,", lambda value: None if value is None else form.read(value))


def _shown(value: object) -> str:
    # Control characters of a file that was never meant to be read must not reach a terminal.
    return repr(re.sub(r"[^\x20-\x7e]", "?", str(value))[:40])
