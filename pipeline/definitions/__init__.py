"""What people declare -> records: assay folders, layout grids, sample sheets."""

from pipeline.definitions.assay_folder import AssayDefinition, load_definition, parse_assay, parse_layout
from pipeline.definitions.sample_sheet import entries_for_plate, load_sheet

__all__ = [
    "AssayDefinition",
    "entries_for_plate",
    "load_definition",
    "load_sheet",
    "parse_assay",
    "parse_layout",
]
