"""Why no reference wavelength was subtracted, where the assay asks for one."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.codes.code import Code
from pipeline.domain.message import Message


@dataclass(frozen=True, slots=True)
class ReferenceMeaning:
    """One row."""

    template: str
    lost: bool = True
    """The reference is missing, not subtracted already."""


class NoReference(Code):
    """Of one plate."""

    means: ReferenceMeaning

    REDUCED = (
        "reduced",
        ReferenceMeaning(
            "the export holds already reduced values; nothing more was subtracted",
            lost=False,
        ),
    )
    UNNAMED = (
        "unnamed",
        ReferenceMeaning("the export states no wavelength; its values were used as they are"),
    )
    MISSING = (
        "missing",
        ReferenceMeaning("the export has no reference wavelength ({nm:n} nm); nothing was subtracted"),
    )

    @classmethod
    def unknown(cls, text: str) -> ReferenceMeaning:
        """Shown as it is."""
        return ReferenceMeaning(text)

    def says(self, **values: str | int) -> Message:
        """The note of the reading."""
        return Message(self.means.template, **values)
