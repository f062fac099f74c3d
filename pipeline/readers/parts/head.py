"""What a reader may look at to recognise a file: its first lines, with an index of the texts in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pipeline.domain.message import Message
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
    texts: dict[str, Message]
    """Texts of the cells in small letters, without no-break spaces -> place of the first one."""
    listed: str
    """The same texts, each behind a line break, in which beginnings are sought."""

    def find(self, *beginnings: str) -> Message | None:
        """The first cell that begins so, as ``'text' in line 3``; beginnings in small letters."""
        starts = [at for begun in beginnings if (at := self.listed.find(f"\n{begun}")) >= 0]
        if not starts:
            return None
        text = self.listed[min(starts) + 1 :].partition("\n")[0]
        return seen(text[:40], self.texts[text])

    def starts(self, beginning: str) -> Message | None:
        """Does the file itself begin so? Case counts."""
        first = next((cell for sheet in self.sheets for row in sheet.rows for cell in row if cell), None)
        found = isinstance(first, str) and first.lstrip("\ufeff").startswith(beginning)
        return Message("{sign} at the start", sign=f"'{beginning}'") if found else None

    @property
    def description(self) -> str:
        """For a refusal: what the file begins with."""
        rows = (row for sheet in self.sheets for row in sheet.rows if any(cell_text(c).strip() for c in row))
        first = " | ".join(cell_text(cell).strip() for cell in next(rows, []) if cell_text(cell).strip())
        return f"{self.form} beginning with '{first[:80]}'" if first else f"an empty {self.form}"


def seen(sign: str, place: Message) -> Message:
    """What a file was recognised by: ``'text' in line 3``."""
    return Message("{sign} in {place:t}", sign=f"'{sign}'", place=place)


def with_another(first: Message, other: Message) -> Message:
    """Two signs together: ``'text' in line 3, with 'other' in line 8``."""
    return Message("{first:t}, with {other:t}", first=first, other=other)


def small(text: str) -> str:
    """A text as it is compared: small letters, single ordinary spaces, no spaces around."""
    return " ".join(text.split()).casefold()


@lru_cache(maxsize=2)  # every reader looks at the same head
def head_of(data: bytes) -> Head:
    """Prepare the head of a file; raises InputError for what is neither text nor a readable workbook."""
    document = open_document(data)
    sheets = tuple(sheet.part(0, HEAD_LINES) for sheet in document.sheets)
    texts = _texts(document)
    return Head(document.form, sheets, texts, "".join(f"\n{text}" for text in texts))


def _texts(document: Document) -> dict[str, Message]:
    texts: dict[str, Message] = {}
    for sheet in document.sheets:
        for index, row in enumerate(sheet.rows[:HEAD_LINES]):
            for column, cell in enumerate(row):
                if isinstance(cell, str) and cell and cell[0] not in _NUMBER_STARTS:
                    texts.setdefault(small(cell), place_of(sheet, index + 1, column))
    return texts


def place_of(sheet: Sheet, line: int, column: int) -> Message:
    """Place of a cell: line of a text, sheet and cell of a workbook."""
    if sheet.from_text:
        return Message("line {n:n}", n=line)
    cell = f"{column_letters(column)}{line}"
    if not sheet.name:
        return Message("cell {cell}", cell=cell)
    return Message("sheet {name}, cell {cell}", name=f"'{sheet.name}'", cell=cell)
