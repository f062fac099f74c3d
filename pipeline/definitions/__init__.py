"""What people declare -> records: assay folders, layout grids, sample sheets, lot files."""

from pipeline.definitions.assay_folder import AssayDefinition, load_definition, load_effective, parse_layout
from pipeline.definitions.effective import Effective, effective_document, effective_json, leaves
from pipeline.definitions.learned import asks_history, with_learned_step
from pipeline.definitions.lots import load_lots, lots_in_use, parse_lots, with_lot_targets
from pipeline.definitions.sample_sheet import load_sheet
from pipeline.definitions.sheet_plates import entries_by_plate, lines_of

__all__ = [
    "AssayDefinition",
    "Effective",
    "asks_history",
    "effective_document",
    "effective_json",
    "entries_by_plate",
    "leaves",
    "lines_of",
    "load_definition",
    "load_effective",
    "load_lots",
    "load_sheet",
    "lots_in_use",
    "parse_layout",
    "parse_lots",
    "with_learned_step",
    "with_lot_targets",
]
