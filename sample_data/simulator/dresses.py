"""One plate in the dress of every plate reader's software: all of them must give the same result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from simulator import faults
from simulator.case import Case, SimulatedPlate, definition, sample_ids, sheet_rows, simulated
from simulator.cases import four_sera
from simulator.exports import bmg, gen5, moldev, perkinelmer, plain, tecan, thermo
from simulator.exports.shape import PLATE, Wells
from simulator.grids import sheet_csv
from simulator.truth import PlateReader

SHELF = "readers"
"""Folder below ``sample_data``."""


@dataclass(frozen=True, slots=True)
class Dress:
    """How one software writes a plate."""

    name: str
    software: str
    file: str
    write: Callable[[Wells], bytes]
    plate: str = PLATE
    """Empty where the form has no place for a plate's name."""
    overflow: bool = False
    """Is one well above the reader's range?"""
    reference: bool = True
    """Does the form hold the reference wavelength?"""
    nameless: bool = False
    """Does the form hold one matrix without its wavelength?"""


DRESSES = (
    Dress("gen5_text", "Gen5, text", "plate.txt", gen5.gen5_text, overflow=True),
    Dress("gen5_excel", "Gen5, Excel", "plate.xlsx", gen5.gen5_workbook),
    Dress("mars_matrix", "BMG MARS, matrix", "plate.CSV", bmg.mars_matrix, overflow=True),
    Dress("mars_table", "BMG MARS, table view", "plate.csv", bmg.mars_table),
    Dress("smart_control", "BMG SMART Control", "plate.xlsx", bmg.smart_control),
    Dress("icontrol", "Tecan i-control", "plate.xlsx", tecan.icontrol, overflow=True),
    Dress("magellan", "Tecan Magellan, list", "plate.xlsx", tecan.magellan, plate=""),
    Dress("sparkcontrol", "Tecan SparkControl", "plate.xlsx", tecan.sparkcontrol, plate="", overflow=True),
    Dress("xfluor4", "Tecan XFLUOR4", "plate.xlsx", tecan.xfluor, plate="", reference=False),
    Dress("skanit_excel", "Thermo SkanIt, Excel", "plate.xlsx", thermo.skanit_workbook),
    Dress("skanit_csv_french", "Thermo SkanIt, CSV, French", "plate.csv", thermo.skanit_csv, overflow=True),
    Dress("multiskan_sky", "Thermo Multiskan Sky", "plate.xlsx", thermo.multiskan_sky, plate=""),
    Dress("envision", "PerkinElmer EnVision", "plate.csv", perkinelmer.envision, plate="Plate 7"),
    Dress("victor", "PerkinElmer VICTOR", "plate.txt", perkinelmer.victor),
    Dress("kaleido", "Revvity Kaleido", "plate.csv", perkinelmer.kaleido),
    Dress("spectramax_id", "SpectraMax iD, Excel 2003 XML", "plate.xml", moldev.spectramax_id, overflow=True),
    Dress("well_list", "a list of wells", "plate.csv", plain.well_list, plate=""),
    Dress("wells_across", "a table with the wells across", "plate.csv", plain.wells_across, plate=""),
    Dress("unlabelled_grid", "a plain CSV", "plate.csv", plain.unlabelled_grid, plate="", nameless=True),
    Dress("bare_grid", "a block of numbers", "plate.txt", plain.bare_grid, plate=""),
)


def all_dresses(layouts: Path) -> tuple[Case, ...]:
    """A case for each software; the same plate, with one well above range in some of them."""
    igm = definition(layouts, "anti_mag_igm")
    clean = four_sera(igm)
    bubble = four_sera(igm, (faults.bubble("E5", 3.5),))
    ceiling = PlateReader(ceiling=4.0, overflow_word=True)
    ids = sample_ids(igm, 701)
    wells = simulated(igm, clean, 417)
    above = simulated(igm, replace(bubble, reader=ceiling), 417)
    cases = []
    for dress in DRESSES:
        truth, ods = (bubble, above) if dress.overflow else (clean, wells)
        warned = dress.overflow or not dress.reference or dress.nameless
        verdict = "accepted_with_warnings" if warned else "accepted"
        plate = SimulatedPlate(dress.plate, truth, ods, ids, verdict=verdict)
        cases.append(_case(dress, plate))
    return tuple(cases)


def _case(dress: Dress, plate: SimulatedPlate) -> Case:
    stem = dress.file.partition(".")[0]
    sheet = f"{stem}.samples.csv"
    files = {dress.file: dress.write(plate.wells), sheet: sheet_csv(sheet_rows(plate.ids))}
    about = f"The clean plate as {dress.software} writes it."
    if dress.overflow:
        about += " One well is above the reader's range, in the word of the software."
    return Case("anti_mag_igm", dress.name, about, 417, (plate,), dress.file, files, sheet, shelf=SHELF)
