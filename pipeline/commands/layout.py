"""``titerline layout``: check, draw or make an assay folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.commands.parser import Commands, add_command
from pipeline.errors import DefinitionError

DONE = 0


def add_layout(commands: Commands) -> None:
    """Add the command and its actions."""
    layout = commands.add_parser(
        "layout",
        help="Check, draw or make an assay folder.",
        description="Check, draw or make an assay folder.",
        epilog="Example: titerline layout check plate_layouts/anti_mag_igm",
    )
    actions = layout.add_subparsers(title="actions", required=True, metavar="ACTION")
    check = add_command(
        actions,
        "check",
        layout_check,
        "Check an assay folder.",
        "titerline layout check plate_layouts/anti_mag_igm",
    )
    check.add_argument("folder", type=Path, metavar="FOLDER")
    draw = add_command(
        actions,
        "draw",
        layout_draw,
        "Draw the plate.",
        "titerline layout draw plate_layouts/anti_mag_igm -o plate.png",
    )
    draw.add_argument("folder", type=Path, metavar="FOLDER")
    draw.add_argument(
        "-o", "--output", type=Path, required=True, metavar="PICTURE", help="a .png, .svg or .pdf file"
    )
    new = add_command(
        actions,
        "new",
        layout_new,
        "Make a new assay folder from a shipped one.",
        "titerline layout new my_elisa",
    )
    new.add_argument("folder", type=Path, metavar="FOLDER")
    new.add_argument(
        "--like", default="generic_elisa", metavar="ASSAY", help="the shipped assay to start from"
    )


def layout_check(options: argparse.Namespace) -> int:
    """``titerline layout check``."""
    from pipeline.commands.layout_picture import layout_summary
    from pipeline.definitions import load_definition

    print(layout_summary(load_definition(options.folder)))
    return DONE


def layout_draw(options: argparse.Namespace) -> int:
    """``titerline layout draw``."""
    from pipeline.commands.layout_picture import PICTURES, layout_picture
    from pipeline.definitions import load_definition

    kind = options.output.suffix.lower().removeprefix(".")
    if kind not in PICTURES:
        raise DefinitionError(
            "PICTURE_KIND",
            "this kind of picture is not known",
            file=str(options.output),
            expected=", ".join(f".{k}" for k in PICTURES),
        )
    options.output.write_bytes(layout_picture(load_definition(options.folder), kind))
    print(f"Drawn: {options.output}")
    return DONE


def layout_new(options: argparse.Namespace) -> int:
    """``titerline layout new``."""
    from pipeline.workspace.shipped import copy_assay

    files = copy_assay(options.like, options.folder)
    print(f"Made {options.folder} from {options.like}: {', '.join(files)}")
    print(f"Edit them, then run: titerline layout check {options.folder}")
    return DONE
