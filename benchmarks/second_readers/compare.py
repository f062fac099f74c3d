"""Our readers against second readers: every read of every file, well by well.

Takes the folder of exports and what ``dump.py`` wrote for it. A difference has to be explained in
``differences.toml``; the exit code is 1 when one is not, or when an explained one no longer exists.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.domain.plate import Kind, PlateReading, Quantity
from pipeline.errors import TiterlineError
from pipeline.readers import read_export

EXPLAINED = Path(__file__).with_name("differences.toml")
MOST_SHOWN = 3
"""Differences of one file that are written out; the rest is counted."""
_NO_NAME = re.compile(r"(Plate ?\d+|Sheet ?\d+|)\Z")
"""How second readers call a plate that the file does not name."""


@dataclass(frozen=True)
class Read:
    """One pass over a plate, ours or theirs, by well name."""

    plate: str
    label: str
    wavelength_nm: float | None
    time_s: float | None
    kind: str
    calculated: bool
    sure: dict[str, float]
    """Wells that were read normally."""
    printed: dict[str, float]
    """The same, and numbers that the file prints for wells in another state, such as masked ones."""

    def __str__(self) -> str:
        """For a message."""
        return f"'{self.label}' of plate '{self.plate}'"


@dataclass(frozen=True)
class Side:
    """What one reader made of a file; ``refusal`` is empty when it read the file."""

    reader: str
    reads: tuple[Read, ...] = ()
    refusal: str = ""

    def __str__(self) -> str:
        """For a table."""
        if self.refusal:
            return f"refuses: {self.refusal}"
        calculated = sum(read.calculated for read in self.reads)
        measured = len(self.reads) - calculated
        more = f" + {calculated} calculated" if calculated else ""
        return f"{measured} {'read' if measured == 1 else 'reads'}{more}"


@dataclass(frozen=True)
class Row:
    """The outcome for one file and one second reader."""

    file: str
    second: str
    ours: Side
    theirs: Side
    result: str
    difference: str = ""


def our_side(data: bytes, name: str) -> Side:
    """Read a file with our readers."""
    try:
        export = read_export(data, name)
    except TiterlineError as error:
        return Side("", refusal=error.code)
    reads = [_our_read(plate.name, reading) for plate in export.plates for reading in plate.reads]
    return Side(export.reader, tuple(reads))


def _our_read(plate: str, reading: PlateReading) -> Read:
    printed = {well.name: value for well, value in reading.values.items()}
    sure = {well.name: value for well, value in reading.values.items() if well not in reading.states}
    reduced = reading.quantity is Quantity.REDUCED
    nm, seconds = reading.wavelength_nm, reading.time_s
    return Read(plate, reading.label, nm, seconds, reading.kind.value, reduced, sure, printed)


def their_side(second: str, entry: Any) -> Side:  # noqa: ANN401 - parsed JSON
    """Take up what ``dump.py`` wrote about a file."""
    if not entry["ok"]:
        return Side(second, refusal=str(entry["error"]).splitlines()[0])
    reads = tuple(_their_read(read) for read in entry["reads"])
    return Side(second, reads, "" if reads else "finds no numbers")


def _their_read(read: Any) -> Read:  # noqa: ANN401 - parsed JSON
    wells, kind = read["wells"], read["kind"]
    label, nm, seconds = read["label"] or kind, read["wavelength_nm"], read["time_s"]
    return Read(read["plate"], label, nm, seconds, kind, kind == "calculated", wells, wells)


def agree(ours: Read, theirs: Read) -> bool:
    """Whether both give the same number to the same wells."""
    if not (ours.sure.keys() <= theirs.printed.keys() <= ours.printed.keys()):
        return False
    return all(_close(ours.printed[well], value) for well, value in theirs.printed.items())


def _close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)


def compare(ours: Side, theirs: Side) -> Iterator[str]:
    """Every difference between two sides that both read the file.

    What the software of the plate reader calculated is not ours to read: no word when only they have it.
    """
    left = list(ours.reads)
    for read in sorted(theirs.reads, key=lambda read: read.calculated):
        partner = _partner(left, read)
        if partner is not None:
            left.remove(partner)
            yield from _described_differently(partner, read)
        elif not read.calculated:
            yield _nearest(ours.reads, read)
    yield from (f"they lack our {read}" for read in left if read.sure)


def _partner(candidates: Sequence[Read], read: Read) -> Read | None:
    """The read of ours with the same numbers; of several, the one that is described most alike."""

    def unlike(our: Read) -> tuple[bool, bool, bool]:
        return our.plate != read.plate, our.wavelength_nm != read.wavelength_nm, our.time_s != read.time_s

    return next((our for our in sorted(candidates, key=unlike) if agree(our, read)), None)


def _described_differently(our: Read, their: Read) -> Iterator[str]:
    """Equal numbers under another plate, wavelength, kind or quantity."""
    if our.plate and our.plate != their.plate and not _NO_NAME.match(their.plate):
        yield f"plate '{our.plate}' here is '{their.plate}' there"
    if our.calculated != their.calculated:
        words = {True: "calculated", False: "measured"}
        yield f"{our} is {words[our.calculated]} here and {words[their.calculated]} there"
    kinds = {kind.value for kind in Kind}
    if their.kind in kinds and our.kind != their.kind:
        yield f"{our} is {our.kind} here and {their.kind} there"
    here, there = our.wavelength_nm, their.wavelength_nm
    if our.kind == Kind.ABSORBANCE and here and there and here != there:
        yield f"{our} is at {here:g} nm here and at {there:g} nm there"
    early, late = our.time_s, their.time_s
    if early is not None and late is not None and not math.isclose(early, late, abs_tol=0.5):
        yield f"{our} is {early:g} s after the start here and {late:g} s there"


def _nearest(ours: Sequence[Read], their: Read) -> str:
    """Compare with the read of ours that shares most numbers."""
    our = max(ours, key=lambda our: (_shared(our, their), our.plate == their.plate), default=None)
    if our is None or not _shared(our, their):
        well, value = next(iter(their.printed.items()))
        return f"their {their} with {len(their.printed)} wells ({well}: {value}) is none of ours"
    wells = sorted(our.sure.keys() | their.printed.keys(), key=lambda well: (len(well), well))
    wrong = [well for well in wells if not _same(our, their, well)]
    here, there = (side.printed.get(wrong[0], "nothing") for side in (our, their))
    start = f"their {their} differs from our {our} in {len(wrong)} of {len(wells)} wells"
    return f"{start}, first {wrong[0]}: {here} here, {there} there"


def _same(our: Read, their: Read, well: str) -> bool:
    here, there = our.printed.get(well), their.printed.get(well)
    return here is not None and there is not None and _close(here, there)


def _shared(our: Read, their: Read) -> int:
    return sum(_same(our, their, well) for well in their.printed)


def judge(file: str, second: str, ours: Side, theirs: Side) -> Row:
    """The outcome for one file."""
    if ours.refusal and theirs.refusal:
        return Row(file, second, ours, theirs, "neither reads it")
    if theirs.refusal:
        return Row(file, second, ours, theirs, "second reader refuses")
    if ours.refusal:
        refused = f"ours refuses: {ours.refusal}"
        return Row(file, second, ours, theirs, refused, refused)
    found = list(dict.fromkeys(compare(ours, theirs)))
    if not found:
        return Row(file, second, ours, theirs, "equal")
    rest = [f"and {len(found) - MOST_SHOWN} more"] if len(found) > MOST_SHOWN else []
    return Row(file, second, ours, theirs, "difference", "; ".join(found[:MOST_SHOWN] + rest))


def rows_of(folder: Path, dumps: Sequence[Path]) -> list[Row]:
    """Compare every file of every dump; a dump is named after its reader."""
    read_once = cache(lambda file: our_side((folder / file).read_bytes(), Path(file).name))
    documents = {path.stem: json.loads(path.read_text("utf-8")) for path in dumps}
    gone = sorted({f for document in documents.values() for f in document if not (folder / f).is_file()})
    if gone:
        raise SystemExit(f"not in the folder any more, so write the dumps again: {', '.join(gone)}")
    found = [
        judge(file, second, read_once(file), their_side(second, entry))
        for second, document in documents.items()
        for file, entry in document.items()
    ]
    return sorted(found, key=lambda row: (row.file, row.second))


def explanations() -> dict[tuple[str, str, str], str]:
    """(file, second reader, difference) -> explanation."""
    entries = tomllib.loads(EXPLAINED.read_text("utf-8")).get("difference", [])
    return {(e["file"], e["second_reader"], e["difference"]): e["explanation"] for e in entries}


def print_text(rows: Sequence[Row], known: dict[tuple[str, str, str], str]) -> None:
    """One line for each file and second reader."""
    width = max(len(row.file) for row in rows)
    for row in rows:
        sides = f"{row.ours!s:<28.28}  {row.theirs!s:<28.28}"
        print(f"{row.file:<{width}}  {row.second:<11}  {sides}  {row.result}")
        if row.difference:
            mark = "explained" if (row.file, row.second, row.difference) in known else "NOT EXPLAINED"
            print(f"    {mark}: {row.difference}")


def print_markdown(rows: Sequence[Row], known: dict[tuple[str, str, str], str]) -> None:
    """Two tables: who reads what, and the differences with their explanations."""
    seconds = sorted({row.second for row in rows})
    print(f"| file | ours | {' | '.join(seconds)} |\n|{' --- |' * (2 + len(seconds))}")
    for file in dict.fromkeys(row.file for row in rows):
        of_file = {row.second: row for row in rows if row.file == file}
        ours = next(iter(of_file.values())).ours
        cells = [_cell(of_file.get(second)) for second in seconds]
        print(f"| {file} | {ours.reader + ', ' if ours.reader else ''}{ours} | {' | '.join(cells)} |")
    print("\n| file | second reader | difference | explanation |\n| --- | --- | --- | --- |")
    for row in (row for row in rows if row.difference):
        why = known.get((row.file, row.second, row.difference), "**not explained**")
        print(f"| {row.file} | {row.second} | {row.difference.replace('|', '/')} | {why} |")


def _cell(row: Row | None) -> str:
    if row is None:
        return ""
    return "refuses" if row.theirs.refusal else f"{row.theirs}: {row.result}"


def main() -> int:
    """Print the table; 0 when every difference is explained and every explanation is needed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("dumps", type=Path, nargs="+", help="NAME.json, written by dump.py with that package")
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    rows, known = rows_of(arguments.folder, arguments.dumps), explanations()
    (print_markdown if arguments.markdown else print_text)(rows, known)
    found = {(row.file, row.second, row.difference) for row in rows if row.difference}
    looked_at = {(row.file, row.second) for row in rows}
    gone = [key for key in known if key[:2] in looked_at and key not in found]
    missing = found - known.keys()
    for file, second, difference in gone:
        print(f"explained, but no longer there: {file}, {second}: {difference}", file=sys.stderr)
    print(f"{len(rows)} comparisons, {len(missing)} differences not explained", file=sys.stderr)
    return 1 if missing or gone else 0


if __name__ == "__main__":
    sys.exit(main())
