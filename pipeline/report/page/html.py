"""``report.html``: the record as one self-contained page. No script, no outside file, prints on A4."""

from __future__ import annotations

from pipeline.domain.record import RunRecord
from pipeline.report.drawing.charts import Scenes, scenes_of
from pipeline.report.first_page.contents import SIGNATURES, contents
from pipeline.report.page.environment import template
from pipeline.report.words.tones import TONES


def page(record: RunRecord, scenes: Scenes | None = None) -> bytes:
    """The whole page, UTF-8.

    Args:
        record: of a finished run.
        scenes: its drawings, when another report has already made them.
    """
    said = contents(record, scenes or scenes_of(record))
    text = template("report.html.j2", said.language).render(
        run=record.run, said=said, signatures=SIGNATURES, tones=TONES
    )
    return text.encode("utf-8")
