"""What a person would see: the colours of both halves of each cell, whatever sign shows them."""

import pyte

Half = tuple[str, str]


def screen(width: int, height: int) -> tuple[pyte.Screen, pyte.ByteStream]:
    made = pyte.Screen(width, height)
    return made, pyte.ByteStream(made)


def seen(screen: pyte.Screen) -> list[list[Half | str]]:
    """Each cell as its two colours, or as its sign where it is no half block."""
    return [[_looks(screen.buffer[y][x]) for x in range(screen.columns)] for y in range(screen.lines)]


def _looks(cell: pyte.screens.Char) -> Half | str:
    match cell.data:
        case "▀":
            return cell.fg, cell.bg
        case "▄":
            return cell.bg, cell.fg
        case "█":
            return cell.fg, cell.fg
        case " ":
            return cell.bg, cell.bg
        case other:
            return other
