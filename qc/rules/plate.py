"""Rules on the plate as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.domain.assay import Assay
from pipeline.domain.declared import Limit
from pipeline.domain.results import PlateResult
from pipeline.domain.rounding import fixed
from qc.rule import Observation, rule

_NAMED = 6
"""Wells that a message names."""


@rule("PLT-01", title="Blanks are low", limit="blank_max_od")
def blanks_low(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Mean OD of the blank wells of each coating."""
    del assay
    for blank in result.blanks:
        if blank.mean_od is None:
            yield Observation(f"blank {blank.antigen}", None, None, "no usable blank well")
        else:
            text = f"mean OD {fixed(blank.mean_od, 3)} of {blank.n} wells"
            yield Observation(f"blank {blank.antigen}", blank.mean_od <= limit.value, blank.mean_od, text)


@rule("PLT-02", title="Wells are inside the reader's range", limit="reader_max_od")
def wells_in_range(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Wells of the layout that read above the linear range; they carry no number and are left out."""
    del assay, limit
    above = [w.well for w in result.wells if w.role is not None and w.state == "above_range"]
    text = f"above range: {', '.join(above)}" if above else "no well above range"
    yield Observation("plate", not above, f"{len(above)} wells", text)


@rule("PLT-03", title="Every well of the layout was read", limit="wells_missing")
def wells_read(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Wells of the layout without a number in the export (masked and above-range wells are not missing)."""
    del assay
    lost = [
        f"{w.well} ({w.reason})"
        for w in result.wells
        if w.role is not None and not w.used and w.reason is not None and _missing(w.state, w.reason)
    ]
    text = f"missing: {', '.join(lost)}" if lost else "all wells of the layout were read"
    yield Observation("plate", len(lost) <= limit.value, float(len(lost)), text)


def _missing(state: str | None, reason: str) -> bool:
    return state not in ("masked", "above_range") and not reason.startswith("slot without")


@rule("PLT-04", title="The reference wavelength was subtracted", limit="reference_missing")
def reference_wavelength(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """1 where the assay declares a reference wavelength that the export lacks, or does not name."""
    if assay.reading.reference_wavelength_nm is None:
        return
    reading = result.reading
    note = "; ".join(reading.notes)
    if reading.reference_wavelength_nm is not None:
        text = f"{reading.reference_wavelength_nm:g} nm subtracted well by well"
        yield Observation("plate", ok=True, observed=0.0, message=text)
    elif "already reduced" in note:
        yield Observation("plate", None, None, note)
    else:
        yield Observation("plate", limit.value >= 1, 1.0, note)


@rule("PLT-05", title="Wells without a sample are empty", limit="unused_well_max_od")
def unused_wells_empty(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """OD of wells that the layout or the sample sheet leaves empty: a higher one was pipetted by mistake."""
    del assay
    unused = [w for w in result.wells if w.od is not None and _left_empty(w.role, w.reason)]
    filled = [w for w in unused if w.od is not None and w.od > limit.value]
    highest = max((w.od for w in unused if w.od is not None), default=None)
    if highest is None:
        return
    text = (
        ", ".join(f"{w.well} (OD {fixed(w.od or 0.0, 3)})" for w in filled[:_NAMED]) or "none above the limit"
    )
    more = f" and {len(filled) - _NAMED} more" if len(filled) > _NAMED else ""
    yield Observation("plate", not filled, highest, f"{len(unused)} empty wells; {text}{more}")


def _left_empty(role: str | None, reason: str | None) -> bool:
    return role is None or (reason or "").startswith("slot without")


@rule("PLT-06", title="The export is as the software wrote it", limit="reader_remarks")
def reader_remarks(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Remarks of the reader: hidden cells, a line that cannot be placed, a name unlike the content."""
    del assay
    remarks = result.reading.remarks
    text = "; ".join(remarks) or "nothing odd in the file"
    yield Observation("export", len(remarks) <= limit.value, float(len(remarks)), text)


@rule("PLT-11", title="Blank wells agree", limit="blank_sd_od")
def blanks_agree(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """SD of the blank wells of each coating; a CV says nothing where the mean is near zero."""
    del assay
    for blank in result.blanks:
        if blank.sd_od is None:
            yield Observation(f"blank {blank.antigen}", None, None, f"{blank.n} usable wells have no SD")
        else:
            text = f"SD {fixed(blank.sd_od, 4)} OD of {blank.n} wells"
            yield Observation(f"blank {blank.antigen}", blank.sd_od <= limit.value, blank.sd_od, text)
