"""The sandbox's own address, for tests and the curious: what it is, its ledger, pace and scenario."""

import json

from starlette.requests import Request as Http
from starlette.responses import Response

from .answers import Json, TooLarge, read_body
from .errors import NotAccepted
from .knobs import Knobs
from .ledger import Ledger
from .matcher import Matcher
from .pace import Pace
from .scenario import Scenario, load


class ControlApi:
    """Everything under /sandbox; nothing here exists at FAL."""

    def __init__(self, ledger: Ledger, knobs: Knobs, matcher: Matcher) -> None:
        self._ledger, self._knobs, self._matcher = ledger, knobs, matcher

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

    async def scenario(self, http: Http) -> Response:
        """Tells the scenario that holds, sets another one (TOML or JSON), or ends it (DELETE)."""
        if http.method == "GET":
            return Json(self._knobs.scenario.document())
        try:
            self._matcher.set(Scenario() if http.method == "DELETE" else load(await read_body(http)))
        except NotAccepted as refused:
            return Json({"detail": str(refused)}, 422)
        except TooLarge:
            return Json({"detail": "The scenario is larger than 64 MiB."}, 422)
        return Json({"status": "OK"})
