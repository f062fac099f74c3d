"""What was read from an export, and what was not: the ``titerline.read/1`` document and its text."""

from __future__ import annotations

from dataclasses import asdict

from pipeline.domain.plate import Accounting, Export, PlateRead, PlateReading

READ_SCHEMA = "titerline.read/1"
SHOWN_READS = 6
"""Reads of a plate that the text lists; a kinetic export has hundreds."""


def read_document(export: Export) -> dict[str, object]:
    """The contract's document; ``reads`` are ordered as in the file."""
    return {
        "schema": READ_SCHEMA,
        "file": export.name,
        "sha256": export.sha256,
        "reader": export.reader,
        "reader_reason": export.reader_reason,
        "cells": _cells(export),
        "plates": [_plate(plate) for plate in export.plates],
    }


def _cells(export: Export) -> dict[str, int] | None:
    """Where every filled cell of the file has gone; the parts add up."""
    count = export.plates[0].cells
    return asdict(count) if count is not None else None


def _plate(plate: PlateRead) -> dict[str, object]:
    return {
        "name": plate.name,
        "rows": plate.rows,
        "columns": plate.columns,
        "metadata": {**plate.metadata, "cells_not_understood": list(plate.cells_not_understood)},
        "reads": [_read(reading) for reading in plate.reads],
        "accounting": asdict(plate.accounting()),
    }


def _read(reading: PlateReading) -> dict[str, object]:
    return {
        "kind": reading.kind.value,
        "quantity": reading.quantity.value,
        "wavelength_nm": reading.wavelength_nm,
        "label": reading.label,
        "time_s": reading.time_s,
        "wells": {well.name: value for well, value in sorted(reading.values.items())},
        "states": {well.name: state.value for well, state in sorted(reading.states.items())},
    }


def read_text(export: Export) -> str:
    """The same for people: what was read, well states by name, what was not understood."""
    lines = [f"{export.name}: {export.reader} ({export.reader_reason})"]
    for number, plate in enumerate(export.plates, start=1):
        lines += ["", f"Plate {number}: {plate.name or '(no name)'}, {plate.rows} x {plate.columns} wells"]
        lines += [_read_line(reading) for reading in plate.reads[:SHOWN_READS]]
        if len(plate.reads) > SHOWN_READS:
            lines.append(f"  ... and {len(plate.reads) - SHOWN_READS} more reads")
        lines.append(f"  {_accounting(plate.accounting())}")
        lines += _tables(plate)
        lines += [f"  not understood: {cell}" for cell in plate.cells_not_understood]
        if "assumed" in plate.metadata:
            lines.append(f"  assumed: {plate.metadata['assumed']}")
    return "\n".join(lines)


def _tables(plate: PlateRead) -> list[str]:
    """What was kept beside the reads, by title and place."""
    tables = plate.metadata.get("tables", ())
    named = (
        [f"{t['title'] or 'without a title'} ({t['place']})" for t in tables]
        if isinstance(tables, list)
        else []
    )
    more = [f"and {len(named) - SHOWN_READS} more"] if len(named) > SHOWN_READS else []
    return [f"  kept beside the reads: {', '.join([*named[:SHOWN_READS], *more])}"] if named else []


def _read_line(reading: PlateReading) -> str:
    nm = f"{reading.wavelength_nm:g} nm" if reading.wavelength_nm is not None else "wavelength not stated"
    time = f", at {reading.time_s:g} s" if reading.time_s is not None else ""
    states: dict[str, list[str]] = {}
    for well, state in sorted(reading.states.items()):
        states.setdefault(state.value, []).append(well.name)
    odd = "".join(f"; {state}: {', '.join(wells)}" for state, wells in states.items())
    kind = f"{reading.kind.value}, {reading.quantity.value}"
    return f"  {reading.label}: {kind}, {nm}{time}, {len(reading.values)} numbers ({reading.place}){odd}"


def _accounting(count: Accounting) -> str:
    return ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in asdict(count).items())
