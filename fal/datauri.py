"""data: URIs, which FAL puts where a URL is expected when it is asked not to store a result."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from .clean import clean
from .errors import BadDownload

MAX_BYTES = 64 * 2**20
_HEAD = re.compile(r"data:([^,;]*)((?:;[^,;]*)*),", re.IGNORECASE)
_STEP = 4 * 16_384


@dataclass(frozen=True, slots=True)
class Embedded:
    """The content of a data: URI; `size` is its length in bytes."""

    content_type: str | None
    size: int
    _text: str
    _base64: bool

    def pieces(self) -> Iterator[bytes]:
        """The bytes in pieces of at most 48 KiB; raises BadDownload where they are not base64."""
        if not self._base64:
            whole = unquote_to_bytes(self._text)
            yield from (whole[at : at + _STEP] for at in range(0, len(whole), _STEP))
            return
        for at in range(0, len(self._text), _STEP):
            try:
                yield binascii.a2b_base64(self._text[at : at + _STEP], strict_mode=True)
            except (binascii.Error, ValueError):
                raise BadDownload("The result is a data: URI whose content is not base64.") from None


def read_data_uri(url: str) -> Embedded:
    """The content of a data: URI; raises BadDownload for another form, or more than 64 MiB."""
    if len(url) > MAX_BYTES * 4 // 3 + 4_096:
        raise BadDownload(f"The result is a data: URI of more than {MAX_BYTES >> 20} MiB.")
    head = _HEAD.match(url[:4_096])
    if not head:
        raise BadDownload("The result is a data: URI without a comma.")
    content_type = clean(head[1], limit=100) or None
    text = url[head.end() :]
    if not head[2].lower().endswith(";base64"):
        return Embedded(content_type, len(unquote_to_bytes(text)), text, _base64=False)
    if "%" in text:
        text = unquote_to_bytes(text).decode("ascii", "replace")
    text = "".join(text.split())
    text += "=" * (-len(text) % 4)
    size = len(text) // 4 * 3 - text[-2:].count("=")
    return Embedded(content_type, size, text, _base64=True)
