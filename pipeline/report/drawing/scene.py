"""A drawing as boxes, lines, marks and labels in pixels: one geometry for SVG and for matplotlib.

Small multiples as matplotlib axes cost 70 ms each; as marks in one picture they cost next to nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from pipeline.report.language import ENGLISH, Language

Anchor: TypeAlias = Literal["start", "middle", "end"]
MarkShape: TypeAlias = Literal["circle", "square", "triangle", "diamond", "cross"]

INK = "#222222"
GREY = "#5A5A5A"
RULE = "#D9D9D9"
_ENOUGH_TICKS = 5
_DECADE_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle from its top left corner; ``title`` is shown on hovering."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    stroke: str = "none"
    title: str = ""


@dataclass(frozen=True, slots=True)
class Polyline:
    """A polyline."""

    points: tuple[tuple[float, float], ...]
    colour: str
    width: float = 1.0
    dash: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A data point; a mark that is not filled is white inside."""

    x: float
    y: float
    shape: MarkShape
    colour: str
    size: float = 7.0
    filled: bool = True
    title: str = ""


@dataclass(frozen=True, slots=True)
class SceneLabel:
    """Text at its base line; ``turned`` reads upwards."""

    x: float
    y: float
    text: str
    size: float = 11.0
    anchor: Anchor = "start"
    colour: str = INK
    bold: bool = False
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """A finished drawing, painted in the order boxes, lines, marks, labels; y runs downwards."""

    width: float
    height: float
    description: str
    boxes: tuple[Box, ...]
    lines: tuple[Polyline, ...]
    marks: tuple[Mark, ...]
    labels: tuple[SceneLabel, ...]


@dataclass(slots=True)
class Drawing:
    """A scene while it is being put together. Coordinates are rounded to 0.1 pixel.

    Every text is said in its language as it comes in, so that its width is the one that will be drawn.
    """

    language: Language = ENGLISH
    boxes: list[Box] = field(default_factory=list)
    lines: list[Polyline] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    labels: list[SceneLabel] = field(default_factory=list)

    def box(
        self,
        x: float,
        y: float,
        size: tuple[float, float],
        fill: str,
        *,
        stroke: str = "none",
        title: str = "",
    ) -> None:
        """Add a rectangle of ``size`` (width, height)."""
        self.boxes.append(
            Box(_px(x), _px(y), _px(size[0]), _px(size[1]), fill, stroke, self.language.say(title))
        )

    def line(
        self, points: Iterable[tuple[float, float]], colour: str, width: float = 1.0, *, dash: bool = False
    ) -> None:
        """Add a polyline; fewer than two points draw nothing."""
        rounded = tuple((_px(x), _px(y)) for x, y in points)
        if len(rounded) > 1:
            self.lines.append(Polyline(rounded, colour, width, dash))

    def mark(
        self,
        at: tuple[float, float],
        shape: MarkShape,
        colour: str,
        *,
        size: float = 7.0,
        filled: bool = True,
        title: str = "",
    ) -> None:
        """Add a data point."""
        said = self.language.say(title)
        self.marks.append(Mark(_px(at[0]), _px(at[1]), shape, colour, size, filled, said))

    def label(  # noqa: PLR0913 - the attributes of a text, all but three by name
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 11.0,
        anchor: Anchor = "start",
        colour: str = INK,
        bold: bool = False,
        turned: bool = False,
    ) -> None:
        """Add text."""
        said = self.language.say(text)
        self.labels.append(SceneLabel(_px(x), _px(y), said, size, anchor, colour, bold, turned))

    def place(self, candidates: Iterable[SceneLabel]) -> bool:
        """Add the first label that overlaps none of the labels so far; says whether there was one."""
        taken = [extent(label) for label in self.labels]
        for label in map(self._said, candidates):
            if not any(overlap(extent(label), other) for other in taken):
                self.labels.append(label)
                return True
        return False

    def _said(self, label: SceneLabel) -> SceneLabel:
        return label if self.language.plain else replace(label, text=self.language.say(label.text))

    def scene(self, width: float, height: float, description: str) -> Scene:
        """Freeze the drawing."""
        parts = (tuple(self.boxes), tuple(self.lines), tuple(self.marks), tuple(self.labels))
        return Scene(width, height, self.language.say(description), *parts)


_EMS = {
    **dict.fromkeys("iljtfrI1.,:;'|!()[]/ -", 0.42),
    **dict.fromkeys("mwMWOQGD@%\u2026", 0.98),
    **dict.fromkeys("ABCEFHKNPRSTUVXYZ\u2212+<>=~\u2265", 0.78),
}
_OTHER_EMS = 0.66


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a text in pixels, estimated for a broad typeface (DejaVu Sans); others need less."""
    return size * sum([_EMS.get(sign, _OTHER_EMS) for sign in text]) * (1.12 if bold else 1.0)


def extent(label: SceneLabel) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a label."""
    width, up, down = text_width(label.text, label.size, bold=label.bold), 0.8 * label.size, 0.25 * label.size
    if label.turned:
        return label.x - up, label.y - width / 2, label.x + up, label.y + width / 2
    left = label.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[label.anchor] * width
    return left, label.y - up, left + width, label.y + down


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Do two boxes share a place?"""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _px(value: float) -> float:
    return round(value, 1)


@dataclass(frozen=True, slots=True)
class Scale:
    """Data to pixels along one axis, linear or logarithmic."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """Pixel of a value; on a logarithmic scale the value is above 0."""
        low, high, place = (
            (math.log10(self.low), math.log10(self.high), math.log10(value))
            if self.log
            else (self.low, self.high, value)
        )
        return self.start + (place - low) / (high - low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round values inside the scale."""
        return _log_ticks(self.low, self.high) if self.log else _linear_ticks(self.low, self.high)


def _linear_ticks(low: float, high: float) -> list[float]:
    rough = (high - low) / _ENOUGH_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [n * step for n in range(first, last + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    fine = [10.0**decade * step for decade in decades for step in _DECADE_STEPS]
    coarse = [10.0**decade for decade in decades]
    inside = [tick for tick in coarse if low <= tick <= high]
    return inside if len(inside) >= _ENOUGH_TICKS - 2 else [tick for tick in fine if low <= tick <= high]
