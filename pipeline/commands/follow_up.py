"""``titerline follow-up``: its arguments, and what it prints."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from pipeline.errors import InputError

PICTURES = ("svg", "png")


def add_follow_up(command: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    command.add_argument("reports", type=Path, metavar="REPORTS", help="the folder with the runs' folders")
    command.add_argument("--patient", required=True, metavar="CODE", help="patient_code of the sample sheets")
    command.add_argument("--assay", metavar="NAME", help="where the patient has results in several assays")
    command.add_argument(
        "--fold", type=float, default=4.0, help="a change that counts by itself (default: 4)"
    )
    command.add_argument(
        "--fall", type=float, default=60.0, metavar="PERCENT", help="the fall to mark (default: 60)"
    )
    command.add_argument(
        "--chart", type=Path, metavar="FILE", help="also draw the course: a .svg or .png file"
    )
    command.add_argument("--json", action="store_true", help="one JSON document on standard output")


def follow_up_command(options: argparse.Namespace) -> int:
    """Print text or JSON, and write the chart where one is asked for; the exit code is 0."""
    from pipeline.runs.follow_up import FollowUpRequest, follow_up
    from pipeline.runs.follow_up_text import follow_up_document, follow_up_text

    kind = _kind(options.chart)
    request = FollowUpRequest(options.patient, options.assay, options.fold, options.fall)
    found = follow_up(options.reports, request)
    if kind is not None:
        from pipeline.runs.follow_up_chart import follow_up_chart

        options.chart.write_bytes(follow_up_chart(found, kind))
    document = follow_up_document(found)
    print(json.dumps(document, ensure_ascii=False) if options.json else follow_up_text(found))
    return 0


def _kind(chart: Path | None) -> str | None:
    """Kind of the picture, known before anything is computed."""
    if chart is None:
        return None
    kind = chart.suffix.lower().removeprefix(".")
    if kind not in PICTURES:
        raise InputError(
            "PICTURE_KIND", "this kind of picture is not known", file=str(chart), expected=".svg or .png"
        )
    return kind
