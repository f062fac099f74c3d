"""BMG SMART Control and MARS workbooks: numbered matrices under each other, one of them ``Raw Data``.

A second sheet repeats everything with the wells across; it is not read twice.
"""

from __future__ import annotations

from pipeline.domain.plate import PlateRead
from pipeline.readers.bmg.mars import plate
from pipeline.readers.parts.head import Head, with_another
from pipeline.readers.parts.plates import finish
from pipeline.readers.parts.sections import value_of
from pipeline.tables.document import Document

NAME = "BMG SMART Control"


def sniff(head: Head) -> str | None:
    """``User: `` at the start of a workbook, and ``Test Name:``."""
    opens = head.starts("User: ") if head.form in {"xlsx", "xls"} else None
    test = head.find("test name:")
    return with_another(opens, test) if opens and test else None


def read(document: Document) -> list[PlateRead]:
    """Read the plate of the workbook; its last id names it."""
    draft = plate(document)
    for sheet in document.sheets:
        if sheet.name.startswith("Table"):
            draft.keep_lines(sheet, 0, len(sheet.rows), sheet.name)
    ids = (value_of(document.sheets, f"id{number}") for number in (3, 2, 1))
    draft.name = next((text for text in ids if text), "")
    return finish([draft], document, keys={"id1": "id1", "id2": "id2", "id3": "id3"})
