"""CPU of the catalogue: what a start pays for it, one endpoint's line, and FAL's document of one endpoint."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from reelroom.fal.catalogue import Catalogue
from reelroom.fal.documents import read_document
from reelroom.fal.shelf import Shelf

from .figures import ROUNDS, Figure, say, show

SAMPLES = sorted((Path(__file__).parent.parent / "fal" / "data").glob("*.json"))


def measure() -> list[Figure]:
    say("the catalogue, its 551 endpoints one by one, and ten documents")
    shelf = Shelf.shipped()
    texts = [path.read_text("utf-8") for path in SAMPLES]
    lines = shelf.path.read_bytes().splitlines()
    loads = [_cpu(lambda: Catalogue.load().featured) for _ in range(ROUNDS)]
    alls = [_cpu(lambda: [json.loads(line) for line in lines]) for _ in range(ROUNDS)]
    reads = [_cpu(shelf.reader(endpoint)) for endpoint in shelf.listings]
    documents = [median(_cpu(lambda text=text: read_document(text)) for _ in range(ROUNDS)) for text in texts]
    told = f"{_ms(median(loads))} and {_ms(median(alls))} of CPU"
    ratio = median(ours / theirs for ours, theirs in zip(loads, alls, strict=True))
    return [
        Figure("the catalogue at a start, CPU of all its lines", ratio, None, "x", told),
        Figure("one endpoint of 551, found and read, median", _number(median(reads)), 5, " ms"),
        Figure("the same, the slowest", _number(max(reads)), 5, " ms"),
        Figure("one of FAL's documents, median of ten", _number(median(documents)), 5, " ms"),
        Figure("the same, the slowest", _number(max(documents)), 5, " ms"),
    ]  # fmt: skip


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _number(seconds: float) -> float:
    return 1000 * seconds


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.2g} ms"


if __name__ == "__main__":
    show(measure())
