"""The language of reports. The record is English and stays so; a report is translated while it is written.

``given`` marks text that is never translated, ``catalogue`` reads the texts of a language, ``language`` says
them, ``spoken`` says the contents of a whole report.
"""

from __future__ import annotations

from pipeline.domain.record import RunRecord
from pipeline.report.language.given import Given, Label, Pieces, Subject, Unclosed, Unit, listed, pieces
from pipeline.report.language.language import ENGLISH, Language, language

__all__ = [
    "ENGLISH",
    "Given",
    "Label",
    "Language",
    "Pieces",
    "Subject",
    "Unclosed",
    "Unit",
    "language",
    "language_of",
    "listed",
    "pieces",
]


def language_of(record: RunRecord) -> Language:
    """The language that the reports of a record are written in."""
    return language(record.reports.language, record.reports.decimal)
