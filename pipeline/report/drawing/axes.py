"""Axes of the charts: frame, ticks, titles. Labels that would overlap another one are left out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.domain.message import Message
from pipeline.domain.record import RunRecord
from pipeline.report.drawing.scene import GREY, INK, RULE, Drawing, Scale, SceneLabel

TICK_SIZE = 10.0


@dataclass(frozen=True, slots=True)
class Frame:
    """The plotting area in pixels."""

    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        """Half way between left and right."""
        return (self.left + self.right) / 2


def od_label(record: RunRecord) -> str:
    """What the OD axis shows, with its wavelengths."""
    main, reference = record.reading.wavelength_nm, record.reading.reference_wavelength_nm
    if main is None:
        return "OD"
    if reference is None:
        return Message("OD ({n:n} nm)", n=f"{main:g}")
    return Message("OD ({n:n} \u2212 {m:n} nm)", n=f"{main:g}", m=f"{reference:g}")


def od_scale(ods: Iterable[float], frame: Frame, *, least: float = 0.1) -> Scale:
    """From 0, or the lowest negative OD, to a little above the highest; at least up to ``least``."""
    listed = list(ods)
    low, high = min([0.0, *listed]), max([least, *listed])
    return Scale(low * 1.1, high * 1.08, frame.bottom, frame.top)


def y_axis(drawing: Drawing, y: Scale, frame: Frame, title: str) -> None:
    """Lines across the frame, their values, and the title turned beside them."""
    ticks = y.ticks()
    decimals = max(1, -math.floor(math.log10(ticks[1] - ticks[0])))
    for tick in ticks:
        at = y.at(tick)
        drawing.line([(frame.left, at), (frame.right, at)], RULE, 0.7)
        text = f"{tick:.{decimals}f}".replace("-", "\u2212")
        drawing.label(frame.left - 6, at + 4, text, size=TICK_SIZE, anchor="end", colour=GREY)
    drawing.line([(frame.left, frame.top), (frame.left, frame.bottom)], GREY)
    if title:
        middle = (frame.top + frame.bottom) / 2
        drawing.label(frame.left - 42, middle, title, anchor="middle", turned=True)


def x_axis(drawing: Drawing, x: Scale, frame: Frame, ticks: Iterable[tuple[float, str]], title: str) -> None:
    """The base line with its ticks, and the title below."""
    drawing.line([(frame.left, frame.bottom), (frame.right, frame.bottom)], GREY)
    for tick, text in ticks:
        at = x.at(tick)
        drawing.line([(at, frame.bottom), (at, frame.bottom + 4)], GREY)
        drawing.place([SceneLabel(round(at, 1), frame.bottom + 17, text, TICK_SIZE, "middle", GREY)])
    if title:
        drawing.label(frame.middle, frame.bottom + 36, title, size=11, anchor="middle", colour=INK)
