"""The result text of a sample of a run, as text and as the document ``titerline.letter/1``."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.compute.sample.result_text import reported
from pipeline.domain.record import RunRecord
from pipeline.errors import InputError, nearest
from pipeline.report.language import language_of
from pipeline.report.tables.sample_columns import SampleRow, rows_of
from pipeline.report.words.text import visible


def letter_rows(record: RunRecord, sample_id: str) -> tuple[SampleRow, ...]:
    """The samples with this id: one, or more where a serum stands on the plate more than once.

    Raises:
        InputError: no sample of the run has this id.
    """
    found = tuple(row for row in rows_of(record) if row.sample.sample_id == sample_id)
    if not found:
        ids = sorted({sample.sample_id for sample in record.samples})
        raise InputError(
            "NO_SAMPLE",
            f"the run has no sample '{sample_id}'{nearest(sample_id, ids)}",
            file=record.run.id,
            expected=", ".join(ids) or None,
        )
    return found


def letter_text(rows: Sequence[SampleRow]) -> str:
    """A line a sample, in the language of the run's reports."""
    return "\n".join(map(_line, rows))


def _line(row: SampleRow) -> str:
    language = language_of(row.record)
    text = row.sample.result_text or row.sample.explanation
    return f"{visible(row.sample.sample_id)} ({visible(row.sample.slot)}): {visible(language.say(text))}"


def letter_document(rows: Sequence[SampleRow]) -> dict[str, object]:
    """For ``--json``."""
    return {
        "schema": "titerline.letter/1",
        "run": rows[0].record.run.id,
        "samples": [
            {
                "sample_id": row.sample.sample_id,
                "slot": row.sample.slot,
                "reportable": row.sample.reportable,
                "titer_reported": reported(row.sample.titer),
                "result_text": row.sample.result_text,
            }
            for row in rows
        ],
    }
