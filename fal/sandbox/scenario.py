"""A scenario: settings, and rules that each say when they hold and what they do. See docs/sandbox.md."""

import fnmatch
import json
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

from .errors import NotAccepted
from .fault import Fault
from .forms import Form, choice, given, number, one, read, table, taken, text
from .model_errors import KINDS
from .plan import Plan
from .settings import Settings
from .shapes import SHAPES

LARGEST = 2**20
"""Bytes of a scenario."""
MOST_RULES = 200
STEPS = (
    "request",
    "submit",
    "status",
    "stream",
    "result",
    "cancel",
    "media",
    "upload",
    "platform",
    "schema",
)


@dataclass(frozen=True, slots=True)
class Span:
    """Which of a count, from 1 on: `3`, `"2-4"`, `"3-"`, or `"every 5"`."""

    first: int = 1
    last: float = math.inf
    every: int = 1

    def holds(self, number: int) -> bool:
        """Whether the n-th is one of them."""
        return self.first <= number <= self.last and (number - self.first) % self.every == 0


def span() -> Form:
    """A Span."""

    def check(value: object) -> Span:
        found = re.fullmatch(r"(?:every (\d{1,9}))|(\d{1,9})(?:(-)(\d{0,9}))?", str(value))
        if isinstance(value, bool) or not isinstance(value, int | str) or not found:
            raise ValueError
        every, first, dash, last = found.groups()
        made = Span(int(every), every=int(every)) if every else Span(int(first), int(last or first))
        if dash and not last:
            made = Span(int(first))
        if not 1 <= made.first <= made.last:
            raise ValueError
        return made

    return Form('a number from 1, or "2-4", "3-" or "every 5",', check)


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """What a rule is about; what is left out holds for all."""

    step: str = taken("request", choice(*STEPS))
    endpoint: str = taken("*", text(300))
    """A pattern with `*` and `?`."""
    prompt: str = taken("", text())
    """Words that the prompt holds, in any case."""
    post: Span = taken(Span(), span())
    """Which of the submits that fit `endpoint` and `prompt`, counted from when the scenario was set."""
    nth: Span = taken(Span(), span())
    """Which of the questions of this step about this request."""
    from_s: float = taken(0.0, number())
    """Seconds since the submit, at least."""
    until_s: float = taken(math.inf, number())
    """Seconds since the submit, at most."""

    def concerns(self, endpoint: str, prompt: str) -> bool:
        """Whether a submit of that endpoint and prompt is meant, its place in the count aside."""
        if not fnmatch.fnmatchcase(endpoint, self.endpoint):
            return False
        return self.prompt.casefold() in prompt.casefold()


@dataclass(frozen=True, slots=True)
class Rule:
    """When, and then what: a plan for the request, or a fault of one answer."""

    name: str
    when: When
    then: Plan | Fault


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that one file says."""

    about: str = ""
    settings: Settings = field(default_factory=Settings)
    rules: tuple[Rule, ...] = ()

    def document(self) -> dict[str, object]:
        """The scenario as JSON values; `parse` of it is the same scenario again."""
        return {
            "about": self.about,
            "settings": given(self.settings),
            "rule": [_told(rule) for rule in self.rules],
        }


def load(content: bytes) -> Scenario:
    """A scenario from JSON (it begins with `{`) or TOML; raises NotAccepted with a sentence."""
    if len(content) > LARGEST:
        raise NotAccepted(f"The scenario has {len(content)} bytes; {LARGEST} are accepted.")
    try:
        words = content.decode("utf-8")
        document = json.loads(words) if words.lstrip().startswith("{") else tomllib.loads(words)
    except (ValueError, RecursionError) as error:
        raise NotAccepted(f"The scenario is neither TOML nor JSON: {error}.") from error
    return parse(document)


def parse(document: Mapping[str, object]) -> Scenario:
    """A scenario from a table with `about`, `settings` and `rule`; raises NotAccepted with a sentence."""
    for name in document:
        if name not in {"about", "settings", "rule"}:
            raise NotAccepted(f"A scenario has no field {str(name)[:40]!r}; it has about, settings, rule.")
    settings = one(document.get("settings", {}), table(), "settings")
    rules = document.get("rule", [])
    if not isinstance(rules, list) or len(rules) > MOST_RULES:
        raise NotAccepted(f"rule is no list of tables; at most {MOST_RULES} tables [[rule]] are accepted.")
    return Scenario(
        one(document.get("about", ""), text(), "about"),
        read(Settings, settings, "settings"),
        tuple(_rule(number, one(rule, table(), f"rule {number}")) for number, rule in enumerate(rules, 1)),
    )


def _rule(number: int, document: Mapping[str, object]) -> Rule:
    owner = f"rule {number}"
    name = one(document.get("name", owner), text(80), f"{owner}: name")
    known = When.__dataclass_fields__
    when = read(When, {key: value for key, value in document.items() if key in known}, owner)
    rest = {key: value for key, value in document.items() if key not in known and key != "name"}
    if when.step == "request":
        return Rule(name, when, _checked(read(Plan, rest, f"{owner} (step request)"), owner))
    if when.step == "submit" and "nth" in document:
        raise NotAccepted(f"{owner} has no field 'nth' at step submit; post counts the submits.")
    return Rule(name, when, read(Fault, rest, f"{owner} (step {when.step})"))


def _checked(plan: Plan, owner: str) -> Plan:
    if plan.error is not None and plan.error not in KINDS and plan.error_status is None:
        raise NotAccepted(
            f"{owner}: error is {plan.error!r}; a type that FAL documents is accepted"
            f" ({', '.join(KINDS)}), or any other beside an error_status."
        )
    if isinstance(plan.output, str) and plan.output not in SHAPES:
        raise NotAccepted(f"{owner}: output is {plan.output!r}; {', '.join(SHAPES)}, or a table is accepted.")
    return plan


def _told(rule: Rule) -> dict[str, object]:
    when = {
        name: _span_told(value) if isinstance(value, Span) else value
        for name, value in given(rule.when).items()
    }
    return {"name": rule.name, **when, **given(rule.then)}


def _span_told(value: Span) -> str:
    if value.every > 1:
        return f"every {value.every}"
    return f"{value.first}-" if value.last == math.inf else f"{value.first}-{value.last}"
