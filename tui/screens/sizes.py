"""The size classes of the page: how many cells each needs."""

SMALLEST = (60, 20)
CLASSES = (("wide", 180, 45), ("normal", 110, 30), ("small", 76, 22), ("tiny", *SMALLEST))


def size_class(width: int, height: int) -> str:
    """The first class that has room: `wide`, `normal`, `small`, `tiny`, else `below`."""
    for name, wide, high in CLASSES:
        if width >= wide and height >= high:
            return name
    return "below"
