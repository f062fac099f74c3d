"""One folder of sample data: simulated plates, the files that a lab would have, and the truth beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from pipeline.definitions import AssayDefinition, load_definition
from pipeline.domain.layout import Role
from pipeline.domain.wells import Well
from simulator.plate import simulate_plate
from simulator.truth import PlateTruth, SerumTruth, WellOd

SYNTHETIC = "Simulated: no person, no blood sample and no instrument stands behind these numbers."
Files = dict[str, bytes]
COLLECTED = "2026-01-12"


@dataclass(frozen=True, slots=True)
class SimulatedPlate:
    """One plate of a case, with what a correct evaluation says about it."""

    name: str
    truth: PlateTruth
    wells: Mapping[Well, WellOd]
    ids: Mapping[str, str]
    """Slot -> sample id; slots without one were left empty."""
    verdict: str = "accepted"
    failing_rules: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A folder: which assay, what it shows, the plates and the files without ``expected.json``."""

    assay: str
    name: str
    about: str
    seed: int
    plates: tuple[SimulatedPlate, ...]
    export: str
    files: Files
    sheet: str | None
    shelf: str | None = None
    """Folder below ``sample_data`` that holds it, if not the assay's."""

    @property
    def folder(self) -> str:
        """Below ``sample_data``."""
        return f"{self.shelf or self.assay}/{self.name}"

    def all_files(self) -> Files:
        """Every file of the folder, by its path below ``sample_data``."""
        own = {**self.files, "expected.json": json_bytes(self._expected()), "README.md": self._readme()}
        return {f"{self.folder}/{name}": data for name, data in own.items()}

    def _expected(self) -> dict[str, object]:
        return {
            "synthetic": SYNTHETIC,
            "about": self.about,
            "assay": self.assay,
            "export": self.export,
            "sample_sheet": self.sheet,
            "seed": self.seed,
            "plates": [_plate_document(plate) for plate in self.plates],
        }

    def _readme(self) -> bytes:
        lines = [f"# {self.folder}", "", self.about, "", SYNTHETIC]
        lines += ["The truth that was put in is in `expected.json`.", ""]
        return "\n".join(lines).encode()


def definition(layouts: Path, assay: str) -> AssayDefinition:
    """The assay's folder below ``layouts``."""
    return load_definition(layouts / assay)


def simulated(found: AssayDefinition, truth: PlateTruth, seed: int) -> dict[Well, WellOd]:
    """Simulate a plate of an assay from a seed."""
    return simulate_plate(found.layout, found.assay, truth, np.random.default_rng(seed))


def sample_ids(found: AssayDefinition, first: int, slots: int | None = None) -> dict[str, str]:
    """Slot -> an id that looks like a laboratory's and says that it is synthetic: SYN-0417."""
    names = found.layout.names(Role.SAMPLE)[:slots]
    return {slot: f"SYN-{first + 7 * i:04d}" for i, slot in enumerate(names)}


def by_slot(found: AssayDefinition, sera: Sequence[SerumTruth]) -> dict[str, SerumTruth]:
    """The first slots of the layout -> sera."""
    return dict(zip(found.layout.names(Role.SAMPLE), sera, strict=False))


def sheet_rows(ids: Mapping[str, str], plate: str | None = None) -> list[dict[str, str]]:
    """Lines of a sample sheet."""
    rows = []
    for slot, sample_id in ids.items():
        row = {"slot": slot, "sample_id": sample_id}
        if plate is not None:
            row["plate"] = plate
        number = sample_id.removeprefix("SYN-")
        rows.append({**row, "patient_code": f"SYN-P{number}", "collected_on": COLLECTED})
    return rows


def json_bytes(document: Mapping[str, object]) -> bytes:
    """JSON as the sample data keeps it."""
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _plate_document(plate: SimulatedPlate) -> dict[str, object]:
    truth, rejected = plate.truth, plate.verdict == "rejected"
    return {
        "name": plate.name,
        "verdict": plate.verdict,
        "failing_rules": list(plate.failing_rules),
        "masked": list(plate.masked),
        "curve": asdict(truth.curve),
        "hnk1_curve": asdict(truth.hnk1_curve),
        "noise": asdict(truth.noise),
        "reader": asdict(truth.reader),
        "faults": [_fault_document(fault.name, fault.wells) for fault in truth.faults],
        "samples": [
            {"slot": slot, "sample_id": sample_id, **_serum_document(truth.sera[slot], rejected=rejected)}
            for slot, sample_id in plate.ids.items()
        ],
        "controls": {name: _control_document(serum) for name, serum in truth.controls.items()},
    }


def _fault_document(name: str, wells: frozenset[Well]) -> dict[str, object]:
    return {"what": name, "wells": [well.name for well in sorted(wells)]}


def _serum_document(serum: SerumTruth, *, rejected: bool) -> dict[str, object]:
    """Truth and expectation. A rejected plate gives no result: INVALID, whatever the serum is."""
    return {
        "about": serum.about,
        "titer": serum.titer,
        "nsb_od": serum.nsb_od,
        "nsb_gamma": serum.nsb_gamma,
        "hnk1_affinity": serum.hnk1_affinity,
        "hnk1_share": serum.hnk1_share,
        "hook": asdict(serum.hook) if serum.hook is not None else None,
        "class": "INVALID" if rejected else serum.expected_class,
        "true_class": serum.expected_class,
        "flags": list(serum.expected_flags),
        "qualifier": serum.expected_qualifier,
    }


def _control_document(serum: SerumTruth) -> dict[str, object]:
    return {
        "titer": serum.titer,
        "nsb_od": serum.nsb_od,
        "hnk1_affinity": serum.hnk1_affinity,
        "hnk1_share": serum.hnk1_share,
    }
