"""What is in which well, and which sample is in which slot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.domain.wells import Well


class Role(StrEnum):
    """What a well is for."""

    CALIBRATOR = "calibrator"
    BLANK = "blank"
    CONTROL = "control"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class WellUse:
    """The use of one well.

    ``name`` is the calibrator level, control name or sample slot (empty for a blank); ``antigen`` is the
    coating; ``dilution`` the reciprocal serum dilution (1:1000 is 1000), None where none applies;
    ``competitor`` what the serum was treated with.
    """

    role: Role
    name: str
    antigen: str
    dilution: float | None = None
    competitor: str | None = None
    lot: str | None = None

    @property
    def condition(self) -> str:
        """Coating and treatment: wells of one serum and dilution under the same condition are replicates."""
        return self.antigen if self.competitor is None else f"{self.antigen} + {self.competitor}"


@dataclass(frozen=True, slots=True)
class PlateLayout:
    """The drawn plate: well -> use; a well that is absent is unused."""

    rows: int
    columns: int
    uses: Mapping[Well, WellUse]
    source: str
    """File name, for messages."""

    def wells(self, role: Role, name: str | None = None) -> list[Well]:
        """Wells of a role (and name), row by row."""
        return sorted(w for w, use in self.uses.items() if use.role is role and name in (None, use.name))

    def names(self, role: Role) -> list[str]:
        """Names of a role in the order in which they appear on the plate, column of blocks by column."""
        seen = sorted((w.column, w.row, use.name) for w, use in self.uses.items() if use.role is role)
        return list(dict.fromkeys(name for _, _, name in seen))

    def antigens(self) -> list[str]:
        """Coatings in use, in order of first appearance."""
        return list(dict.fromkeys(self.uses[w].antigen for w in sorted(self.uses)))


@dataclass(frozen=True, slots=True)
class SampleEntry:
    """One line of a sample sheet; ids are text exactly as typed."""

    slot: str
    sample_id: str
    plate: str | None = None
    barcode: str | None = None
    """Of the plate, where the sheet names one."""
    patient_code: str | None = None
    prior_dilution: float = 1.0
    """Reciprocal dilution before the plate; multiplies every titer of the sample."""
    collected_on: str | None = None
    comment: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SampleSheet:
    """Which sample is in which slot of which plate of one export."""

    name: str
    sha256: str
    entries: tuple[SampleEntry, ...]
