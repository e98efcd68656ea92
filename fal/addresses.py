"""Addresses in one strict form that every URL parser reads alike: what is checked is what is asked."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote

from .clean import clean
from .errors import ForeignAddress

# No userinfo, no backslash, no blank: nothing in which two parsers could see two hosts.
_FORM = re.compile(
    r"(https?)://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?((?:[/?][\x21-\x5b\x5d-\x7e]*)?)"
)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_TOP = re.compile(r"(?!0x)[a-z][a-z0-9-]*[a-z0-9]")
_INNER = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "home.arpa")
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """An http or https address taken apart; `rest` is the path with its query."""

    scheme: str
    host: str
    port: int
    rest: str

    @classmethod
    def parse(cls, url: str) -> "Address":
        """The parts of a URL; raises ForeignAddress for anything but the plain form."""
        found = _FORM.fullmatch(url)
        if not found:
            raise ForeignAddress(f"{shown(url)} is not a plain http or https address.")
        scheme, host, port, rest = found.groups()
        number = int(port) if port else _PORTS[scheme]
        if not 0 < number < 65536:
            raise ForeignAddress(f"{shown(url)} names port {number}; ports are 1 to 65535.")
        return cls(scheme, host.lower(), number, rest)

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: two addresses with the same origin are served by the same program."""
        return self.scheme, self.host, self.port


def shown(url: str) -> str:
    """A URL for a sentence: cleaned and short (a data: URI can be megabytes long)."""
    return clean(url, limit=200)


def ascii_url(url: str) -> str:
    """The URL with everything outside printable ASCII percent-encoded; nothing else changes."""
    if url.isascii() and url.isprintable() and " " not in url:
        return url
    return quote(url, safe=_ASCII, errors="replace")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, written in a form that leaves no doubt."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def looks_public(host: str) -> bool:
    """Whether the host is a public DNS name or a plain public IPv4 address; no name is looked up."""
    try:
        literal = ipaddress.IPv4Address(host)
    except ValueError:
        return _is_public_name(host)
    return literal.is_global and not literal.is_multicast


def _is_public_name(host: str) -> bool:
    labels = host.split(".")
    if len(labels) < 2 or len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    # 127.1, 0x7f.1 and 2130706433 are addresses to a resolver: a public name never ends in a number.
    return bool(_TOP.fullmatch(labels[-1])) and not host.endswith(tuple(f".{name}" for name in _INNER))
