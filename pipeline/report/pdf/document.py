"""``report.pdf``: the report on A4 pages, drawn from the same contents as ``report.html``."""

from __future__ import annotations

from pipeline.domain.record import RunRecord
from pipeline.report.drawing.charts import Scenes, scenes_of
from pipeline.report.drawing.scene import GREY
from pipeline.report.first_page.contents import Contents, contents
from pipeline.report.pdf.canvas import INNER, MARGIN, Canvas, Properties
from pipeline.report.pdf.first import first_page
from pipeline.report.pdf.strip import draw_strips
from pipeline.report.pdf.table import draw_columns, draw_table
from pipeline.report.pdf.text import heading, section
from pipeline.report.words.text import short

_LONGEST = 200
_TO_READ = "Findings to read"
_SMALL = 6.2
_HEADING = 34.0
"""Height of a section's heading, which stays with the picture below it."""
_NARROW = 0.75
"""Share of the page that a small table takes."""


def report_pdf(record: RunRecord, scenes: Scenes | None = None) -> bytes:
    """The whole report; the same bytes for the same record.

    Args:
        record: of a finished run.
        scenes: its drawings, when another report has already made them.
    """
    said = contents(record, scenes or scenes_of(record))
    canvas = Canvas(_properties(record, said), said.language)
    first_page(canvas, said)
    if said.view.findings_first:
        section(canvas, _TO_READ)
        draw_table(canvas, said.loud, size=_SMALL)
    if said.worklist.rows:
        section(canvas, "To repeat or check")
        draw_table(canvas, said.worklist)
    draw_strips(canvas, said)
    if said.texts.rows:
        section(canvas, "Result texts")
        draw_table(canvas, said.texts)
    _past(canvas, said)
    _findings(canvas, said)
    _numbers(canvas, said)
    _provenance(canvas, said)
    return canvas.finish()


def _properties(record: RunRecord, said: Contents) -> Properties:
    run, put = record.run, said.language.put
    title = short(f"{said.view.word.text}: {said.view.heading}, {said.view.title}", _LONGEST)
    return Properties(
        title=title,
        subject=short(put("QC report of run {id}", id=run.id), _LONGEST),
        author=short(run.operator, _LONGEST),
        creator=f"titerline {run.software.titerline}",
        date=run.processed_at,
        footer=" \u00b7 ".join(
            (
                put("Run {id}", id=run.id),
                put("{assay}, version {version}", assay=run.assay, version=run.assay_version),
                f"titerline {run.software.titerline}",
            )
        ),
    )


def _past(canvas: Canvas, said: Contents) -> None:
    if said.past is not None:
        canvas.need(_HEADING + INNER * said.past.height / said.past.width)
        section(canvas, "Controls over past runs")
        canvas.y += canvas.scene(said.past, MARGIN, canvas.y, INNER) + 2


def _findings(canvas: Canvas, said: Contents) -> None:
    if not said.view.findings_first:
        section(canvas, _TO_READ)
        draw_table(canvas, said.loud, size=_SMALL)
    section(canvas, "Findings: passed or not evaluated")
    draw_table(canvas, said.quiet, size=_SMALL)
    section(canvas, "Wells not used")
    draw_table(canvas, said.unused, size=_SMALL)


def _numbers(canvas: Canvas, said: Contents) -> None:
    section(canvas, "Curve, controls and blanks in numbers")
    for curve in said.curves:
        heading(canvas, canvas.put("Calibrators, {antigen}", antigen=curve.antigen))
        draw_table(canvas, curve.calibrators)
        if curve.parameters.rows:
            heading(canvas, canvas.put("Parameters of the curve, {antigen}", antigen=curve.antigen))
            draw_table(canvas, curve.parameters, room=INNER * _NARROW)
    heading(canvas, "Controls")
    draw_table(canvas, said.controls)
    heading(canvas, "Blanks")
    draw_table(canvas, said.blanks, room=INNER * _NARROW)


def _provenance(canvas: Canvas, said: Contents) -> None:
    section(canvas, "Provenance")
    for table in said.provenance:
        heading(canvas, table.title)
        if len(table.columns) == 2:  # noqa: PLR2004 - a label and its value
            draw_columns(canvas, table)
        else:
            draw_table(canvas, table, size=_SMALL)
    canvas.need(16)
    note = canvas.say("A view of results.json, which is the record.")
    canvas.text(MARGIN, canvas.y + 12, note, size=6.5, colour=GREY)
