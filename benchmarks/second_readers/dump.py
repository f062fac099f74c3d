"""What a second reader makes of a folder of exports, as one JSON document.

Runs in that reader's own environment and needs only the standard library and the package that is named:
``dump.py openreadout FOLDER > openreadout.json``.
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import math
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

SUFFIXES = frozenset({".asc", ".csv", ".tsv", ".txt", ".xls", ".xlsx", ".xml"})
VENDORS = {
    "bmg_mars": "BMG_MARS",
    "bmg_smart_control": "BMG_LABTECH_SMART_CONTROL",
    "gen5": "AGILENT_GEN5",
    "msd": "METHODICAL_MIND",
    "perkinelmer_envision": "PERKIN_ELMER_ENVISION",
    "revvity_kaleido": "REVVITY_KALEIDO",
    "softmax_pro": "MOLDEV_SOFTMAX_PRO",
    "spectramax_id3": "MOLDEV_SOFTMAX_PRO",
    "tecan_magellan": "TECAN_MAGELLAN",
    "thermo_skanit": "THERMO_SKANIT",
}
"""Folder of the export -> what allotropy has to be told; for other folders it guesses itself."""
MEASURED = ("absorbance", "fluorescence", "luminescence")
_WELL = re.compile(r"([A-Za-z]{1,2})0*([1-9][0-9]?)\Z")


@dataclass
class Read:
    """One pass over a plate, as the second reader gives it; wells without a number are left out."""

    plate: str
    label: str
    wavelength_nm: float | None
    time_s: float | None
    kind: str
    """``absorbance`` and so on, or ``calculated`` by the software of the plate reader."""
    wells: dict[str, float] = field(default_factory=dict)


class Reads:
    """Collects wells into reads; a well that comes a second time belongs to the next read."""

    def __init__(self) -> None:
        """Start empty."""
        self._reads: dict[tuple[object, ...], Read] = {}
        self._seen: Counter[tuple[object, ...]] = Counter()

    def add(self, key: tuple[object, ...], read: Read, well: str, value: float | None) -> None:
        """Put one well into the read of this key; ``None`` and NaN count as seen, but are no number."""
        place = (*key, self._seen[(*key, well)])
        self._seen[(*key, well)] += 1
        kept = self._reads.setdefault(place, read)
        if value is not None and math.isfinite(value):
            kept.wells[well] = value

    def filled(self) -> list[Read]:
        """The reads that have at least one number, in the order of the file."""
        return [read for read in self._reads.values() if read.wells]


def well_name(text: str) -> str:
    """``A01`` and ``A1`` are the same; anything else stays as it is."""
    match = _WELL.match(text.strip())
    return f"{match[1]}{match[2]}" if match else text


def with_openreadout(data: bytes, path: str) -> Any:  # noqa: ANN401 - tables of another package
    """Open the bytes and read every table: (description, numbers)."""
    package = importlib.import_module("openreadout")
    with package.File(data, name=PurePosixPath(path).name) as file:
        tables = file.info.get("tables", [])
        return [(table, file.read_table(table["index"])) for table in tables]


def reads_of_openreadout(tables: Any) -> list[Read]:  # noqa: ANN401 - tables of another package
    """Long tables of well, read, wavelength, time, value -> reads."""
    reads = Reads()
    for table, numbers in tables:
        columns = {column["name"]: column for column in table["columns"]}
        names = columns["well"]["extra"]["categories"]
        described = {entry["read"]: entry for entry in table["extra"].get("reads", [])}
        order = [columns[name]["index"] for name in ("well", "read", "wavelength_nm", "time_s", "value")]
        for well, number, wavelength, seconds, value in numbers[:, order].tolist():
            entry = described.get(int(number), {})
            key = (table["index"], int(number), str(wavelength), str(seconds))
            kind = "calculated" if entry.get("calculated") else str(entry.get("mode", "unknown"))
            label = str(entry.get("label", int(number)))
            nm, time_s = _finite(wavelength), _finite(seconds)
            read = Read(str(table["name"]), label, nm, time_s, kind)
            reads.add(key, read, well_name(names[int(well)]), value)
    return reads.filled()


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _allotropy_arguments(data: bytes, path: str) -> tuple[io.BytesIO, str, str | None]:
    vendor = next((VENDORS[part] for part in PurePosixPath(path).parts if part in VENDORS), None)
    return io.BytesIO(data), PurePosixPath(path).name, vendor


def with_allotropy(data: bytes, path: str) -> Any:  # noqa: ANN401 - a model of another package
    """Parse the bytes into allotropy's model; its check against a JSON schema is not part of the time."""
    package = importlib.import_module("allotropy.to_allotrope")
    return package.allotrope_model_from_io(*_allotropy_arguments(data, path))


def document_of_allotropy(data: bytes, path: str) -> Any:  # noqa: ANN401 - a document of another package
    """Convert to the checked document that allotropy gives to its users."""
    package = importlib.import_module("allotropy.to_allotrope")
    return package.allotrope_from_io(*_allotropy_arguments(data, path))


def reads_of_allotropy(document: Any) -> list[Read]:  # noqa: ANN401 - a document of another package
    """Nested documents, one for each well -> reads."""
    reads = Reads()
    whole = document["plate reader aggregate document"]
    places: dict[str, tuple[str, str]] = {}
    for entry in whole["plate reader document"]:
        for measured in entry["measurement aggregate document"]["measurement document"]:
            plate, well = _place(measured["sample document"])
            places[measured["measurement identifier"]] = plate, well
            kind = next((kind for kind in MEASURED if kind in measured), None)
            if kind is not None:
                nm = _wavelength(measured)
                read = Read(plate, "" if nm is None else f"{nm:g}", nm, None, kind)
                reads.add((plate, nm, kind), read, well, _value(measured, kind))
    for name, plate, well, value in _calculated(whole, places):
        reads.add(("calculated", plate, name), Read(plate, name, None, None, "calculated"), well, value)
    return reads.filled()


def _place(sample: Any) -> tuple[str, str]:  # noqa: ANN401 - a document of another package
    well = sample.get("well location identifier", sample["location identifier"])
    return str(sample.get("well plate identifier", "")), well_name(well)


def _wavelength(measured: Any) -> float | None:  # noqa: ANN401 - a document of another package
    controls = measured["device control aggregate document"]["device control document"]
    setting = controls[0].get("detector wavelength setting")
    return None if setting is None else float(setting["value"])


def _value(measured: Any, kind: str) -> float | None:  # noqa: ANN401 - a document of another package
    """None where an error document says that the number only stands for a bad well."""
    errors = measured.get("error aggregate document", {}).get("error document", [])
    if any(str(error.get("error feature", "")).lower() == kind for error in errors):
        return None
    return _number(measured[kind]["value"])


def _number(value: float) -> float | None:
    """None for -0.0, which stands for text that was no number."""
    return None if value == 0 and math.copysign(1, value) < 0 else float(value)


def _calculated(
    whole: Any,  # noqa: ANN401 - a document of another package
    places: dict[str, tuple[str, str]],
) -> Iterator[tuple[str, str, str, float | None]]:
    """(name, plate, well, value) of what was calculated from the measurements of one single well."""
    documents = whole.get("calculated data aggregate document", {}).get("calculated data document", [])
    for entry in documents:
        sources = entry.get("data source aggregate document", {}).get("data source document", [])
        wells = {places.get(source["data source identifier"]) for source in sources}
        place = wells.pop() if len(wells) == 1 else None
        if place is not None:
            yield str(entry["calculated data name"]), *place, _number(entry["calculated result"]["value"])


def best_seconds(step: Callable[[], object], rounds: int) -> float:
    """Shortest of several runs."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return min(times)


def openreadout_entry(data: bytes, path: str, rounds: int) -> dict[str, object]:
    """Read one file with openreadout."""
    reads = reads_of_openreadout(with_openreadout(data, path))
    return _entry(reads, best_seconds(lambda: with_openreadout(data, path), rounds))


def allotropy_entry(data: bytes, path: str, rounds: int) -> dict[str, object]:
    """Read one file with allotropy."""
    reads = reads_of_allotropy(document_of_allotropy(data, path))
    return _entry(reads, best_seconds(lambda: with_allotropy(data, path), rounds))


def _entry(reads: list[Read], seconds: float | None, error: str | None = None) -> dict[str, object]:
    listed = [asdict(read) for read in reads]
    return {"ok": error is None, "error": error, "seconds": seconds, "reads": listed}


PACKAGES = {"openreadout": openreadout_entry, "allotropy": allotropy_entry}


def exports(folder: Path) -> list[Path]:
    """Every export in the folders below this one; lists beside them and sample sheets are none."""
    files = [path for path in sorted(folder.glob("*/**/*")) if path.suffix.lower() in SUFFIXES]
    return [path for path in files if path.is_file() and ".samples." not in path.name]


def main() -> None:
    """Print the JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", choices=sorted(PACKAGES))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5, help="the time of a file is the best of these")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    document = {}
    for path in exports(arguments.folder):
        name = path.relative_to(arguments.folder).as_posix()
        try:
            document[name] = PACKAGES[arguments.package](path.read_bytes(), name, arguments.rounds)
        except Exception as error:  # noqa: BLE001 - a refusal may be any exception of that package
            document[name] = _entry([], None, f"{type(error).__name__}: {error}")
    json.dump(document, sys.stdout)


if __name__ == "__main__":
    main()
