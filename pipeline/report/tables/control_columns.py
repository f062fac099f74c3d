"""The columns of controls: those of samples, and what is expected of a control."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.message import Message
from pipeline.domain.record import RunRecord
from pipeline.domain.results import ControlResult
from pipeline.report.language import Given, pieces
from pipeline.report.tables import sample_columns as samples
from pipeline.report.tables.columns import Field, Table, pick, table_of
from pipeline.report.tables.sample_words import hnk1_status
from pipeline.report.words.tones import Format


@dataclass(frozen=True, slots=True)
class ControlRow(samples.SampleRow):
    """A control with its result; the columns of samples tell of that."""

    control: ControlResult


def _name_and_lot(row: ControlRow) -> str:
    name, lot = Given(row.control.name), row.control.lot
    return name if lot is None else pieces(name, ", lot ", Given(lot))


def _hnk1(row: ControlRow) -> str:
    expected = row.control.expected_hnk1
    status = hnk1_status(row.sample)
    if expected is None:
        return status
    return Message("{seen:t}, expected {wanted:t}", seen=status, wanted=expected)


COLUMNS: tuple[Field[ControlRow], ...] = (
    Field("Control", Format.GIVEN, lambda row: row.control.name, "control"),
    Field("Control", Format.TEXT, _name_and_lot, "name_and_lot"),
    Field("Kind", Format.TEXT, lambda row: row.control.kind, "kind"),
    *samples.COLUMNS,
    Field("HNK1", Format.PROSE, _hnk1, "hnk1"),
    Field("Target", Format.TITER, lambda row: row.control.target or None, "target"),
    Field("Recovery %", Format.PERCENT, lambda row: row.control.recovery_percent, "recovery"),
    Field("Lot", Format.PROSE, lambda row: row.control.lot, "lot"),
)
_RESULT = "class_in_words titer_qualifier titer titer_low_95 titer_high_95 titer_unit"
_SHEET = pick(COLUMNS, f"control kind {_RESULT} hnk1 target recovery lot")
_LINES = pick(COLUMNS, "name_and_lot kind class_in_words titer_line target recovery hnk1")


def rows_of(record: RunRecord) -> tuple[ControlRow, ...]:
    """The controls of a run, in its order."""
    return tuple(ControlRow(control.result, record, control) for control in record.controls)


def controls(record: RunRecord) -> Table:
    """Controls against what is expected of them; the columns stand as in the summary of samples."""
    return table_of("Controls", samples.fitting(_SHEET, record), rows_of(record))


def control_lines(record: RunRecord) -> Table:
    """One line a control for reading: titer with unit and interval in one cell."""
    return table_of("Controls", samples.fitting(_LINES, record), rows_of(record))
