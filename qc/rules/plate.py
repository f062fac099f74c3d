"""Rules on the plate as a whole."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.domain.codes.unused import WellUnused
from pipeline.domain.declared import Limit
from pipeline.domain.message import Message, joined
from pipeline.domain.results import PlateResult, WellResult
from pipeline.domain.rounding import fixed
from qc.rule import Observation, Observations, Terms, rule, rule_by_terms, unknown
from qc.subjects import EXPORT, PLATE, blank
from qc.words import first_of


@rule("PLT-01", title="Blanks are low", breach="Blanks are high", limit="blank_max_od")
def blanks_low(result: PlateResult) -> Observations:
    """Mean OD of the blank wells of each coating."""
    for one in result.blanks:
        if one.mean_od is None:
            yield unknown(blank(one.antigen), Message("no usable blank well"))
        else:
            text = Message("mean OD {od:n} of {n:n} wells", od=fixed(one.mean_od, 3), n=one.n)
            yield Observation(blank(one.antigen), one.mean_od, text)


@rule_by_terms(
    "PLT-12",
    title="Coatings read alike without serum",
    breach="Coatings differ without serum",
    limit="coating_difference_od",
)
def coatings_alike(result: PlateResult, terms: Terms) -> Observations:
    """Largest difference of the blanks' mean OD between the calibrators' coating and another.

    Antigen-negative wells control for what needs no antigen only as far as both coatings read alike.
    """
    means = {one.antigen: one.mean_od for one in result.blanks if one.mean_od is not None}
    own = means.pop(terms.assay.calibration.antigen, None)
    if own is None or not means:
        yield unknown(PLATE, Message("no blanks on two coatings"))
        return
    antigen, mean = max(means.items(), key=lambda pair: abs(pair[1] - own))
    text = Message(
        "blanks read {own:n} OD, on {antigen} {mean:n} OD",
        own=fixed(own, 3),
        antigen=antigen,
        mean=fixed(mean, 3),
    )
    yield Observation(PLATE, abs(mean - own), text)


@rule_by_terms(
    "PLT-02",
    title="Wells are inside the reader's range",
    breach="Wells above the reader's range",
    limit="reader_max_od",
)
def wells_in_range(result: PlateResult, terms: Terms) -> Observations:
    """Wells of the layout that read above the linear range; above ``reading.max_od`` they carry no number."""
    wells = [w for w in result.wells if w.role is not None]
    above = [w.well for w in wells if w.state is WellUnused.ABOVE_RANGE or _reads_above(w, terms.limit)]
    text = Message("above range: {wells}", wells=", ".join(above)) if above else None
    yield Observation(
        PLATE, Message("{n:n} wells", n=len(above)), text or Message("no well above range"), ok=not above
    )


def _reads_above(well: WellResult, limit: Limit) -> bool:
    return well.state is None and well.raw_od is not None and not limit.allows(well.raw_od)


@rule(
    "PLT-03",
    title="Every well of the layout was read",
    breach="Wells of the layout were not read",
    limit="wells_missing",
)
def wells_read(result: PlateResult) -> Observations:
    """Wells of the layout without a number in the export (masked and above-range wells are not missing)."""
    lost = [
        Message("{well} ({why:t})", well=w.well, why=w.unused.means.words)
        for w in result.wells
        if w.unused is not None and w.unused.means.missing
    ]
    text = Message("all wells of the layout were read")
    if lost:
        text = Message("missing: {wells:t}", wells=joined(", ", lost))
    yield Observation(PLATE, float(len(lost)), text)


@rule_by_terms(
    "PLT-04",
    title="The reference wavelength was subtracted",
    breach="The reference wavelength was not subtracted",
    limit="reference_missing",
)
def reference_wavelength(result: PlateResult, terms: Terms) -> Observations:
    """1 where the assay declares a reference wavelength that the export lacks, or does not name."""
    if terms.assay.reading.reference_wavelength_nm is None:
        return
    reading = result.reading
    notes = joined("; ", reading.notes)
    if reading.reference_wavelength_nm is not None:
        nm = f"{reading.reference_wavelength_nm:g}"
        yield Observation(PLATE, 0.0, Message("{n:n} nm subtracted well by well", n=nm))
    elif reading.no_reference is not None and not reading.no_reference.means.lost:
        yield unknown(PLATE, notes)
    else:
        yield Observation(PLATE, 1.0, notes)


@rule_by_terms(
    "PLT-05",
    title="Wells without a sample are empty",
    breach="Wells without a sample are not empty",
    limit="unused_well_max_od",
)
def unused_wells_empty(result: PlateResult, terms: Terms) -> Observations:
    """OD of wells that the layout or the sample sheet leaves empty: a higher one was pipetted by mistake."""
    ods = {w.well: w.od for w in result.wells if w.od is not None and _left_empty(w)}
    filled = {well: od for well, od in ods.items() if not terms.limit.allows(od)}
    if ods:
        text = Message("{n:n} empty wells; {wells:t}", n=len(ods), wells=_filled(filled.items()))
        yield Observation(PLATE, max(ods.values()), text)


def _filled(wells: Iterable[tuple[str, float]]) -> Message:
    named = [Message("{well:w} (OD {od:n})", well=well, od=fixed(od, 3)) for well, od in wells]
    return first_of(named) if named else Message("none above the limit")


def _left_empty(well: WellResult) -> bool:
    return well.role is None or well.unused is WellUnused.EMPTY_SLOT


@rule(
    "PLT-06",
    title="The export is as the software wrote it",
    breach="The export is not as the software wrote it",
    limit="reader_remarks",
)
def reader_remarks(result: PlateResult) -> Observations:
    """Remarks of the reader: hidden cells, a line that cannot be placed, a name unlike the content."""
    remarks = result.reading.remarks
    text = joined("; ", remarks) if remarks else Message("nothing odd in the file")
    yield Observation(EXPORT, float(len(remarks)), text)


@rule(
    "PLT-13",
    title="The export was understood",
    breach="Part of the export was not understood",
    limit="cells_not_understood",
)
def export_understood(result: PlateResult) -> Observations:
    """Cells that the reader could not place, in percent of them and the wells that it read."""
    count = result.accounting
    read = count.wells_read + count.above_range + count.below_range + count.masked + count.unreadable
    lost = count.cells_not_understood
    if lost + read:
        text = Message("{n:n} cells not understood, {m:n} wells read", n=lost, m=read)
        yield Observation(EXPORT, 100 * lost / (lost + read), text)


@rule("PLT-11", title="Blank wells agree", breach="Blank wells differ", limit="blank_sd_od")
def blanks_agree(result: PlateResult) -> Observations:
    """SD of the blank wells of each coating; a CV says nothing where the mean is near zero."""
    for one in result.blanks:
        if one.sd_od is None:
            yield unknown(blank(one.antigen), Message("{n:n} usable wells have no SD", n=one.n))
        else:
            text = Message("SD {sd:n} OD of {n:n} wells", sd=fixed(one.sd_od, 4), n=one.n)
            yield Observation(blank(one.antigen), one.sd_od, text)
