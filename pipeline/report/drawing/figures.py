"""Scenes painted by matplotlib, without pyplot and without a display."""

from __future__ import annotations

import io
from collections import defaultdict
from functools import cache
from typing import Literal

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.text import Text

from pipeline.domain.curve_results import CurveFit
from pipeline.domain.record import RunRecord
from pipeline.report.drawing.charts import curve_scene
from pipeline.report.drawing.scene import Anchor, Mark, Scene, SceneLabel
from pipeline.report.words.text import visible

_POINTS_PER_INCH = 72
_DPI = 144
"""Two pixels for each unit of a scene: sharp on screen and in print."""

_COMPRESSION = 2
"""Of 9: a third of the time of the usual 6, for a picture a little larger."""

_MARKERS = {"circle": "o", "square": "s", "triangle": "^", "diamond": "D", "cross": "x"}
_ALIGN: dict[Anchor, Literal["left", "center", "right"]] = {
    "start": "left",
    "middle": "center",
    "end": "right",
}
_NO_GLYPH = "\u25a1"


def standard_curve(record: RunRecord, fit: CurveFit) -> Figure:
    """The standard curve; see :func:`pipeline.report.drawing.charts.curve_scene`."""
    return paint(curve_scene(record, fit))


def png(figure: Figure) -> bytes:
    """PNG bytes, the same for the same figure: no date, no program version in the file."""
    buffer = io.BytesIO()
    options = {"compress_level": _COMPRESSION}
    figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None}, pil_kwargs=options)
    return buffer.getvalue()


def paint(scene: Scene) -> Figure:
    """One matplotlib figure; a unit of the scene is a point, y runs downwards."""
    figure = Figure(figsize=(scene.width / _POINTS_PER_INCH, scene.height / _POINTS_PER_INCH))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0, scene.width)
    axes.set_ylim(scene.height, 0)
    corners = [
        [(b.x, b.y), (b.x + b.width, b.y), (b.x + b.width, b.y + b.height), (b.x, b.y + b.height)]
        for b in scene.boxes
    ]
    fills, strokes = [b.fill for b in scene.boxes], [b.stroke for b in scene.boxes]
    axes.add_collection(PolyCollection(corners, facecolors=fills, edgecolors=strokes, linewidths=1.0))
    axes.add_collection(_lines(scene))
    for mark_group in _mark_groups(scene.marks):
        axes.add_line(mark_group)
    for label in scene.labels:
        axes.add_artist(_text(label)).set_transform(axes.transData)
    return figure


def _lines(scene: Scene) -> LineCollection:
    return LineCollection(
        [line.points for line in scene.lines],
        colors=[line.colour for line in scene.lines],
        linewidths=[line.width for line in scene.lines],
        linestyles=[(0, (4, 3)) if line.dash else "solid" for line in scene.lines],
    )


def _mark_groups(marks: tuple[Mark, ...]) -> list[Line2D]:
    """Marks that look the same are one artist: drawing time grows with artists, not with points."""
    groups: dict[tuple[str, str, float, bool], list[Mark]] = defaultdict(list)
    for mark in marks:
        groups[mark.shape, mark.colour, mark.size, mark.filled].append(mark)
    return [
        Line2D(
            [mark.x for mark in group],
            [mark.y for mark in group],
            linestyle="none",
            marker=_MARKERS[shape],
            markersize=size,
            markeredgecolor=colour,
            markerfacecolor=colour if filled else "white",
            markeredgewidth=1.5,
        )
        for (shape, colour, size, filled), group in groups.items()
    ]


def _text(label: SceneLabel) -> Text:
    return Text(
        label.x,
        label.y,
        _drawable(label.text),
        fontproperties=_font(bold=label.bold),
        fontsize=label.size,
        color=label.colour,
        horizontalalignment=_ALIGN[label.anchor],
        verticalalignment="center" if label.turned else "baseline",
        rotation=90 if label.turned else 0,
        parse_math=False,
    )


@cache
def _font(*, bold: bool) -> FontProperties:
    # The font that matplotlib brings along: the same picture on every PC.
    return FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(get_font(findfont(_font(bold=False))).get_charmap())


def _drawable(text: str) -> str:
    """A sign that the font lacks is drawn as a square; the cells and the page show the text in full."""
    return "".join(sign if ord(sign) in _glyphs() else _NO_GLYPH for sign in visible(text))
