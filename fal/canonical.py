"""One form over many schemas: what is asked of all models at once, and how each value reaches one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

__all__ = ["LABELS", "Canonical", "Conversion", "How", "Name"]

Name = Literal[
    "prompt",
    "negative",
    "first",
    "last",
    "references",
    "video",
    "audio",
    "aspect",
    "resolution",
    "duration",
    "sound",
    "seed",
]
How = Literal["kept", "converted", "rounded", "left out", "not supported"]

LABELS: Final[Mapping[Name, str]] = MappingProxyType(
    {
        "prompt": "prompt",
        "negative": "negative prompt",
        "first": "first image",
        "last": "last image",
        "references": "reference images",
        "video": "video",
        "audio": "audio",
        "aspect": "aspect",
        "resolution": "resolution",
        "duration": "duration",
        "sound": "sound",
        "seed": "seed",
    }
)
"""The fields in the order of the form, and their names in sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canonical:
    """What is asked of all models, in words that belong to none of them; None asks for nothing.

    Media are URLs. `aspect` is as `16:9`, `resolution` as `720p` or `4k`, `duration` in seconds as `8`; a
    word that a model itself offers, as `auto`, may stand in each of the three.
    """

    prompt: str | None = None
    negative: str | None = None
    first: str | None = None
    last: str | None = None
    references: tuple[str, ...] = ()
    video: str | None = None
    audio: str | None = None
    aspect: str | None = None
    resolution: str | None = None
    duration: str | None = None
    sound: bool | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Conversion:
    """How one value is sent to one model. `sent` is None and `names` is empty where it is not.

    `names` are the model's own fields that hold it, so that what FAL says of them lands on the value. `left
    out` is for what changes nothing that is paid for: a seed, or the prompt of a model that takes none.
    """

    field: Name
    given: str
    sent: object
    how: How
    words: str
    names: tuple[str, ...] = ()
