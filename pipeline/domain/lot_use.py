"""What a run used of the declared lots. Apart from :mod:`lots`, so that reports load without pydantic."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.lots import product_label

NO_LOT_FILE = "there is no lot file"
"""Reason of a lot that only the layout names, in a run without a lot file: nothing can be said of it."""


@dataclass(frozen=True, slots=True)
class LotUse:
    """What a run used of one kind, or for one control. Dates are ISO 8601."""

    kind: str
    name: str | None
    """The control's name; None for other kinds."""
    lot: str | None
    """None where no lot is known."""
    expires: str | None
    days_left: int | None
    """Days from the run to the expiry: 0 on the last day, below 0 after it."""
    reason: str | None = None
    """Why the lot is not known or not in use; None where all is well."""

    @property
    def label(self) -> str:
        """``conjugate`` or ``control PC1``."""
        return product_label(self.kind, self.name)
