"""What a reader may look at to recognise a file: its first lines, with an index of the texts in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pipeline.tables.cells import cell_text, column_letters
from pipeline.tables.document import Document, open_document
from pipeline.tables.workbook import Sheet

HEAD_LINES = 120
"""Lines of each sheet in which signs are looked for."""
_NUMBER_STARTS = frozenset("0123456789.,-+")


@dataclass(frozen=True, slots=True)
class Head:
    """The first lines of every sheet of a document."""

    form: str
    """``text``, ``xlsx``, ``xls`` or ``xml``."""
    sheets: tuple[Sheet, ...]
    """Cut after ``HEAD_LINES`` lines."""
    texts: dict[str, str]
    """Texts of the cells in small letters, without no-break spaces -> place of the first one."""

    def find(self, *beginnings: str) -> str | None:
        """The first cell that begins so, as ``'text' in line 3``; beginnings in small letters."""
        for text, place in self.texts.items():
            if text.startswith(beginnings):
                return f"'{text[:40]}' in {place}"
        return None

    def starts(self, beginning: str) -> str | None:
        """Does the file itself begin so? Case counts."""
        first = next((cell for sheet in self.sheets for row in sheet.rows for cell in row if cell), None)
        found = isinstance(first, str) and first.lstrip("\ufeff").startswith(beginning)
        return f"'{beginning}' at the start" if found else None

    @property
    def description(self) -> str:
        """For a refusal: what the file begins with."""
        rows = (row for sheet in self.sheets for row in sheet.rows if any(cell_text(c).strip() for c in row))
        first = " | ".join(cell_text(cell).strip() for cell in next(rows, []) if cell_text(cell).strip())
        return f"{self.form} beginning with '{first[:80]}'" if first else f"an empty {self.form}"


def small(text: str) -> str:
    """A text as it is compared: small letters, single ordinary spaces, no spaces around."""
    return " ".join(text.split()).casefold()


@lru_cache(maxsize=2)  # every reader looks at the same head
def head_of(data: bytes) -> Head:
    """Prepare the head of a file; raises InputError for what is neither text nor a readable workbook."""
    document = open_document(data)
    sheets = tuple(sheet.part(0, HEAD_LINES) for sheet in document.sheets)
    return Head(document.form, sheets, _texts(document))


def _texts(document: Document) -> dict[str, str]:
    texts: dict[str, str] = {}
    for sheet in document.sheets:
        where = f"sheet '{sheet.name}', " if sheet.name else ""
        for line, row in enumerate(sheet.rows[:HEAD_LINES], start=1):
            for column, cell in enumerate(row):
                if not isinstance(cell, str) or not cell or cell[0] in _NUMBER_STARTS:
                    continue
                spot = f"line {line}" if sheet.from_text else f"{where}cell {column_letters(column)}{line}"
                texts.setdefault(small(cell), spot)
    return texts
