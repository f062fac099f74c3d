"""Why a lot is not known, or not in use."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.codes.code import Code
from pipeline.domain.message import Message


@dataclass(frozen=True, slots=True)
class LotMeaning:
    """One row."""

    template: str
    judged: bool = True
    """Is it held against the run? Where there is no lot file, nothing can be said of a lot."""


class LotProblem(Code):
    """Of one lot in one run."""

    means: LotMeaning

    NO_LOT_FILE = "no_lot_file", LotMeaning("there is no lot file", judged=False)
    NOT_IN_FILE = "not_in_file", LotMeaning("not in the lot file")
    NONE_IN_USE = "none_in_use", LotMeaning("no lot is in use on {day}")
    NOT_IN_USE = "not_in_use", LotMeaning("in use {period:t}, not on {day}")

    @classmethod
    def unknown(cls, text: str) -> LotMeaning:
        """Shown as it is."""
        return LotMeaning(text)

    def says(self, **values: str | int) -> Message:
        """The problem in words."""
        return Message(self.means.template, **values)
