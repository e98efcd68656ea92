"""Which addresses are asked, and which of them may see the key. The rules are those of the threat model."""

import logging
import re
from urllib.parse import quote

from .addresses import Address, looks_public, shown
from .clean import clean
from .errors import ForeignAddress, NotSent, NotUnderstood
from .hosts import Hosts
from .values import Ticket

log = logging.getLogger(__name__)

# A segment begins with a letter, a digit or `_`: neither `.` nor `..` nor an empty one passes.
_SEGMENT = r"[A-Za-z0-9_][\w.@%~-]*"
_ENDPOINT = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})+", re.ASCII)
_PATH = re.compile(rf"(?:/{_SEGMENT})+/?(?:\?[\w=&.%~:,+@/-]*)?", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9_][\x21-\x7e]{0,199}")
_ID_IN_PATH = re.compile(rf"(?:/{_SEGMENT})+/requests/({_SEGMENT})(?:/[a-z]+)?/?", re.ASCII)
_NAMESPACES = ("workflows", "comfy")


def is_endpoint(text: str) -> bool:
    """Whether a text has the form of an endpoint id: `owner/alias[/path…]`."""
    return len(text) <= 300 and _ENDPOINT.fullmatch(text) is not None


def endpoint_path(endpoint: str) -> str:
    """The endpoint id, when it is one; raises NotSent."""
    if not is_endpoint(endpoint):
        raise NotSent(
            f"{clean(endpoint, limit=80)!r} is not an endpoint id such as fal-ai/veo3.1: nothing was sent."
        )
    return endpoint


def owner_and_alias(endpoint: str) -> str:
    """What status, result and cancel are asked under: the sub-path is dropped (FAL's queue API)."""
    parts = endpoint_path(endpoint).split("/")
    return "/".join(parts[:3] if parts[0] in _NAMESPACES else parts[:2])


def checked_api_url(hosts: Hosts, url: str) -> str:
    """A URL that the key may be sent to; raises ForeignAddress."""
    stand_ins = (other for _, other in hosts.backups)
    for prefix in (hosts.queue, hosts.rest, hosts.platform, *stand_ins):
        if url.startswith(f"{prefix}/") and _PATH.fullmatch(url[len(prefix) :]):
            return url
    raise ForeignAddress(f"{shown(url)} is not an address of FAL's API: it was not asked.")


def checked_media_url(hosts: Hosts, url: str) -> str:
    """A URL that media may be fetched from, always without the key; raises ForeignAddress."""
    address = Address.parse(url)
    if hosts.loopback and hosts.base is not None and address.origin == Address.parse(hosts.base).origin:
        return url
    if address.scheme != "https":
        raise ForeignAddress(f"{shown(url)} is not https: media is fetched by https only.")
    if not looks_public(address.host):
        raise ForeignAddress(f"{shown(url)} does not name a public host: it was not fetched.")
    return url


def checked_upload_url(hosts: Hosts, url: str) -> str:
    """A URL that files and a token for them may be sent to, never the key; raises ForeignAddress.

    It is of FAL's media hosts by https, or of the one base that stands for all of FAL.
    """
    address = Address.parse(url)
    if hosts.base is not None and address.origin == Address.parse(hosts.base).origin:
        return url
    media = address.host == "fal.media" or address.host.endswith(".fal.media")
    if hosts.loopback or not media or (address.scheme, address.port) != ("https", 443):
        raise ForeignAddress(f"{shown(url)} is not one of FAL's media hosts: nothing was uploaded there.")
    return url


def make_ticket(
    hosts: Hosts,
    endpoint: str,
    request_id: str,
    *,
    status_url: object = None,
    response_url: object = None,
    cancel_url: object = None,
    position: int | None = None,
) -> Ticket:
    """A ticket whose URLs are FAL's own where they pass the policy, and rebuilt where they do not.

    Raises NotUnderstood for a request id that is not one printable word.
    """
    if not _ID.fullmatch(request_id):
        raise NotUnderstood(f"FAL gave a request id that is not one: {clean(request_id, limit=80)!r}.")
    word = quote(request_id, safe="")
    own = f"{hosts.queue}/{owner_and_alias(endpoint)}/requests/{word}"
    return Ticket(
        endpoint=endpoint,
        request_id=request_id,
        status_url=_kept(hosts, status_url, word, ("/status",)) or f"{own}/status",
        response_url=_kept(hosts, response_url, word, ("", "/response")) or own,
        cancel_url=_kept(hosts, cancel_url, word, ("/cancel",)) or f"{own}/cancel",
        position=position,
    )


def request_id_in(hosts: Hosts, url: object) -> str | None:
    """The request id that a queue URL of FAL's own holds."""
    path = _queue_path(hosts, url)
    found = _ID_IN_PATH.fullmatch(path) if path else None
    return found[1] if found else None


def _kept(hosts: Hosts, url: object, word: str, tails: tuple[str, ...]) -> str | None:
    path = _queue_path(hosts, url)
    ends = tuple(f"/requests/{word}{tail}" for tail in tails)
    if path is not None and _PATH.fullmatch(path) and path.rstrip("/").endswith(ends):
        return hosts.queue + path
    if url is not None:
        log.warning("FAL named %s for request %s; its own queue is asked instead", shown(str(url)), word)
    return None


def _queue_path(hosts: Hosts, url: object) -> str | None:
    if not isinstance(url, str):
        return None
    here = hosts.rebase(url)
    return here[len(hosts.queue) :] if here.startswith(f"{hosts.queue}/") else None
