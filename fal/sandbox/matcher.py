"""Which rule of the scenario holds for a question: the only place that counts."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .fault import Fault
from .knobs import Knobs
from .ledger import Ledger
from .plan import Plan
from .scenario import Scenario, Span, When


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, as far as rules look at it. `submitted_at` is in seconds since 1970."""

    step: str
    request_id: str = ""
    endpoint: str = ""
    prompt: str = ""
    submitted_at: float | None = None
    places: Mapping[int, int] = field(default_factory=dict)
    """The place of the submit in the count of each rule that it concerns, by the rule's index."""


class Matcher:
    """The first rule that holds wins. Counts begin anew with each scenario, and with each start."""

    def __init__(self, ledger: Ledger, knobs: Knobs, clock: Callable[[], float]) -> None:
        self._ledger, self._knobs, self._clock = ledger, knobs, clock
        self._posts: Counter[int] = Counter()
        self._asked: Counter[tuple[str, str]] = Counter()
        self._places: dict[str, Mapping[int, int]] = {}

    def set(self, scenario: Scenario) -> None:
        """Another scenario holds from here on."""
        self._knobs.scenario = scenario
        self._ledger.forget_fired()
        for count in (self._posts, self._asked, self._places):
            count.clear()
        self._knobs.changed(scenario)

    @property
    def idle(self) -> bool:
        """Whether there is no rule at all."""
        return not self._knobs.scenario.rules

    def question(self, step: str, request_id: str) -> Question:
        """A question about a request, or about none."""
        request = self._ledger.request(request_id) if request_id else None
        if request is None:
            return Question(step=step, request_id=request_id)
        prompt = json.loads(request.input).get("prompt")
        return Question(
            step=step,
            request_id=request.id,
            endpoint=request.endpoint,
            prompt=prompt if isinstance(prompt, str) else "",
            submitted_at=request.submitted_at,
            places=self._places.get(request.id, {}),
        )

    def arrived(self, endpoint: str, prompt: str) -> Mapping[int, int]:
        """Count a submit, whatever becomes of it; its place in the count of each rule."""
        places = {}
        for index, rule in enumerate(self._knobs.scenario.rules):
            if rule.when.concerns(endpoint, prompt):
                self._posts[index] += 1
                places[index] = self._posts[index]
        return places

    def plan(self, request_id: str, question: Question) -> Plan:
        """What is to become of a request that is counted now."""
        self._places[request_id] = question.places
        for index, rule in enumerate(self._knobs.scenario.rules):
            if isinstance(rule.then, Plan) and self._holds(index, rule.when, question, 1):
                self._ledger.note_fired(rule.name, "request")
                return rule.then
        return Plan()

    def fault(self, question: Question) -> Fault | None:
        """How the answer to this question goes wrong, if it does."""
        asked = (question.request_id, question.step)
        self._asked[asked] += 1
        for index, rule in enumerate(self._knobs.scenario.rules):
            if rule.when.step != question.step or not isinstance(rule.then, Fault):
                continue
            if self._holds(index, rule.when, question, self._asked[asked]):
                self._ledger.note_fired(rule.name, question.step)
                return rule.then
        return None

    def _holds(self, index: int, when: When, question: Question, nth: int) -> bool:
        place = question.places.get(index)
        in_count = when.post == Span() if place is None else when.post.holds(place)
        age = 0.0 if question.submitted_at is None else self._clock() - question.submitted_at
        return (
            in_count
            and when.concerns(question.endpoint, question.prompt)
            # A submit counts its places; only what is asked of a request is counted by question.
            and (question.step == "submit" or when.nth.holds(nth))
            and when.from_s <= age <= when.until_s
        )
