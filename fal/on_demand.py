"""An endpoint that is in no catalogue: its fields are asked of FAL when someone names it."""

from dataclasses import replace

from .catalogue import Model
from .documents import read_document
from .platform import Platform
from .policy import is_endpoint


def nameless(endpoint: str) -> Model | None:
    """A model of which nothing but the endpoint id is known; None for a text that is no endpoint id."""
    return Model(endpoint, endpoint, endpoint, known=False) if is_endpoint(endpoint) else None


async def fetched(platform: Platform, model: Model) -> Model:
    """The model with the fields that FAL declares; its price stays unknown.

    Raises NotFound where FAL has no such endpoint, and what the platform raises.
    """
    schema = read_document(await platform.document(model.endpoint))
    return replace(model, known=True, read=lambda: schema)
