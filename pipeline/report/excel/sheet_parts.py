"""What all sheets share: a listing with frozen headings, the set-up for print, protection."""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.domain.record import RunRecord
from pipeline.report.excel.cells import SheetWriter
from pipeline.report.tables.columns import Table
from pipeline.report.words.text import short, visible

_A4 = 9
_PAGE_WIDTH = 785.0
"""Of A4 across between the margins, in points."""
_POINTS_PER_CHARACTER = 7.4
"""Of column width; 5.25 with Excel's font, more with the wide one that may take its place elsewhere."""
_SMALLEST_SCALE = 10
"""Percent, by the file format."""
_HEADER_LENGTH = 90
"""A header holds 255 characters in all."""


def listing(sheet: SheetWriter, table: Table, *, frozen_columns: int) -> tuple[int, int]:
    """A table that starts the sheet: headings frozen, filtered and repeated on each printed page.

    Returns the rows of its heading and of its last line.
    """
    top, bottom = sheet.table(table, titled=False)
    sheet.ws.freeze_panes = f"{get_column_letter(frozen_columns + 1)}{top + 1}"
    if table.rows:
        sheet.ws.auto_filter.ref = f"A{top}:{get_column_letter(len(table.columns))}{bottom}"
    sheet.ws.print_title_rows = f"{top}:{top}"
    return top, bottom


def set_up(ws: Worksheet, record: RunRecord) -> None:
    """Landscape A4, one page wide, run and page below."""
    ws.sheet_view.showGridLines = False
    ws.page_setup.orientation = "landscape"
    ws.page_setup.paperSize = _A4
    ws.print_options.horizontalCentered = True
    if ws.page_setup.scale is None:
        ws.page_setup.fitToWidth = 1
        ws.page_setup.fitToHeight = ws.page_setup.fitToHeight or 0
        ws.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    ws.page_margins.left = ws.page_margins.right = 0.4
    ws.page_margins.top = ws.page_margins.bottom = 0.7
    ws.oddHeader = _ends(_header_text(record.run.assay_title or record.run.assay), _header_text(ws.title))
    ws.oddFooter = _ends(_header_text(record.run.id), "Page &P of &N")
    if not ws.print_area:
        ws.print_area = f"A1:{get_column_letter(ws.max_column)}{ws.max_row}"


def fixed_scale(sheet: SheetWriter) -> None:
    """One page wide by a scale of its own: programs that fit the page themselves pass over page breaks."""
    width = sum(sheet.widths.values()) * _POINTS_PER_CHARACTER
    sheet.ws.page_setup.scale = max(_SMALLEST_SCALE, min(100, int(100 * _PAGE_WIDTH / width)))


def _ends(left: str, right: str) -> HeaderFooterItem:
    item = HeaderFooterItem()
    item.left.text = left
    item.right.text = right
    return item


def _header_text(text: str) -> str:
    """``&`` starts a code in headers and footers."""
    return short(visible(text), _HEADER_LENGTH).replace("&", "&&")


def screen_only(ws: Worksheet) -> None:
    """The sheet takes no paper when the whole workbook is printed: its print area is one empty cell."""
    ws.print_area = f"{get_column_letter(ws.max_column + 2)}1"


def protect(ws: Worksheet) -> None:
    """Against slips of the hand, without a password; filters, sorting and the width of columns stay free."""
    ws.protection.sheet = True
    ws.protection.autoFilter = ws.protection.sort = False
    ws.protection.formatColumns = ws.protection.formatRows = False
