"""What a model demands of its input, as far as the sandbox checks it: words, where video is made of them."""

import json
from collections.abc import Mapping
from importlib import resources

from .requests import Failure


def prompt_endpoints() -> frozenset[str]:
    """The endpoints of the catalogue that make video from text and require a prompt."""
    text = resources.files("reelroom.fal.data").joinpath("featured-models.json").read_text("utf-8")
    return frozenset(
        model["endpoint_id"]
        for model in json.loads(text)["models"]
        if model["task"] == "text-to-video" and "prompt" in model["constraints"].get("required", ())
    )


def refusal(endpoint: str, input_: Mapping[str, object], known: frozenset[str]) -> Failure | None:
    """The 422 that a model answers to an input without a prompt; None where the input will do."""
    if endpoint not in known and "text-to-video" not in endpoint.split("/"):
        return None
    prompt = input_.get("prompt")
    if isinstance(prompt, str) and prompt.strip():
        return None
    entry: dict[str, object] = {"loc": ["body", "prompt"]}
    if "prompt" not in input_:
        entry |= {"msg": "Field required", "type": "missing", "input": dict(input_)}
    elif isinstance(prompt, str):
        entry |= {"msg": "String should have at least 1 character", "type": "string_too_short"}
        entry |= {"input": prompt, "ctx": {"min_length": 1}}
    else:
        entry |= {"msg": "Input should be a valid string", "type": "string_type", "input": prompt}
    return Failure(422, str(entry["type"]), "Invalid status code: 422", json.dumps([entry]))
