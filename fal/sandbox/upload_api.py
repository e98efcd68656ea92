"""Uploads over HTTP, in each of the ways that FAL's clients know: by token, by signed address, in parts."""

import json
from collections.abc import Awaitable, Callable
from secrets import compare_digest

from starlette.requests import Request as Http
from starlette.responses import FileResponse, Response

from reelroom.fal.clean import clean

from .answers import Json, TooLarge, not_allowed, not_found, origin, read_body
from .depot import MOST_PARTS, Depot, Incomplete, Oversized, Upload
from .knobs import Knobs
from .ledger import Ledger
from .tokens import Tokens

_LONGEST_S = 400 * 86400.0


class UploadApi:
    """What of /cdn takes files, and gives them back. A key has no business here, a token has."""

    def __init__(
        self, depot: Depot, tokens: Tokens, knobs: Knobs, ledger: Ledger, clock: Callable[[], float]
    ) -> None:
        self._depot, self._tokens, self._knobs = depot, tokens, knobs
        self._ledger, self._clock = ledger, clock

    async def single(self, http: Http) -> Response:
        """POST of a whole file: its address, once it is there."""
        if refused := self._refused(http, "POST"):
            return refused
        upload = self._begun(http)
        received = await self._received(http, upload, 1)
        if isinstance(received, Response):
            return received
        await self._depot.complete(upload, [(1, received)])
        return Json({"access_url": address(origin(http), upload)})

    async def multipart(self, http: Http) -> Response:
        """POST that begins an upload in parts."""
        if refused := self._refused(http, "POST"):
            return refused
        upload = self._begun(http)
        return Json({"access_url": address(origin(http), upload), "uploadId": upload.secret})

    async def part(self, http: Http) -> Response:
        """PUT of one part, by token."""
        refused = self._refused(http, "PUT")
        upload = self._of(http)
        if refused or upload is None:
            return refused or not_found(http)
        return await self._put_part(http, upload)

    async def complete(self, http: Http) -> Response:
        """POST that joins the parts, by token."""
        refused = self._refused(http, "POST")
        upload = self._of(http)
        if refused or upload is None:
            return refused or not_found(http)
        return await self._completed(http, upload)

    async def signed(self, http: Http) -> Response:
        """PUT of a whole file to a signed address, which needs no token."""
        return await self._signed(http, "PUT", self._put_whole)

    async def signed_part(self, http: Http) -> Response:
        """PUT of one part to a signed address."""
        return await self._signed(http, "PUT", self._put_part)

    async def signed_complete(self, http: Http) -> Response:
        """POST that joins the parts of a signed address."""
        return await self._signed(http, "POST", self._completed)

    async def file(self, http: Http) -> Response:
        """GET or HEAD of a whole file; Range with If-Range."""
        self._note_key(http)
        upload = self._depot.upload(http.path_params["id"])
        if upload is None or upload.etag is None or upload.name != http.path_params["name"]:
            return not_found(http)
        if http.method not in {"GET", "HEAD"}:
            return not_allowed()
        headers = {
            "etag": f'"{upload.etag}"',
            "cache-control": "public, max-age=5184000, immutable",
            "access-control-allow-origin": "*",
        }
        return FileResponse(self._depot.file(upload), headers=headers, media_type=upload.content_type)

    def _refused(self, http: Http, method: str) -> Response | None:
        self._note_key(http)
        if http.method != method:
            return not_allowed()
        if not self._tokens.holds(http.headers.get("authorization", ""), self._clock()):
            return Json({"detail": "The token is missing, unknown or expired"}, 401)
        return None

    async def _signed(
        self, http: Http, method: str, answer: Callable[[Http, Upload], Awaitable[Response]]
    ) -> Response:
        self._note_key(http)
        upload = self._depot.upload(http.path_params["id"])
        if upload is None:
            return not_found(http)
        if http.method != method:
            return not_allowed()
        if not compare_digest(http.query_params.get("signature", "").encode(), upload.secret.encode()):
            return Json({"detail": "The signature does not match"}, 403)
        return await answer(http, upload)

    def _note_key(self, http: Http) -> None:
        if http.headers.get("authorization", "").lower().startswith("key "):
            self._ledger.note_leak(self._clock(), http.method, clean(http.scope["path"], limit=500))

    def _begun(self, http: Http) -> Upload:
        name = http.headers.get("x-fal-file-name", "upload.bin")
        type_ = http.headers.get("content-type", "application/octet-stream")
        return self._depot.begin(name, type_, lifetime(http))

    def _of(self, http: Http) -> Upload | None:
        """The upload that an address names by its id and its upload id."""
        upload = self._depot.upload(http.path_params["id"])
        named = upload and compare_digest(http.path_params["upload"].encode(), upload.secret.encode())
        return upload if named else None

    async def _put_whole(self, http: Http, upload: Upload) -> Response:
        received = await self._received(http, upload, 1)
        if isinstance(received, Response):
            return received
        await self._depot.complete(upload, [(1, received)])
        return Response(status_code=200)

    async def _put_part(self, http: Http, upload: Upload) -> Response:
        number: int = http.path_params["number"]
        if not 1 <= number <= MOST_PARTS:
            return Json({"detail": f"Parts are numbered from 1 to {MOST_PARTS}"}, 400)
        received = await self._received(http, upload, number)
        if isinstance(received, Response):
            return received
        # The Python client reads the header, the JavaScript one the body.
        etag = f'"{received}"'
        return Json({"partNumber": number, "etag": etag}, headers={"etag": etag})

    async def _received(self, http: Http, upload: Upload, number: int) -> str | Response:
        most = self._knobs.settings.upload_largest
        announced = http.headers.get("content-length", "")
        try:
            if announced.isdecimal() and int(announced[:20]) > most:
                raise Oversized  # noqa: TRY301  one answer for both ways of finding out
            return await self._depot.receive(upload, number, http.stream(), most)
        except Oversized:
            return Json({"detail": f"An upload has {most} bytes at most"}, 413)

    async def _completed(self, http: Http, upload: Upload) -> Response:
        try:
            parts = json.loads(await read_body(http))["parts"]
            listed = [(_number(part["partNumber"]), str(part["etag"]).strip('"')) for part in parts]
            await self._depot.complete(upload, listed)
        except Incomplete as error:
            return Json({"detail": str(error)}, 400)
        except (ValueError, KeyError, TypeError, RecursionError, TooLarge):
            return Json({"detail": "The body is a list of parts, each with partNumber and etag"}, 422)
        return Json({"access_url": address(origin(http), upload)})


def address(base: str, upload: Upload) -> str:
    """Where an uploaded file is fetched; its parts go below that."""
    return f"{base}/cdn/files/up/{upload.id}/{upload.name}"


def signed_address(base: str, upload: Upload) -> str:
    """Where a file is put without a token."""
    return f"{base}/cdn/put/{upload.id}/{upload.name}?signature={upload.secret}"


def lifetime(http: Http) -> float | None:
    """Seconds until an upload expires, from FAL's lifecycle headers; None where they say nothing."""
    for name in ("x-fal-object-lifecycle-preference", "x-fal-object-lifecycle"):
        try:
            seconds = json.loads(http.headers.get(name, "null"))["expiration_duration_seconds"]
            return min(float(seconds), _LONGEST_S)
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return None


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value
