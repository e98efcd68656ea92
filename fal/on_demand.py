"""An endpoint that is in no catalogue: its fields are asked of FAL when someone names it."""

from .catalogue import Model
from .documents import read_document
from .errors import FalError, NotFound, NotUnderstood
from .platform import Platform
from .policy import is_endpoint
from .schema import Schema


def nameless(endpoint: str) -> Model | None:
    """A model of which nothing but the endpoint id is known; None for a text that is no endpoint id."""
    return Model(endpoint, endpoint, endpoint, known=False) if is_endpoint(endpoint) else None


async def fetched(platform: Platform, endpoint: str) -> Model:
    """A model of this endpoint id with the fields that FAL declares, its price unknown.

    Raises NotFound where FAL has no such endpoint, NotUnderstood for what is no endpoint id. Where FAL
    cannot be asked, or says what cannot be read, the fields are not known.
    """
    model = nameless(endpoint)
    if model is None:
        raise NotUnderstood(f"{endpoint!r} is not an endpoint id such as fal-ai/veo3.1.")
    try:
        schema = read_document(await platform.document(endpoint))
    except NotFound:
        raise
    except FalError:
        return model
    return with_schema(model, schema)


def with_schema(model: Model, schema: Schema) -> Model:
    """The model with these fields."""
    return Model(model.endpoint, model.name, model.short, read=lambda: schema)
