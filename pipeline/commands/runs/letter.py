"""``titerline letter``: the result text of a sample."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.commands.parts.output import answer
from pipeline.commands.parts.parser import Commands, add_command, add_json
from pipeline.errors import DONE


def add(commands: Commands) -> argparse.ArgumentParser:
    """The run, the sample, and the file of the letter."""
    example = "titerline letter elisa/reports/2026-02-17_p_1a2b3c4d --sample SYN-0101 -o SYN-0101.pdf"
    command = add_command(commands, "letter", "The result text of a sample.", example)
    command.add_argument("result", metavar="RUN", help="a run id, or a folder with the result of a run")
    command.add_argument("--sample", required=True, metavar="ID", help="sample_id of the sample sheet")
    command.add_argument("-o", "--output", type=Path, metavar="FILE.pdf", help="also write it as a letter")
    help_ = "workspace of the run, where only its id is named (default: here)"
    command.add_argument("--in", dest="place", type=Path, default=Path(), metavar="WORKSPACE", help=help_)
    add_json(command)
    return command


def run(options: argparse.Namespace) -> int:
    """Print the text, and write the letter where one is asked for."""
    from pipeline.record.folder import read_record
    from pipeline.runs.letter import letter_document, letter_rows, letter_text
    from pipeline.runs.place import run_folder

    record = read_record(run_folder(options.result, options.place))
    rows = letter_rows(record, options.sample)
    if options.output is not None:
        from pipeline.report.pdf.letter import letter_pdf

        options.output.write_bytes(letter_pdf(rows))
    answer(options, letter_document(rows), letter_text(rows))
    return DONE
