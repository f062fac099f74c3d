"""A workbook of results as somebody edited and saved it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from openpyxl import load_workbook

from pipeline.domain.record import RunRecord
from pipeline.report.excel.workbook import workbook

Edit = Callable[[Any], object]
"""Changes an openpyxl workbook."""


def edited(record: RunRecord, edit: Edit) -> bytes:
    """The workbook of a record with a change, saved by another writer."""
    book = load_workbook(io.BytesIO(workbook(record)))
    edit(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
