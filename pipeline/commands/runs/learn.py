"""``titerline learn``: a dilution step's error and a cut-off from past runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.commands.parts.output import answer
from pipeline.commands.parts.parser import Commands, add_command, add_json
from pipeline.errors import DONE


def add(commands: Commands) -> argparse.ArgumentParser:
    """The folder of the runs, and the assay."""
    summary = "Learn a dilution step's error and a cut-off from past runs."
    command = add_command(commands, "learn", summary, "titerline learn elisa/reports --assay anti_mag_igm")
    command.add_argument("reports", type=Path, metavar="REPORTS", help="the folder with the runs' folders")
    command.add_argument("--assay", required=True, help="name of the assay")
    add_json(command)
    return command


def run(options: argparse.Namespace) -> int:
    """Print what the runs teach; nothing is changed."""
    from pipeline.runs.learn import learn_step, learned_document, learned_text

    learned = learn_step(options.reports, options.assay)
    answer(options, learned_document(learned), learned_text(learned))
    return DONE
