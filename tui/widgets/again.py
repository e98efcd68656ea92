"""The form as it would have been filled in for a request that was sent before."""

from collections.abc import Mapping

from .draft import Draft
from .offers import FAL_FIELD


def again(endpoint: str, prompt: str, input_: Mapping[str, object]) -> Draft:
    """Its prompt, model and settings; the seed stays open, as the same one would make the same clip."""
    shared = {name: input_[field] for name, field in FAL_FIELD.items() if name != "seed" and field in input_}
    settings = {name: str(value).lower() for name, value in shared.items()}
    if "length" in settings:
        settings["length"] = settings["length"].removesuffix("s")
    return Draft(prompt=prompt, models=(endpoint,), **settings)
