"""The JSON of FAL's upload hosts, read strictly and turned into plain values at once."""

import re
from typing import Annotated

from pydantic import BeforeValidator

from .errors import NotUnderstood
from .upload_values import Token
from .wire import Hint, Wire
from .wire_platform import moment

# What may stand in a header: a token with a line break in it would be two of them.
_TOKEN = re.compile(r"[\x21-\x7e]{1,8000}")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,30}")
_ID = re.compile(r"(?!\.+$)[\x21-\x7e]{1,1500}")
_ETAG = re.compile(r"[\x21-\x7e]{1,500}")
_LONGEST_URL = 2_000


class _Token(Wire):
    token: Hint[str] = None
    token_type: Hint[str] = None
    base_url: Hint[str] = None
    expires_at: Annotated[float | None, BeforeValidator(moment)] = None


class _Taken(Wire):
    access_url: Hint[str] = None
    uploadId: Hint[str] = None  # noqa: N815 - FAL's spelling


def read_token(data: object) -> Token:
    """Leave to upload; raises NotUnderstood, which never repeats the token."""
    wire = _Token.model_validate(data if isinstance(data, dict) else {})
    kind = wire.token_type or "Bearer"
    if not wire.token or not _TOKEN.fullmatch(wire.token) or not _KIND.fullmatch(kind):
        raise NotUnderstood("FAL gave no token for the upload that could be used.")
    return Token(f"{kind} {wire.token}", (wire.base_url or "").rstrip("/"), wire.expires_at)


def read_access_url(data: object) -> str:
    """Where an uploaded file is, unchecked; raises NotUnderstood."""
    wire = _Taken.model_validate(data if isinstance(data, dict) else {})
    if not wire.access_url or len(wire.access_url) > _LONGEST_URL:
        raise NotUnderstood("FAL took the file, and did not say where it is.")
    return wire.access_url


def read_upload_id(data: object) -> str:
    """The id of an upload in parts; raises NotUnderstood."""
    wire = _Taken.model_validate(data if isinstance(data, dict) else {})
    if not wire.uploadId or not _ID.fullmatch(wire.uploadId):
        raise NotUnderstood("FAL gave no id for the upload in parts.")
    return wire.uploadId


def read_etag(headers: dict[str, str]) -> str:
    """The mark of a part that FAL has taken, quotes and all; raises NotUnderstood."""
    etag = headers.get("etag", "").strip()
    if not _ETAG.fullmatch(etag):
        raise NotUnderstood("FAL took a part of the file, and gave no mark (ETag) for it.")
    return etag
