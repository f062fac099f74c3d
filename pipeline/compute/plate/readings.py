"""Which reads of a plate the assay uses, and the OD of each well after the reference wavelength."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.domain.assay import Assay, ReadingSettings
from pipeline.domain.codes.reference import NoReference
from pipeline.domain.message import Message
from pipeline.domain.plate import PlateRead, PlateReading, Quantity, WellState
from pipeline.domain.results import ReadingChoice
from pipeline.domain.wells import Well
from pipeline.errors import InputError

_NOT_ENDPOINT = frozenset({"kinetic", "spectrum", "well scan"})


@dataclass(frozen=True, slots=True)
class WellSignal:
    """One well: as printed at both wavelengths, and the OD that is used. ``od`` is None without a number."""

    raw_od: float | None
    reference_od: float | None
    od: float | None
    state: WellState | None

    @property
    def usable(self) -> bool:
        """A number that may enter a mean."""
        return self.od is not None and self.state is None


@dataclass(frozen=True, slots=True)
class Signals:
    """The plate's wells and how they were chosen."""

    wells: Mapping[Well, WellSignal]
    choice: ReadingChoice


def plate_signals(read: PlateRead, assay: Assay) -> Signals:
    """Choose the reads that the assay asks for and subtract the reference wavelength well by well.

    A well above the reader's linear range (``reading.max_od``) gets the state ``above_range``.

    Raises:
        InputError: ``READ_MODE``, ``REDUCED_ONLY`` or ``WAVELENGTH`` when the export lacks what is needed.
    """
    candidates = _endpoint_reads(read, assay.reading)
    main = _measurement(candidates, read, assay.reading)
    reference, missing, note = _reference(candidates, main, assay.reading)
    ceiling = assay.steering.reader_max_od
    wells = {well: _signal(well, main, reference, ceiling) for well in {*main.values, *main.states}}
    choice = ReadingChoice(
        measurement=main.label,
        reference=reference.label if reference is not None else None,
        wavelength_nm=main.wavelength_nm,
        reference_wavelength_nm=reference.wavelength_nm if reference is not None else None,
        expected_wavelength_nm=assay.reading.wavelength_nm,
        expected_reference_wavelength_nm=assay.reading.reference_wavelength_nm,
        notes=(note,) if note is not None else (),
        remarks=_remarks(read),
        no_reference=missing,
    )
    return Signals(wells, choice)


def _remarks(read: PlateRead) -> tuple[str, ...]:
    remarks = read.metadata.get("remarks", ())
    return (
        tuple(text for text in remarks if isinstance(text, str)) if isinstance(remarks, list | tuple) else ()
    )


def _endpoint_reads(read: PlateRead, reading: ReadingSettings) -> list[PlateReading]:
    right_kind = [r for r in read.reads if r.kind.value == reading.kind]
    if not right_kind:
        kinds = ", ".join(sorted({r.kind.value for r in read.reads})) or "no reading"
        raise InputError(
            "READ_MODE",
            Message("plate '{plate}' was not read in the mode of this assay", plate=read.name),
            found=kinds,
            expected=reading.kind,
            action="Read the plate again in the right mode, or choose the right assay.",
        )
    times = {r.time_s for r in right_kind if r.time_s is not None}
    mode = str(read.metadata.get("read_mode", "")).casefold()
    if len(times) > 1 or mode in _NOT_ENDPOINT:
        raise InputError(
            "READ_MODE",
            Message(
                "plate '{plate}' is not an endpoint read but {mode}: {n:n} reads",
                plate=read.name,
                mode=mode or "kinetic",
                n=len(right_kind),
            ),
            expected="one endpoint read",
            action="Export the endpoint read of this plate.",
        )
    raw = [r for r in right_kind if r.quantity is Quantity.RAW]
    if reading.accept_reduced or _holds_measurement(raw, reading) or len(raw) == len(right_kind):
        return right_kind if reading.accept_reduced else raw
    raise InputError(
        "REDUCED_ONLY",
        Message(
            "plate '{plate}' holds only values that the reader's software already calculated", plate=read.name
        ),
        found=", ".join(r.label for r in right_kind if r.quantity is Quantity.REDUCED),
        expected="raw OD",
        action="Export the raw data as well.",
    )


def _holds_measurement(reads: list[PlateReading], reading: ReadingSettings) -> bool:
    """Is the measurement of the assay among the reads, and not its reference alone?"""
    wanted, tolerance = reading.wavelength_nm, reading.wavelength_tolerance_nm
    return any(
        wanted is None or r.wavelength_nm is None or _near(r.wavelength_nm, wanted, tolerance) for r in reads
    )


def _measurement(candidates: list[PlateReading], read: PlateRead, reading: ReadingSettings) -> PlateReading:
    wanted = reading.wavelength_nm
    at_wanted = [r for r in candidates if _near(r.wavelength_nm, wanted, reading.wavelength_tolerance_nm)]
    unstated = [r for r in candidates if r.wavelength_nm is None]
    choices = at_wanted or (unstated if len(unstated) == 1 else []) or (candidates if wanted is None else [])
    if len(choices) == 1:
        return choices[0]
    found = ", ".join(r.label or "not stated" for r in candidates)
    raise InputError(
        "WAVELENGTH",
        Message("plate '{plate}': the reading of this assay cannot be picked", plate=read.name),
        found=Message("{n:n} reads: {found}", n=len(candidates), found=found),
        expected=Message("one read at {n:n} nm", n=f"{wanted:g}") if wanted is not None else "one read",
        action="Export the plate at the assay's wavelength, or choose the right assay.",
    )


def _reference(
    candidates: list[PlateReading], main: PlateReading, reading: ReadingSettings
) -> tuple[PlateReading | None, NoReference | None, Message | None]:
    """The read to subtract, or why there is none, as a code and in words."""
    wanted = reading.reference_wavelength_nm
    if wanted is None:
        return None, None, None
    if main.quantity is Quantity.REDUCED:
        return None, NoReference.REDUCED, NoReference.REDUCED.says()
    others = [
        r
        for r in candidates
        if r is not main and _near(r.wavelength_nm, wanted, reading.reference_tolerance_nm)
    ]
    if others:
        nearest_first = sorted(others, key=lambda r: abs((r.wavelength_nm or wanted) - wanted))
        return nearest_first[0], None, None
    if main.wavelength_nm is None:
        return None, NoReference.UNNAMED, NoReference.UNNAMED.says()
    return None, NoReference.MISSING, NoReference.MISSING.says(nm=f"{wanted:g}")


def _near(wavelength: float | None, wanted: float | None, tolerance: float) -> bool:
    return wavelength is not None and wanted is not None and abs(wavelength - wanted) <= tolerance


def _signal(
    well: Well, main: PlateReading, reference: PlateReading | None, ceiling: float | None
) -> WellSignal:
    raw = main.values.get(well)
    state = main.states.get(well)
    subtract = reference.values.get(well) if reference is not None else None
    if reference is not None and state is None:
        state = reference.states.get(well, WellState.NOT_READ if subtract is None else None)
    if state is None and raw is not None and ceiling is not None and raw > ceiling:
        state = WellState.ABOVE_RANGE
    od = None if raw is None else raw - (subtract or 0.0)
    return WellSignal(raw, subtract, od, state)
