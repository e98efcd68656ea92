"""The sandbox's own address, for tests and the curious: what it is, its ledger, its pace."""

import json

from starlette.requests import Request as Http
from starlette.responses import Response

from .answers import Json, TooLarge, read_body
from .errors import NotAccepted
from .ledger import Ledger
from .pace import Pace
from .queue_api import Knobs


class ControlApi:
    """Everything under /sandbox; nothing here exists at FAL."""

    def __init__(self, ledger: Ledger, knobs: Knobs) -> None:
        self._ledger, self._knobs = ledger, knobs

    async def identity(self, _http: Http) -> Response:
        """Says that this is the sandbox, and which version of these addresses it speaks."""
        return Json({"sandbox": "reelroom", "version": 1})

    async def ledger(self, _http: Http) -> Response:
        """All submits with their downloads, what would have been billed, and where keys were seen."""
        return Json(self._ledger.report())

    async def pace(self, http: Http) -> Response:
        """Sets the pace of what comes from now on; a field left out goes back to its usual value."""
        try:
            self._knobs.pace = Pace.parse(json.loads(await read_body(http)))
        except NotAccepted as refused:
            return Json({"detail": str(refused)}, 422)
        except (ValueError, RecursionError, TooLarge):
            return Json({"detail": "The pace is a JSON object."}, 422)
        return Json({"status": "OK"})
