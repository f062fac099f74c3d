"""``titerline rules``: every QC rule with its limit."""

from __future__ import annotations

import argparse

from pipeline.commands.parts.output import answer
from pipeline.commands.parts.parser import Commands, add_command, add_json
from pipeline.errors import DONE


def add(commands: Commands) -> argparse.ArgumentParser:
    """The assay whose limits are shown."""
    summary = "List every QC rule with its limit, unit, consequence and source."
    command = add_command(commands, "rules", summary, "titerline rules --assay anti_mag_igm")
    command.add_argument("--assay", help="show the limits of this assay")
    add_json(command)
    return command


def run(options: argparse.Namespace) -> int:
    """Print the rules; without an assay, without limits."""
    from pipeline.commands.parts.rule_list import rule_rows, rule_text
    from pipeline.workspace.shipped import find_assay, load_assay

    rows = rule_rows(load_assay(find_assay(options.assay)) if options.assay else None)
    answer(options, rows, rule_text(rows), indent=1)
    return DONE
