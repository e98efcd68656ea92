"""FAL's REST host: tokens, and the addresses that files are put to."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request as Http
from starlette.responses import Response

from .answers import Json, TooLarge, not_allowed, not_found, origin, read_body, unprocessable
from .depot import Depot
from .knobs import Knobs
from .tokens import Tokens
from .upload_api import address, lifetime, signed_address

STORAGES = {"gcs", "fal-cdn-v3"}


class RestApi:
    """Everything under /rest."""

    def __init__(self, depot: Depot, tokens: Tokens, knobs: Knobs, clock: Callable[[], float]) -> None:
        self._depot, self._tokens, self._knobs, self._clock = depot, tokens, knobs, clock

    async def rest(self, http: Http) -> Response:
        """POST of one of the four questions; all take a JSON object."""
        answers: dict[str, Callable[[Http, dict[str, Any]], Response]] = {
            "storage/auth/token": self._upload_token,
            "storage/upload/initiate": self._initiated,
            "storage/upload/initiate-multipart": self._initiated,
            "tokens": self._realtime_token,
        }
        path = http.path_params["path"].strip("/")
        if path not in answers:
            return not_found(http)
        if http.method != "POST":
            return not_allowed()
        try:
            body = json.loads(await read_body(http) or b"{}")
        except (ValueError, RecursionError, TooLarge):
            return unprocessable("JSON decode error", "json_invalid")
        if not isinstance(body, dict):
            return unprocessable("Input should be a valid dictionary", "dict_type")
        if path != "tokens" and http.query_params.get("storage_type") not in STORAGES:
            return Json({"detail": f"storage_type is one of {', '.join(sorted(STORAGES))}"}, 400)
        return answers[path](http, body)

    def _upload_token(self, http: Http, _body: dict[str, Any]) -> Response:
        ends = self._clock() + self._knobs.settings.upload_token_s
        return Json(
            {
                "token": self._tokens.issue(ends),
                "token_type": "Bearer",
                "base_url": f"{origin(http)}/cdn",
                "expires_at": datetime.fromtimestamp(ends, UTC).isoformat(),
            }
        )

    def _initiated(self, http: Http, body: dict[str, Any]) -> Response:
        name, type_ = str(body.get("file_name", "upload.bin")), str(body.get("content_type", ""))
        sound = re.fullmatch(r"[\w.+\-]{1,100}/[\w.+\-]{1,100}", type_, re.ASCII) is not None
        upload = self._depot.begin(name, type_ if sound else "application/octet-stream", lifetime(http))
        base = origin(http)
        return Json({"upload_url": signed_address(base, upload), "file_url": address(base, upload)})

    def _realtime_token(self, _http: Http, body: dict[str, Any]) -> Response:
        """A token for the realtime host, as bare JSON text; the sandbox has no such host to use it at."""
        if not isinstance(body.get("allowed_apps"), list):
            return unprocessable("Field required: allowed_apps", "missing")
        return Json(self._tokens.issue(self._clock() + self._knobs.settings.upload_token_s))
