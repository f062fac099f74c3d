"""Upright lines of a control chart: what changed before a run, in words above the frame."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.compute.past.run_events import RunEvent
from pipeline.report.drawing.scene import INK, Drawing, Scale
from pipeline.report.trends.words import event_text

ROW_HEIGHT = 11.0
_MOST_ROWS = 3
_LETTER = 4.8
"""Width of a letter at the size used."""
_BESIDE = 4.0
_MARGIN = 50.0
"""Beyond the frame's right end, where words may still stand."""


@dataclass(frozen=True, slots=True)
class ChartFlag:
    """One upright line; of a lot it is solid and heavier, since the lot's values begin or end there."""

    at: float
    text: str
    left: float
    """Where the words begin."""
    row: int
    """Of the words, counted from the frame upwards; -1 where no room is: the table of changes has them."""
    lot: bool


@dataclass(slots=True)
class _FlagRows:
    """Leftmost words of each row, and leftmost line that passes through it; filled from the right."""

    words: list[float] = field(default_factory=lambda: [math.inf] * _MOST_ROWS)
    lines: list[float] = field(default_factory=lambda: [math.inf] * _MOST_ROWS)

    def take(self, at: float, left: float, width: float) -> int:
        """Lowest row where the words meet nothing and the line below them neither; -1 where none is."""
        for row in range(_MOST_ROWS):
            fits = left + width <= min(self.words[row], self.lines[row])
            if fits and all(at < words for words in self.words[:row]):
                self.words[row] = left
                self.lines[: row + 1] = [at] * (row + 1)
                return row
        return -1


def event_flags(events: Sequence[RunEvent], first: int, x: Scale) -> list[ChartFlag]:
    """One flag for all changes of a run, from right to left; no words stand on words or lines.

    Args:
        events: in the order of runs.
        first: index of the first run drawn; a change before it or at it is outside the frame.
        x: index of a run to pixels.
    """
    drawn = [one for one in events if one.run > first]
    groups = [list(group) for _, group in itertools.groupby(drawn, lambda one: one.run)]
    rows = _FlagRows()
    return [_flag(x.at(group[0].run - 0.5), group, x.end + _MARGIN, rows) for group in reversed(groups)]


def _flag(at: float, events: Sequence[RunEvent], end: float, rows: _FlagRows) -> ChartFlag:
    text = ", ".join(event_text(one) for one in events)
    width = _LETTER * len(text) + 2 * _BESIDE
    left = min(at + _BESIDE, end - width)
    return ChartFlag(at, text, left, rows.take(at, left, width), any(one.kind == "lot" for one in events))


def height_of(flags: Sequence[ChartFlag]) -> float:
    """What the words need above the frame, in pixels."""
    return ROW_HEIGHT * (1 + max((flag.row for flag in flags), default=-1))


def draw_flags(drawing: Drawing, flags: Sequence[ChartFlag], top: float, bottom: float) -> None:
    """Lines over the frame, up to their words; the words stand above the marks of missing values."""
    for flag in flags:
        base = top - 5 - ROW_HEIGHT * max(flag.row, 0)
        width = 1.8 if flag.lot else 0.9
        drawing.line([(flag.at, base), (flag.at, bottom)], INK, width, dash=not flag.lot)
        if flag.row >= 0:
            drawing.label(flag.left, base, flag.text, size=9)
