"""What a run used of the declared lots. Apart from :mod:`lots`, so that reports load without pydantic."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.domain import ADDED
from pipeline.domain.codes.lots import LotProblem


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
    """Why the lot is not known or not in use, in words; None where all is well."""
    problem: LotProblem | None = field(default=None, metadata=ADDED)
    """The code of ``reason``; None in records of versions without it."""

    @property
    def label(self) -> str:
        """``conjugate`` or ``control PC1``."""
        return product_label(self.kind, self.name)


def product_label(kind: str, name: str | None) -> str:
    """``conjugate`` or ``control PC1``."""
    return kind if name is None else f"{kind} {name}"
