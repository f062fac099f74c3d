"""24 samples at eight dilutions on one 384-well plate through ``analyse``: how long, and which part of it.

    OMP_NUM_THREADS=1 python -m benchmarks.large_plate

378 wells are in use: seven calibrators in duplicate, four blanks, for every sample a MAG well at each of
eight dilutions and an antigen-negative well at the first seven (there is no room for the eighth).
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import statistics
import time

import numpy as np

import qc
from pipeline.compute.analyse import analyse
from pipeline.compute.curve.models import curve
from pipeline.definitions import load_definition
from pipeline.domain.assay import Assay
from pipeline.domain.layout import PlateLayout, Role, SampleEntry, WellUse
from pipeline.domain.plate import Kind, PlateRead, PlateReading, Quantity
from pipeline.domain.results import PlateResult
from pipeline.domain.wells import PLATE_SHAPES, plate_wells
from pipeline.workspace.shipped import find_assay

SAMPLES, DILUTIONS, FOLD, FIRST = 24, 8, 2.0, 1000.0
CALIBRATOR_WELLS, BLANKS = 2, 4
COATINGS = ("MAG", "none")
THETA = np.array([0.07, 3.2, np.log(15_000.0), np.log(1.05), 0.0])
WELL_CV, WELL_OD, BACKGROUND = 0.04, 0.004, 0.02
TITERS = np.geomspace(500.0, 500_000.0, SAMPLES)


def assay() -> Assay:
    """The shipped assay without its controls, HNK1 wells and reference wavelength."""
    shipped = load_definition(find_assay("anti_mag_igm")).assay
    reading = shipped.reading.model_copy(update={"reference_wavelength_nm": None})
    changed = {"antigens": COATINGS, "reading": reading, "hnk1": None, "controls": {}}
    return shipped.model_copy(update=changed)


def layout(declared: Assay) -> PlateLayout:
    """Calibrators, blanks and sera, in the order of the wells."""
    rows, columns = PLATE_SHAPES[384]
    mag, none = COATINGS
    series = [FIRST * FOLD**k for k in range(DILUTIONS)]
    uses = [WellUse(Role.CALIBRATOR, c, mag) for c in declared.calibration.levels] * CALIBRATOR_WELLS
    uses += [WellUse(Role.BLANK, "", mag)] * BLANKS
    for slot in (f"S{i}" for i in range(1, SAMPLES + 1)):
        uses += [WellUse(Role.SAMPLE, slot, mag, dilution) for dilution in series]
        uses += [WellUse(Role.SAMPLE, slot, none, dilution) for dilution in series[:-1]]
    wells = plate_wells(rows, columns)
    return PlateLayout(rows, columns, dict(zip(wells, uses, strict=False)), "simulated")


def read(plan: PlateLayout, declared: Assay, seed: int) -> PlateRead:
    """ODs of the plate, with the error of good pipetting."""
    rng = np.random.default_rng(seed)
    values = {}
    for well, use in plan.uses.items():
        a, b = rng.standard_normal(2).tolist()
        values[well] = round(_true_od(use, declared) * (1 + WELL_CV * a) + WELL_OD * b, 4)
    reading = PlateReading(Kind.ABSORBANCE, Quantity.RAW, 450.0, "450", None, values, {}, "simulated")
    return PlateRead("P1", plan.rows, plan.columns, (reading,))


def _true_od(use: WellUse, declared: Assay) -> float:
    if use.role is Role.SAMPLE:
        reference = declared.calibration.reference_dilution
        titer = float(TITERS[int(use.name[1:]) - 1]) if use.antigen == COATINGS[0] else 0.0
        return BACKGROUND + float(curve(np.array([titer * reference / (use.dilution or 1.0)]), THETA)[0])
    level = declared.calibration.levels.get(use.name, 0.0)
    return float(curve(np.array([level]), THETA)[0])


def main() -> None:
    """Print the time, and the functions of the pipeline that it goes to."""
    parser = argparse.ArgumentParser("python -m benchmarks.large_plate", description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--lines", type=int, default=20, help="of the profile")
    options = parser.parse_args()
    declared = assay()
    plan = layout(declared)
    entries = {f"S{i}": SampleEntry(f"S{i}", f"S{i}") for i in range(1, SAMPLES + 1)}

    def once(seed: int) -> tuple[float, PlateResult]:
        plate = read(plan, declared, seed)
        start = time.perf_counter()
        result = analyse(plate, plan, declared, entries)
        return time.perf_counter() - start, result

    once(0)
    times = [once(seed)[0] for seed in range(1, options.rounds + 1)]
    result = once(1)[1]
    exact = sum(sample.titer.qualifier == "=" for sample in result.samples)
    print(f"{len(plan.uses)} wells, {len(result.samples)} samples, {exact} with a titer")
    print(f"analyse: median {1000 * statistics.median(times):.0f} ms, worst {1000 * max(times):.0f} ms")
    start = time.perf_counter()
    qc.evaluate(result, declared)
    print(f"judge: {1000 * (time.perf_counter() - start):.1f} ms\n")
    with cProfile.Profile() as profile:
        once(1)
    pstats.Stats(profile).sort_stats("cumulative").print_stats("pipeline", options.lines)


if __name__ == "__main__":
    main()
