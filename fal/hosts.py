"""Where FAL is: its own hosts, or one base URL whose path prefixes stand for them."""

from dataclasses import dataclass

from .addresses import Address, is_loopback, shown
from .errors import ForeignAddress


@dataclass(frozen=True, slots=True)
class Hosts:
    """URL prefixes without a trailing slash. The key goes to `queue`, `rest` and `platform` only."""

    queue: str
    rest: str
    cdn: str
    platform: str
    schema: str
    base: str | None = None
    backups: tuple[tuple[str, str], ...] = ()
    """Prefixes with those that stand in for them, as FAL's own client has them. The key may go there too."""

    @classmethod
    def fal(cls) -> "Hosts":
        """FAL itself, as its official clients know it."""
        return cls(
            queue="https://queue.fal.run",
            rest="https://rest.fal.ai",
            cdn="https://v3.fal.media",
            platform="https://api.fal.ai/v1",
            schema="https://fal.ai",
            backups=(("https://queue.fal.run", "https://queue.falrun.com"),),
        )

    @classmethod
    def at(cls, base: str) -> "Hosts":
        """One base URL for all of them; raises ForeignAddress for http to anything but this machine."""
        address = Address.parse(base)
        if "?" in address.rest or "#" in address.rest:
            raise ForeignAddress(f"The base URL {shown(base)} has a query; it takes a path at most.")
        if address.scheme == "http" and not is_loopback(address.host):
            raise ForeignAddress(
                f"The base URL {shown(base)} is http: that is for this machine only (127.0.0.1, localhost)."
                " Elsewhere it takes https."
            )
        base = base.rstrip("/")
        return cls(
            queue=f"{base}/queue",
            rest=f"{base}/rest",
            cdn=f"{base}/cdn",
            platform=f"{base}/v1",
            schema=f"{base}/schema",
            base=base,
        )

    def backup(self, url: str) -> str | None:
        """The same URL at the host that stands in for its own; None where there is none."""
        found = ((own, other) for own, other in self.backups if url.startswith(f"{own}/"))
        return next((other + url[len(own) :] for own, other in found), None)

    @property
    def loopback(self) -> bool:
        """Whether everything is on this machine: the sandbox, or a test."""
        return self.base is not None and is_loopback(Address.parse(self.base).host)

    def rebase(self, url: str) -> str:
        """A kept URL of the sandbox on its present port; any other URL unchanged."""
        if self.base is None or not self.loopback:
            return url
        try:
            kept = Address.parse(url)
        except ForeignAddress:
            return url
        if kept.scheme != "http" or not is_loopback(kept.host):
            return url
        here = Address.parse(self.base)
        return f"{here.scheme}://{here.host}:{here.port}{kept.rest}"
