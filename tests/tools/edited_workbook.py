"""A workbook of results as somebody edited and saved it."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from typing import Any

from openpyxl import load_workbook

from pipeline.domain.record import RunRecord
from pipeline.record.document import from_json, to_json
from pipeline.report.excel.workbook import workbook

Edit = Callable[[Any], object]
"""Changes an openpyxl workbook."""


@cache
def _written(document: bytes) -> bytes:
    """The workbook of a record in JSON; many tests edit the same."""
    return workbook(from_json(document))


def edited(record: RunRecord, edit: Edit) -> bytes:
    """The workbook of a record with a change, saved by another writer."""
    book = load_workbook(io.BytesIO(_written(to_json(record))))
    edit(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
