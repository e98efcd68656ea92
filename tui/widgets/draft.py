"""What a person has filled in so far: kept as text, so that nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

_SHORT = 40
_LONG = 20_000
_MANY = 200
_SETTINGS = ("length", "shape", "size", "seed", "copies")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The form as it stands. An empty setting means each model's own default, a random seed, one copy."""

    prompt: str = ""
    models: tuple[str, ...] = ()
    """The endpoints that are ticked, in the order in which they were ticked."""
    length: str = ""
    """Whole seconds, as digits."""
    shape: str = ""
    size: str = ""
    seed: str = ""
    copies: str = ""

    def to_json(self) -> str:
        """The text to keep."""
        import json  # noqa: PLC0415 - nothing is kept before the first paint

        return json.dumps(asdict(self), ensure_ascii=False)

    def with_more(self, more: Draft) -> Draft:
        """This draft with what was filled in beside it: a prompt below this one, and what is set set anew."""
        return Draft(
            prompt="\n".join(filter(None, (self.prompt, more.prompt))),
            models=tuple(dict.fromkeys((*self.models, *more.models))),
            **{name: getattr(more, name) or getattr(self, name) for name in _SETTINGS},
        )

    @classmethod
    def from_json(cls, text: str | None) -> Draft:
        """The draft that a kept text holds: what cannot be read is left empty, and never an error."""
        import json  # noqa: PLC0415 - nothing is read before the first paint

        try:
            kept = json.loads(text or "{}")
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(kept, dict):
            return cls()
        return cls(
            prompt=_text(kept, "prompt", _LONG, lines=True),
            models=_texts(kept.get("models")),
            **{name: _text(kept, name, _SHORT) for name in _SETTINGS},
        )


def _text(kept: Mapping[str, object], name: str, limit: int, *, lines: bool = False) -> str:
    from reelroom.fal.clean import clean  # noqa: PLC0415 - as above

    value = kept.get(name)
    return clean(value, limit=limit, lines=lines) if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    from reelroom.fal.clean import clean  # noqa: PLC0415 - as above

    if not isinstance(value, list):
        return ()
    return tuple(dict.fromkeys(clean(item, limit=_MANY) for item in value[:_MANY] if isinstance(item, str)))
