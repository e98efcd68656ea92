"""What follows from a draft: who refuses it and why, what it costs, what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from reelroom.fal.errors import BadValue
from reelroom.tui import words
from reelroom.tui.wishes import fitting, orders

from .offers import FAL_FIELD, MOST_COPIES, Name, Quotes, active, label, name_of
from .send_bar import Bill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from reelroom.fal.catalogue import Model
    from reelroom.tui.studio.orders import Order

    from .draft import Draft


def seed_of(draft: Draft) -> int | None:
    """The seed that was typed; None for a random one. Raises BadValue."""
    text = draft.seed.replace(" ", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 19:
        raise BadValue("A seed is a whole number, or empty for a random one.", "seed")
    return int(text)


def copies_of(draft: Draft) -> int:
    """How many clips of each model. Raises BadValue."""
    text = draft.copies.strip() or "1"
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST_COPIES):
        raise BadValue(f"Copies go from 1 to {MOST_COPIES}.", "copies")
    return int(text)


@dataclass(frozen=True)
class Form:
    """A draft beside the models that it may go to; its prompt is left out, as it changes with every key."""

    models: tuple[Model, ...]
    draft: Draft

    @cached_property
    def ticked(self) -> tuple[Model, ...]:
        """The models that are wanted and offered, in the order of the list."""
        return tuple(model for model in self.models if model.endpoint in self.draft.models)

    @cached_property
    def offering(self) -> tuple[Model, ...]:
        """The models whose choices count: the ticked ones, all when none is."""
        return self.ticked or self.models

    @cached_property
    def idle(self) -> frozenset[Name]:
        """Settings that none of the models has whose choices count."""
        return frozenset(name for name in FAL_FIELD if not active(self.offering, name))

    @cached_property
    def mistakes(self) -> Mapping[Name, str]:
        """Settings that no model could take, with what is said about each."""
        readers: dict[Name, Callable[[Draft], object]] = {"copies": copies_of}
        if "seed" not in self.idle:
            readers = {"seed": seed_of, **readers}
        found: dict[Name, str] = {}
        for name, read in readers.items():
            try:
                read(self.draft)
            except BadValue as mistake:
                found[name] = str(mistake)
        return found

    @cached_property
    def seed(self) -> int | None:
        """The seed that is wanted; None for random ones, and where none could be sent."""
        return None if "seed" in self.idle or "seed" in self.mistakes else seed_of(self.draft)

    @cached_property
    def copies(self) -> int:
        """How many clips of each model; one where the number is none."""
        return 1 if "copies" in self.mistakes else copies_of(self.draft)

    @cached_property
    def settings(self) -> Mapping[str, object]:
        """The settings under FAL's names; the seed is the highest one that would be sent."""
        draft = self.draft
        last = None if self.seed is None else self.seed + self.copies - 1
        return {
            FAL_FIELD["length"]: draft.length,
            FAL_FIELD["shape"]: draft.shape,
            FAL_FIELD["size"]: draft.size,
            FAL_FIELD["seed"]: last,
        }

    @cached_property
    def quotes(self) -> Quotes:
        """The quotes at these settings."""
        return Quotes(self.settings)

    @cached_property
    def refusing(self) -> Mapping[str, str]:
        """The ticked models that refuse a setting, each with what it lacks."""
        return {
            model.endpoint: quote.lacks
            for model in self.ticked
            if (quote := self.quotes(model)).refusal is not None
        }

    @cached_property
    def bad(self) -> frozenset[Name]:
        """The settings to mark."""
        fields = (self.quotes(model).refusal for model in self.ticked)
        named = (name_of(refusal.field) for refusal in fields if refusal is not None)
        return frozenset([*self.mistakes, *(name for name in named if name)])

    @cached_property
    def sentence(self) -> str:
        """What is wrong with the settings, the first thing first."""
        if self.mistakes:
            return next(iter(self.mistakes.values()))
        refusals = [(model, refusal) for model in self.ticked if (refusal := self.quotes(model).refusal)]
        if not refusals:
            return ""
        field = refusals[0][1].field
        return _refusal(field, [one for one in refusals if one[1].field == field], self.settings.get(field))

    @cached_property
    def limit(self) -> tuple[int, str] | None:
        """The fewest letters that a ticked model takes, and its name; None where none of them says."""
        known = [(longest, model.name) for model in self.ticked if (longest := model.max_chars.get("prompt"))]
        return min(known) if known else None

    def overlong(self, letters: int) -> tuple[Model, ...]:
        """The ticked models that take fewer letters."""
        if self.limit is None or letters <= self.limit[0]:
            return ()
        return tuple(model for model in self.ticked if letters > model.max_chars.get("prompt", letters))

    def problems(self, letters: int) -> Mapping[str, str]:
        """What stands in the way of each ticked model."""
        short = {model.endpoint: f"{model.max_chars['prompt']:,} letters" for model in self.overlong(letters)}
        return {**short, **self.refusing}

    def sendable(self, letters: int) -> tuple[Model, ...]:
        """The ticked models that nothing stands in the way of."""
        if self.mistakes:
            return ()
        problems = self.problems(letters)
        return tuple(model for model in self.ticked if model.endpoint not in problems)

    def bill(self, letters: int, *, sandbox: bool, sending: bool, tried: bool) -> Bill:
        """What a press would send, and what is missing."""
        able = self.sendable(letters) if letters else ()
        prices = [self.quotes(model).price for model in able]
        return Bill(
            clips=len(able) * self.copies,
            models=len(able),
            ticked=len(self.ticked),
            known=sum((price for price in prices if price is not None), Decimal(0)) * self.copies,
            unknown=prices.count(None) * self.copies,
            reason=self._reason(letters, able),
            bad=tried and not able,
            sandbox=sandbox,
            sending=sending,
        )

    def _reason(self, letters: int, able: Sequence[Model]) -> str:
        if not letters:
            return "Type a prompt first." if self.ticked else "Type a prompt, and tick a model."
        if not self.ticked:
            return "Tick a model first: space does."
        if self.mistakes:
            return f"Set the {next(iter(self.mistakes))} right first."
        waiting = [model for model in self.ticked if model not in able]
        if not waiting:
            return ""
        first = self.problems(letters)[waiting[0].endpoint]
        if able:
            return f"{_names(waiting, 1)} {'waits' if len(waiting) == 1 else 'wait'}"
        return (
            f"{waiting[0].name}: {first}." if len(waiting) == 1 else "No ticked model takes these settings."
        )

    def orders(self, prompt: str) -> tuple[Order, ...]:
        """What a press sends: the clips of all models that take the draft."""
        plain = {name: value for name, value in self.settings.items() if name != "seed"}
        return tuple(
            order
            for model in self.sendable(len(prompt))
            for order in orders(model, prompt, fitting(model, plain), seed=self.seed, copies=self.copies)
        )


def _refusal(field: str, refusals: Sequence[tuple[Model, BadValue]], value: object) -> str:
    model, refusal = refusals[0]
    name, offers = name_of(field), model.offered_words(field)
    if name is None or not offers:
        said = str(refusal).rstrip(".")
        return f"{said[:1].upper()}{said[1:]}."
    shown = label(name, str(value))
    if len(refusals) > 1:
        return f"{_names((model for model, _refusal in refusals), 2)} have no {shown}."
    return f"{model.name} has no {shown}. It has {offers}."


def _names(models: Iterable[Model], most: int) -> str:
    """`A`, `A and B`, `A, B and 3 others`."""
    names = [model.name for model in models]
    if len(names) <= most:
        return " and ".join(names)
    return f"{', '.join(names[:most])} and {words.count(len(names) - most, 'other')}"
