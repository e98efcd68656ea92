"""`python -m tests.fal.make_index` writes fal/data/endpoints-index.json anew from the data beside it."""

import json
from datetime import UTC, datetime
from pathlib import Path

from reelroom.fal.naming import name_for, short_name
from reelroom.fal.shelf import Listing, head, row

DATA = Path(__file__).parent.parent.parent / "fal" / "data"
AS_OF = datetime(2026, 8, 27, 12, tzinfo=UTC).timestamp()
"""The day of the newest source of the lines, at an hour that makes it that day almost everywhere."""


def index() -> bytes:
    """The index that belongs to the lines as they are."""
    told = json.loads((DATA / "featured-models.json").read_bytes())
    names = {model["endpoint_id"]: model["name"] for model in told["models"]}
    gone = {model["endpoint_id"] for model in told["no_longer_served"]}
    taken = {short_name(name) for name in names.values()}
    rows = []
    start = 0
    for line in (DATA / "endpoints.jsonl").read_bytes().splitlines(keepends=True):
        entry = json.loads(line)
        endpoint, vendor, family = entry["endpoint_id"], entry["vendor"], entry["family"]
        name = names.get(endpoint) or name_for(endpoint, vendor, family, taken)
        taken.add(short_name(name))
        maker = "" if vendor == "unknown" else vendor
        here = endpoint not in gone
        listing = Listing(endpoint, name, maker, family, entry["task"], entry["category"], "", here, 0, 0)
        rows.append(row(listing, start, len(line) - 1))
        start += len(line)
    return head(rows, as_of=AS_OF, origin="fal")


if __name__ == "__main__":
    (DATA / "endpoints-index.json").write_bytes(index())
