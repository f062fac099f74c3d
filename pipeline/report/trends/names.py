"""Where the names of broken rules stand in a control chart: inside the frame, not on each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.report.drawing.scene import Drawing

_LINE_HEIGHT = 11.0
_LETTER = 5.4
"""Width of a bold letter at the size used."""
_MOST_STEPS = 5
_MARK = 5.0
"""Half a mark and its margin."""

Place = tuple[float, float]


@dataclass(slots=True)
class Names:
    """Names put so far, each with its middle and width; ``marks`` are the places of all values."""

    left: float
    right: float
    top: float
    bottom: float
    marks: Sequence[Place]
    taken: list[tuple[float, float, float]] = field(default_factory=list)

    def put(self, drawing: Drawing, at: Place, text: str) -> None:
        """Above or below a value, away from the mean where that is free."""
        if not text:
            return
        x, width = at[0], _LETTER * len(text)
        left = min(max(x - width / 2, self.left + 2), self.right - width)
        middle = left + width / 2
        y = min(self._free(at[1], middle, width), key=lambda place: self._covered(middle, place, width))
        self.taken.append((middle, y, width))
        drawing.label(middle, y, text, size=9.5, anchor="middle", bold=True)

    def _free(self, y: float, middle: float, width: float) -> list[float]:
        """Base lines inside the frame that meet no other name, the best first; else the nearest one."""
        above = [y - 8 - _LINE_HEIGHT * n for n in range(_MOST_STEPS)]
        below = [y + 15 + _LINE_HEIGHT * n for n in range(_MOST_STEPS)]
        upper = y < (self.top + self.bottom) / 2
        places = [*above, *below] if upper else [*below, *above]
        inside = [place for place in places if self.top + _LINE_HEIGHT < place < self.bottom - 2]
        free = [place for place in inside if not self._meets(middle, place, width)]
        return free or inside[:1] or places[:1]

    def _meets(self, middle: float, place: float, width: float) -> bool:
        return any(
            abs(middle - u) < (width + other) / 2 + 3 and abs(place - v) < _LINE_HEIGHT
            for u, v, other in self.taken
        )

    def _covered(self, middle: float, place: float, width: float) -> int:
        """Values that a name there would hide."""
        reach, centre = width / 2 + _MARK, place - 3.5
        return sum(abs(x - middle) < reach and abs(y - centre) < _MARK + 4 for x, y in self.marks)
