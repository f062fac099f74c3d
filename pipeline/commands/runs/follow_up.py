"""``titerline follow-up``: one patient's titers over visits."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.commands.parts.output import answer
from pipeline.commands.parts.parser import Commands, add_command, add_json
from pipeline.errors import DONE, InputError

PICTURES = ("svg", "png")


def add(commands: Commands) -> argparse.ArgumentParser:
    """The folder of the runs, the patient, and which changes count."""
    example = "titerline follow-up elisa/reports --patient P-17"
    command = add_command(commands, "follow-up", "One patient's titers over visits.", example)
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
    add_json(command)
    return command


def run(options: argparse.Namespace) -> int:
    """Print text or JSON, and write the chart where one is asked for."""
    from pipeline.runs.follow_up import FollowUpRequest, follow_up
    from pipeline.runs.follow_up_text import follow_up_document, follow_up_text

    kind = _kind(options.chart)
    request = FollowUpRequest(options.patient, options.assay, options.fold, options.fall)
    found = follow_up(options.reports, request)
    if kind is not None:
        from pipeline.runs.follow_up_chart import follow_up_chart

        options.chart.write_bytes(follow_up_chart(found, kind))
    answer(options, follow_up_document(found), follow_up_text(found))
    return DONE


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
