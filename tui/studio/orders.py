"""What a person asks for: one clip of one model."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One job to be made. `input` is the whole of what FAL gets; `estimate` is in US dollars."""

    endpoint: str
    model: str
    prompt: str
    input: Mapping[str, object]
    estimate: Decimal | None = None
    project_id: str | None = None
    seed: int | None = None
    replaces: str | None = None


def canonical(input_: Mapping[str, object]) -> str:
    """The one spelling of an input: sorted keys, no spaces. Equal inputs have equal text.

    Raises ValueError for a number that JSON has not (NaN, Infinity).
    """
    return json.dumps(input_, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
