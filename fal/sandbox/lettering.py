"""The words on a clip: the prompt, the model and SANDBOX, drawn once and laid over each frame."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .clip import Clip
from .land import Floats

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
AMBER = (236, 184, 92)
INK = (24, 18, 8)


@dataclass(frozen=True, slots=True)
class Patch:
    """A rectangle of one plane of a YUV picture: `light` is added to what `through` lets by."""

    rows: slice
    columns: slice
    light: NDArray[np.uint16]
    through: NDArray[np.uint16]
    """Shares of 256."""

    def put(self, plane: NDArray[np.uint8]) -> None:
        """Lay it over the plane in place."""
        under = plane[self.rows, self.columns]
        plane[self.rows, self.columns] = (under * self.through + self.light) >> 8


def lettering(clip: Clip) -> list[list[Patch]]:
    """The patches for each of the three planes of a yuv420p frame."""
    image = Image.new("RGBA", (clip.width, clip.height))
    return _patches(image, [_foot(image, clip), _badge(image)])


def _font(size: int, *, bold: bool = False) -> Font:
    try:
        name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
        return ImageFont.truetype(name, size, layout_engine=ImageFont.Layout.BASIC)
    except OSError:
        return ImageFont.load_default(size)


def _foot(image: Image.Image, clip: Clip) -> tuple[int, int, int, int]:
    """The prompt over the model's name, on a shade that grows towards the lower edge."""
    unit = min(clip.width, clip.height)
    large, small = _font(max(9, unit // 22)), _font(max(8, unit // 32))
    margin, line = unit // 18, max(11, round(unit / 22 * 1.32))
    lines = _wrapped(clip.prompt or "(no prompt)", large, clip.width - 2 * margin, most=3)
    top = clip.height - margin - line * len(lines) - round(line * 1.05)
    shade_top = max(0, top - 2 * line)
    _shade(image, shade_top)
    draw = ImageDraw.Draw(image)
    soft = max(1, unit // 360)
    for index, text in enumerate(lines):
        place = (margin, top + index * line)
        draw.text(place, text, (255, 255, 255, 255), large, stroke_width=soft, stroke_fill=(0, 0, 0, 120))
    model = next(_fitting(clip.model, small, clip.width - 2 * margin))
    draw.text((margin, clip.height - margin - round(line * 0.85)), model, (255, 255, 255, 190), small)
    return 0, shade_top, clip.width, clip.height


def _shade(image: Image.Image, top: int) -> None:
    width, height = image.size
    ramp = np.zeros((height, width, 4), dtype=np.uint8)
    strength = np.linspace(0, 1, height - top) ** 0.8 * 150
    ramp[top:, :, 3] = strength.astype(np.uint8)[:, None]
    image.alpha_composite(Image.fromarray(ramp))


def _badge(image: Image.Image) -> tuple[int, int, int, int]:
    """The word SANDBOX in the upper right corner, as the program's own title bar shows it."""
    unit = min(image.size)
    font = _font(max(9, unit // 26), bold=True)
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = draw.textbbox((0, 0), "SANDBOX", font)
    pad = max(2, unit // 60)
    wide, tall = round(right - left) + 2 * pad, round(bottom - top) + 2 * pad
    x, y = image.width - wide - unit // 24, unit // 24
    draw.rounded_rectangle((x, y, x + wide, y + tall), pad // 2, (*AMBER, 235))
    draw.text((x + pad - left, y + pad - top), "SANDBOX", (*INK, 255), font)
    return x, y, x + wide + 1, y + tall + 1


def _wrapped(text: str, font: Font, room: int, *, most: int) -> list[str]:
    lines: list[str] = []
    for line in _fitting(text, font, room):
        if len(lines) == most:
            lines[-1] = lines[-1][:-1].rstrip() + "…"
            break
        lines.append(line)
    return lines


def _fitting(text: str, font: Font, room: int) -> Iterator[str]:
    """Pieces of the text that fit into `room` pixels, cut at spaces where there are any."""
    rest = text.strip()
    while rest:
        end = _most(rest, font, room)
        space = rest.rfind(" ", 0, end + 1)
        cut = end if end == len(rest) or space <= 0 else space
        yield rest[:cut]
        rest = rest[cut:].lstrip()


def _most(text: str, font: Font, room: int) -> int:
    """How many characters fit into `room` pixels; at least one, so that wrapping always ends."""
    low, high = 1, min(len(text), 400)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if font.getlength(text[:middle]) <= room else (low, middle - 1)
    return low


def _patches(image: Image.Image, boxes: list[tuple[int, int, int, int]]) -> list[list[Patch]]:
    planes: list[list[Patch]] = [[], [], []]
    for left, top, right, bottom in boxes:
        even = (left // 2 * 2, top // 2 * 2, right + right % 2, bottom + bottom % 2)
        part = np.asarray(image.crop(even), dtype=np.float32)
        for index, (plane, cover) in enumerate(_planes(part)):
            step = 2 if index else 1
            rows, columns = slice(even[1] // step, even[3] // step), slice(even[0] // step, even[2] // step)
            share = np.round(cover * 256)
            light = np.round(plane * share).astype(np.uint16)
            planes[index].append(Patch(rows, columns, light, (256 - share).astype(np.uint16)))
    return planes


def _planes(image: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Y, U and V of BT.709 in limited range, each with how much it covers; U and V at half the size."""
    red, green, blue = (image[..., part] for part in range(3))
    cover = image[..., 3] / np.float32(255)
    luma: Floats = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    yield np.asarray(16 + luma * (219 / 255), dtype=np.float32), cover
    half_cover = _halved(cover)
    for part, scale in ((blue, 1.8556), (red, 1.5748)):
        chroma = 128 + (part - luma) / scale * (224 / 255)
        mean = _halved(chroma * cover) / np.maximum(half_cover, 1e-6)
        yield np.asarray(mean, dtype=np.float32), half_cover


def _halved(plane: Floats) -> Floats:
    rows, columns = plane.shape
    blocks = plane.reshape(rows // 2, 2, columns // 2, 2)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32)
