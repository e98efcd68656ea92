"""The OpenAPI document of an endpoint, where FAL's own pages serve it."""

from collections.abc import Callable

from starlette.requests import Request as Http
from starlette.responses import Response

from reelroom.fal.clean import clean

from .answers import Json, not_allowed, not_found
from .documents import Documents
from .ledger import Ledger

PATH = "api/openapi/queue/openapi.json"


class SchemaApi:
    """Everything under /schema. A key has no business here: one that comes is noted."""

    def __init__(self, documents: Documents, ledger: Ledger, clock: Callable[[], float]) -> None:
        self._documents, self._ledger, self._clock = documents, ledger, clock

    async def document(self, http: Http) -> Response:
        """The document of the endpoint that the query names; 404 with the body `null` where there is none."""
        if "authorization" in http.headers:
            self._ledger.note_leak(self._clock(), http.method, clean(http.scope["path"], limit=500))
        if http.path_params["path"].strip("/") != PATH:
            return not_found(http)
        if http.method not in {"GET", "HEAD"}:
            return not_allowed()
        made = self._documents.document(http.query_params.get("endpoint_id", ""))
        return Json(made, 200 if made else 404)
