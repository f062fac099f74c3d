"""``index.html`` beside the result folders: every run, newest first, a heading a day."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.domain.findings import RunVerdict
from pipeline.domain.message import Message
from pipeline.record.document import PAGE, PDF, WHY, WORKBOOK
from pipeline.record.job import ListedRun
from pipeline.report.page.environment import TEMPLATES, template
from pipeline.report.page.status import trouble
from pipeline.report.tables.columns import said
from pipeline.report.tables.run_columns import INDEX, ListedRow
from pipeline.report.tables.sample_columns import TO_REPEAT
from pipeline.report.words.text import counted
from pipeline.report.words.tones import TONES, Value

_WIDTHS = {"processed_at": 4.2, "verdict": 16, "assay": 9, "plate": 6, "reportable": 6.9, TO_REPEAT: 6.6}
"""Of the columns, in rem; the others share the rest."""


@dataclass(frozen=True, slots=True)
class RunIndex:
    """Everything on the page."""

    title: str
    written_at: str
    """ISO 8601, local."""
    runs: Sequence[ListedRun]
    """Newest first."""
    failed_in: str = ""
    """Folder of the failed runs, relative to the page, with a slash; empty when they lie beside it."""


@dataclass(frozen=True, slots=True)
class Day:
    """The runs of one day, newest first, and what came of them in words."""

    date: str
    text: str
    runs: tuple[ListedRun, ...]


def run_index_html(index: RunIndex) -> bytes:
    """Draw the page: one file, nothing loaded from elsewhere, all text escaped, whole without its script."""
    script = (TEMPLATES / "run_index.js").read_text(encoding="utf-8").strip()
    html = template("run_index.html.j2").render(
        index=index,
        fields=INDEX,
        widths=_WIDTHS,
        cells=_cells,
        remark=remark,
        files={"WHY": WHY, "PAGE": PAGE, "WORKBOOK": WORKBOOK, "PDF": PDF},
        days=days(index.runs),
        tones=TONES,
        count=counted(len(index.runs), "run"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    return html.encode("utf-8", "backslashreplace")


def days(runs: Sequence[ListedRun]) -> list[Day]:
    """Group runs by the day of their processing; their order stays."""
    groups = groupby(runs, key=lambda listed: listed.line.processed_at[:10])
    return [_day(date, tuple(members)) for date, members in groups]


def _day(date: str, runs: tuple[ListedRun, ...]) -> Day:
    lines = [listed.line for listed in runs]
    failed = sum(line.failed for line in lines)
    parts = [counted(len(lines) - failed, "plate"), counted(sum(line.samples for line in lines), "sample")]
    for count, text in (
        (sum(line.not_reportable for line in lines), "not reportable"),
        (sum(line.repeats for line in lines), "to repeat or check"),
        (sum(line.verdict == RunVerdict.REJECTED.value for line in lines), "rejected"),
        (failed, "not processed"),
    ):
        if count:
            parts.append(Message("{n:n} {what:t}", n=count, what=text))
    return Day(date or "without a date", ", ".join(parts), runs)


def remark(listed: ListedRun) -> str:
    """What is to be known beyond the verdict; empty when there is nothing."""
    line = listed.line
    parts = [
        f"superseded by {listed.replaced_by}" if listed.replaced_by else "",
        f"supersedes {line.supersedes}" if line.supersedes else "",
        f"reviewed: {listed.line.review}" if listed.line.review else "",
        line.message or "" if line.failed else trouble(line),
    ]
    return "; ".join(filter(None, parts))


def _cells(listed: ListedRun) -> list[Value]:
    row = ListedRow(listed)
    return [said(field, row) for field in INDEX]
