"""Lots of kits, calibrators, conjugates, plates and controls, as the lab declares them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import BeforeValidator, StringConstraints, model_validator

from pipeline.domain.declared import Declared, Positive
from pipeline.domain.lot_use import product_label
from pipeline.domain.message import Message

Kind = Literal["kit", "calibrator", "conjugate", "plate", "control"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""In the order in which a report lists them."""


def _toml_date(value: object) -> object:
    if type(value) is not date:  # a datetime is a date too
        msg = "a date is written as 2026-12-31, without quotes and without a time"
        raise ValueError(msg)
    return value


Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Day = Annotated[date, BeforeValidator(_toml_date)]
Product: TypeAlias = tuple[Kind, str | None]
"""What a lot is a lot of: a kind, with the control's name for controls."""


class Lot(Declared):
    """One lot and the days on which it is in use, the last one included."""

    kind: Kind
    name: Label | None = None
    """The control's name in the assay; other kinds have none."""
    lot: Label
    assays: tuple[Label, ...] = ()
    """Folder names of the assays that use it; empty means all."""
    in_use_from: Day
    in_use_until: Day | None = None
    """None: until further notice."""
    expires: Day
    """Last day on which it may be used."""
    target: Positive | None = None
    """Of a control, in the assay's unit; None keeps the assay's target."""
    source: Label | None = None
    """Where the target comes from."""

    @model_validator(mode="after")
    def _fits(self) -> Lot:
        faults = {
            "a control lot needs name, the control's name in the assay": self._is_control and not self.name,
            "name belongs to control lots only": bool(self.name) and not self._is_control,
            "target belongs to control lots only": self.target is not None and not self._is_control,
            "a target needs its source": self.target is not None and self.source is None,
            "in_use_until is before in_use_from": not self.in_use_from <= self._last,
        }
        for message, found in faults.items():
            if found:
                raise ValueError(message)
        return self

    @property
    def label(self) -> str:
        """What it is a lot of, in words."""
        return product_label(*self.product)

    @property
    def product(self) -> Product:
        """What it is a lot of."""
        return self.kind, self.name

    @property
    def _is_control(self) -> bool:
        return self.kind == "control"

    @property
    def _last(self) -> date:
        return self.in_use_until or date.max

    def serves(self, assay: str) -> bool:
        """Is it a lot for the assay in this folder?"""
        return not self.assays or assay in self.assays

    def in_use(self, day: date) -> bool:
        """Is it in use on this day?"""
        return self.in_use_from <= day <= self._last

    def overlaps(self, other: Lot) -> bool:
        """Is there a day on which both are in use?"""
        return self.in_use_from <= other._last and other.in_use_from <= self._last

    @property
    def period(self) -> Message:
        """``from 2026-01-01 to 2026-06-30``, or ``from 2026-01-01``."""
        start = self.in_use_from.isoformat()
        if self.in_use_until is None:
            return Message("from {start}", start=start)
        return Message("from {start} to {end}", start=start, end=self.in_use_until.isoformat())


class LotBook(Declared):
    """The lot file of a workspace."""

    lot: tuple[Lot, ...] = ()

    def of_assay(self, assay: str) -> tuple[Lot, ...]:
        """The lots that serve the assay in this folder."""
        return tuple(lot for lot in self.lot if lot.serves(assay))
