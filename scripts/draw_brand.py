"""Draw the brand images of the integration: our own mark, made of simple shapes.

A house roof over a battery, the sun behind it, in a rounded square. Run it with
``.venv/bin/python scripts/draw_brand.py`` after a change; the images are committed.
"""

from dataclasses import dataclass
from math import cos, pi, sin
from pathlib import Path
import sys

from PIL import Image, ImageDraw, ImageFont

BRAND = Path(__file__).parents[1] / "custom_components" / "instagen" / "brand"

GRID = 256
"""Coordinates below are on a square of this size."""

SUPERSAMPLING = 4
COLORS = 64
NAME = "Instagen"

type Point = tuple[float, float]
type Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Palette:
    """The colours of one variant."""

    ground: str
    sun: str
    house: str
    charge: str
    text: str


LIGHT = Palette("#0b3d4f", "#ffb300", "#ffffff", "#2ec27e", "#0b3d4f")
DARK = Palette("#14576e", "#ffc233", "#ffffff", "#3ddc91", "#f2f7f9")


class Canvas:
    """Draws in grid coordinates on an image that is larger than its result."""

    def __init__(self, width: float, height: float, scale: float) -> None:
        """Prepare a transparent image."""
        self._factor = scale * SUPERSAMPLING
        self.size = (round(width * scale), round(height * scale))
        large = (self.size[0] * SUPERSAMPLING, self.size[1] * SUPERSAMPLING)
        self._image = Image.new("RGBA", large)
        self._draw = ImageDraw.Draw(self._image)

    def _scaled(self, box: Box) -> Box:
        left, top, right, bottom = (value * self._factor for value in box)
        return left, top, right, bottom

    def rounded(self, box: Box, radius: float, color: str) -> None:
        """Draw a filled rectangle with round corners."""
        self._draw.rounded_rectangle(self._scaled(box), radius * self._factor, color)

    def disc(self, center: Point, radius: float, color: str) -> None:
        """Draw a filled circle."""
        x, y = center
        box = (x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse(self._scaled(box), color)

    def line(self, points: list[Point], width: float, color: str) -> None:
        """Draw a line with round ends and corners."""
        scaled = [(x * self._factor, y * self._factor) for x, y in points]
        self._draw.line(scaled, color, round(width * self._factor), joint="curve")
        for point in points:
            self.disc(point, width / 2, color)

    def polygon(self, points: list[Point], color: str) -> None:
        """Draw a filled polygon."""
        self._draw.polygon(
            [(x * self._factor, y * self._factor) for x, y in points], color
        )

    def text(self, position: Point, size: float, text: str, color: str) -> float:
        """Write with the middle of the letters at a height; return the width."""
        font = ImageFont.load_default(size * self._factor)
        x, y = (value * self._factor for value in position)
        self._draw.text((x, y), text, color, font, anchor="lm")
        return float(self._draw.textlength(text, font)) / self._factor

    def result(self) -> Image.Image:
        """Return the image in its final size, with few colours so that it is small."""
        small = self._image.resize(self.size, Image.Resampling.LANCZOS)
        return small.quantize(COLORS, Image.Quantize.FASTOCTREE)


def draw_mark(canvas: Canvas, palette: Palette) -> None:
    """Draw the mark into the square at the origin."""
    canvas.rounded((8, 8, 248, 248), 52, palette.ground)
    _draw_sun(canvas, palette, (176, 84))
    _draw_house(canvas, palette)
    _draw_battery(canvas, palette)


def _draw_sun(canvas: Canvas, palette: Palette, center: Point) -> None:
    x, y = center
    canvas.disc(center, 26, palette.sun)
    for number in range(8):
        angle = pi * number / 4 - pi / 8
        inner, outer = (
            (x + reach * cos(angle), y + reach * sin(angle)) for reach in (37, 48)
        )
        canvas.line([inner, outer], 8, palette.sun)


def _draw_house(canvas: Canvas, palette: Palette) -> None:
    canvas.polygon(
        [(52, 144), (120, 86), (188, 144), (188, 214), (52, 214)], palette.ground
    )
    canvas.line([(40, 150), (120, 82), (200, 150)], 16, palette.house)
    canvas.line([(62, 148), (62, 208), (178, 208), (178, 148)], 14, palette.house)


def _draw_battery(canvas: Canvas, palette: Palette) -> None:
    canvas.rounded((108, 122, 132, 134), 4, palette.charge)
    canvas.rounded((92, 130, 148, 194), 10, palette.charge)
    bolt: list[Point] = [
        (126, 136),
        (104, 166),
        (118, 166),
        (113, 189),
        (137, 157),
        (122, 157),
    ]
    canvas.polygon(bolt, palette.house)


def icon(palette: Palette, scale: float) -> Image.Image:
    """Draw the square icon."""
    canvas = Canvas(GRID, GRID, scale)
    draw_mark(canvas, palette)
    return canvas.result()


def logo(palette: Palette, scale: float) -> Image.Image:
    """Draw the mark with the name beside it."""
    size = 128.0
    width = Canvas(1, 1, 1).text((0, 0), size, NAME, palette.text)
    canvas = Canvas(GRID + 16 + width + 16, GRID, scale)
    draw_mark(canvas, palette)
    canvas.text((GRID + 16, GRID / 2), size, NAME, palette.text)
    return canvas.result()


def main() -> int:
    """Write every variant that Home Assistant asks for."""
    BRAND.mkdir(parents=True, exist_ok=True)
    for prefix, palette in (("", LIGHT), ("dark_", DARK)):
        for suffix, factor in (("", 1.0), ("@2x", 2.0)):
            # A logo's shorter side is 128 pixels, or twice that.
            images = {
                "icon": icon(palette, factor),
                "logo": logo(palette, factor / 2),
            }
            for name, image in images.items():
                path = BRAND / f"{prefix}{name}{suffix}.png"
                image.save(path, optimize=True)
                print(
                    f"{path.name}: {image.size[0]} x {image.size[1]}, {path.stat().st_size} B"
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
