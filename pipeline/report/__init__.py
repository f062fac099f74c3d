"""Reports: ``results.json``, ``.xlsx`` and ``.csv``, ``report.html``, ``report.pdf`` and ``worklist.csv``.

All are views of one record.

``document`` writes and reads the record itself. ``words``, ``tables``, ``worklist``, ``view``,
``provenance``, ``charts`` and ``platemap`` turn it into words, rows and drawings without touching a file;
``contents`` puts them in the order of the report; ``excel``, ``html``, ``pdf`` and ``figures`` write what
those say and decide nothing. The packages that draw and write are imported on the first call, so that
importing this package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.domain.record import RunRecord


def render(record: RunRecord) -> dict[str, bytes]:
    """All reports of a run, in memory: file name -> content.

    Raises:
        ValueError: the record holds NaN or infinity; the message names the place.
    """
    from pipeline.record import document  # noqa: PLC0415 - see the module's docstring
    from pipeline.report.drawing.charts import scenes_of  # noqa: PLC0415 - see the module's docstring
    from pipeline.report.excel.workbook import workbook  # noqa: PLC0415 - see the module's docstring
    from pipeline.report.page.html import page  # noqa: PLC0415 - see the module's docstring
    from pipeline.report.pdf.document import report_pdf  # noqa: PLC0415 - see the module's docstring
    from pipeline.report.tables.results_csv import results_csv  # noqa: PLC0415 - see the module's docstring
    from pipeline.report.tables.worklist import worklist_csv  # noqa: PLC0415 - see the module's docstring

    scenes = scenes_of(record)
    return {
        document.RECORD: document.to_json(record),
        document.WORKBOOK: workbook(record),
        document.PAGE: page(record, scenes),
        document.PDF: report_pdf(record, scenes),
        document.WORKLIST: worklist_csv(record),
        document.RESULTS_CSV: results_csv(record),
    }
