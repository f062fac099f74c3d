"""What people declare -> records: assay folders, layout grids, sample sheets, lot files."""

from pipeline.definitions.assay_folder import AssayDefinition, load_definition, load_effective, parse_layout
from pipeline.definitions.effective import Effective, effective_document, effective_json, leaves
from pipeline.definitions.lots import load_lots, lots_in_use, parse_lots, with_lot_targets
from pipeline.definitions.sample_sheet import entries_for_plate, load_sheet

__all__ = [
    "AssayDefinition",
    "Effective",
    "effective_document",
    "effective_json",
    "entries_for_plate",
    "leaves",
    "load_definition",
    "load_effective",
    "load_lots",
    "load_sheet",
    "lots_in_use",
    "parse_layout",
    "parse_lots",
    "with_lot_targets",
]
