"""Reports: ``results.json``, ``results.xlsx``, ``report.html`` and ``worklist.csv``, views of one record.

``document`` writes and reads the record itself. ``words``, ``tables``, ``worklist``, ``view``,
``provenance``, ``charts`` and ``platemap`` turn it into words, rows and drawings without touching a file;
``excel``, ``html`` and ``figures`` write what those say and decide nothing. The packages that draw and
write are imported on the first call, so that importing this package costs nothing.
"""

from __future__ import annotations

from pipeline.domain.record import RunRecord


def render(record: RunRecord) -> dict[str, bytes]:
    """All reports of a run, in memory: file name -> content.

    Raises:
        ValueError: the record holds NaN or infinity; the message names the place.
    """
    from pipeline.report.document import to_json  # noqa: PLC0415 - see the module's docstring
    from pipeline.report.excel import workbook  # noqa: PLC0415 - see the module's docstring
    from pipeline.report.html import page  # noqa: PLC0415 - see the module's docstring
    from pipeline.report.worklist import worklist_csv  # noqa: PLC0415 - see the module's docstring

    return {
        "results.json": to_json(record),
        "results.xlsx": workbook(record),
        "report.html": page(record),
        "worklist.csv": worklist_csv(record),
    }
