"""Synthetic run records for tests of the reports: plausible numbers, no measurement."""

from __future__ import annotations

import math
from collections.abc import Iterable

from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.flags import Flag
from pipeline.domain.codes.hnk1 import Hnk1Status
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.codes.specific import SpecificStatus
from pipeline.domain.codes.steps import NextStep
from pipeline.domain.codes.unused import CurvePlace, DilutionUnused, WellUnused
from pipeline.domain.curve_results import CalibratorResult, CurveFit, LackOfFit, Parameter, WorkingRange
from pipeline.domain.findings import Finding, Verdict, overall
from pipeline.domain.plate import Accounting
from pipeline.domain.record import (
    FAILED_SCHEMA,
    RUN_SCHEMA,
    ExportFile,
    FailedRun,
    InputFile,
    RunInfo,
    RunRecord,
    Software,
)
from pipeline.domain.results import (
    BlankResult,
    ControlResult,
    DilutionResult,
    EndpointTiter,
    OdSummary,
    ReadingChoice,
    ReplicatePrecision,
    SampleResult,
    Titer,
    WellResult,
)
from pipeline.domain.specificity import AntigenNegative, Hnk1Result
from pipeline.domain.wells import Well, plate_wells
from pipeline.record.job import RunLine

LEVELS = (70000.0, 23333.0, 7778.0, 2593.0, 864.0, 288.0, 96.0)
DILUTIONS = (1000.0, 3000.0, 9000.0, 27000.0)
UNIT = "BTU"
SIGNAL = {
    "POSITIVE_HNK1_CONFIRMED": (14500.0, 0.06, 1.1),
    "NONSPECIFIC_BINDING": (5200.0, 0.55, 0.1),
    "NEGATIVE": (310.0, 0.05, 0.05),
    "POSITIVE_HNK1_NOT_CONFIRMED": (9800.0, 0.08, 0.05),
}
"""Class -> titer, antigen-negative OD at the first dilution, HNK1 share of the signal."""


def od_at(concentration: float) -> float:
    """OD of a rising 4PL at a concentration."""
    return 2.9 - 2.85 / (1.0 + math.pow(concentration / 6000.0, 1.05))


def wobble(*parts: float) -> float:
    """A deviation of at most 4 %, the same in every run."""
    return 1.0 + 0.04 * math.sin(12.9898 * sum((n + 1) * part for n, part in enumerate(parts)))


def calibrator(index: int, nominal: float, *, blank: bool = False) -> CalibratorResult:
    """One level with two wells; the blank is the zero standard, without a recovery."""
    ods = tuple(od_at(nominal) * wobble(index, well) for well in range(2))
    back = None if blank else nominal * wobble(index, 7)
    return CalibratorResult(
        level="blank" if blank else f"CAL{index + 1}",
        nominal=nominal,
        mean_od=sum(ods) / 2,
        cv_percent=abs(ods[0] - ods[1]) / sum(ods) * 141.4,
        back_calculated=back,
        recovery_percent=None if back is None else 100 * back / nominal,
        used=index != len(LEVELS) - 1,
        reason="recovery 131 % is outside 75 to 125 %" if index == len(LEVELS) - 1 else None,
        n=2,
        ods=ods,
    )


def curve() -> CurveFit:
    """A fitted 4PL with seven levels and the blank as zero."""
    levels = [calibrator(index, nominal) for index, nominal in enumerate(LEVELS)]
    grid = [0.0, *(96.0 * (70000 / 96) ** (step / 60) for step in range(61))]
    return CurveFit(
        antigen="MAG",
        model="4pl",
        weighting="1/y2",
        parameters={
            "lower": Parameter(0.05, 0.004, (0.0414, 0.0586)),
            "upper": Parameter(2.9, 0.061, (2.77, 3.03)),
            "ec50": Parameter(6000.0, 240.0, (5480.0, 6520.0)),
            "slope": Parameter(1.05, 0.02, None),
        },
        residual_df=12,
        residual_sd=0.041,
        r_squared=0.9987,
        lack_of_fit=LackOfFit(1.31, (4, 8), 0.344),
        calibrators=(*levels, calibrator(len(LEVELS), 0.0, blank=True)),
        range=WorkingRange(288.0, 70000.0, UNIT),
        warnings=("The lowest level was dropped and the curve fitted again.",),
        fitted_to="wells",
        line=tuple((x, od_at(x)) for x in grid),
    )


def failed_curve() -> CurveFit:
    """A curve that could not be fitted: no parameters, no range, a reason."""
    return CurveFit(
        antigen="MAG",
        model="4pl",
        weighting="1/y2",
        parameters={},
        residual_df=0,
        residual_sd=None,
        r_squared=None,
        lack_of_fit=None,
        calibrators=curve().calibrators,
        range=WorkingRange(None, None, UNIT),
        warnings=(),
        fitted_to="wells",
        failure="the calibrators do not rise: top OD 0.08, blank OD 0.06",
    )


def _dilution(index: int, classification: str, wells: dict[str, tuple[str, ...]]) -> DilutionResult:
    titer, background, hnk1_share = SIGNAL[classification]
    dilution = DILUTIONS[index]
    none = background * (1000 / dilution) ** 0.3 * wobble(index, 3)
    specific = od_at(titer * 1000 / dilution) * (0.25 if classification == "NONSPECIFIC_BINDING" else 1.0)
    mag = none + specific * wobble(index, 1)
    ods = {
        "MAG": OdSummary(mag, 2, 3.1 + index),
        "none": OdSummary(none, 1, None),
        "HNK1": OdSummary(none + specific * hnk1_share, 1, None),
    }
    used = classification != "NEGATIVE" and 0.2 < specific < 2.6
    return DilutionResult(
        dilution=dilution,
        wells=wells,
        od=ods,
        net_od=mag - none,
        net_od_se=0.02 + 0.02 * mag,
        cutoff_od=0.1 + 0.25 * (1000 / dilution),
        titer=titer * wobble(index, 5) if used else None,
        used=used,
        reason=None if used else DilutionUnused("below the lowest calibrator that passed"),
        titer_ci95=(titer * 0.8, titer * 1.25) if used else None,
        raw_positive=mag > 0.4,
        positive=mag - none > 0.1 + 0.25 * (1000 / dilution),
        hnk1_net_od=specific * hnk1_share,
        hnk1_net_od_se=0.03,
    )


def sample(
    slot: str,
    sample_id: str,
    classification: str,
    wells: Iterable[dict[str, tuple[str, ...]]],
) -> SampleResult:
    """One sample with its dilutions; titer, HNK1 and explanation fit its class."""
    value = SIGNAL[classification][0]
    positive = classification.startswith("POSITIVE")
    nonspecific = classification == "NONSPECIFIC_BINDING"
    ci = (value * 0.87, value * 1.15) if positive else None
    return SampleResult(
        sample_id=sample_id,
        slot=slot,
        classification=SampleClass(classification),
        reasons=tuple(map(Reason, _reasons(classification))),
        flags=(Flag.HIGH_BACKGROUND,) if nonspecific else (),
        reportable=not nonspecific,
        titer=Titer(
            value=None if nonspecific else value if positive else 1000.0,
            ci95=ci,
            unit=UNIT,
            qualifier=Qualifier.MEASURED if positive else Qualifier.BELOW,
            method="generalised least squares over 3 dilutions" if positive else "bound: cut-off",
            text="no titer: non-specific binding" if nonspecific else f"{value:.0f} {UNIT}",
        ),
        endpoint_titer=EndpointTiter(
            27000.0 if positive else None,
            31200.0 if positive else None,
            (28000.0, None) if positive else None,
            Qualifier.AT_LEAST if positive else Qualifier.BELOW,
            "at least 27000" if positive else "below 1000",
        ),
        antigen_negative=AntigenNegative(
            0.31 if nonspecific else 0.96,
            (0.2, 0.42) if nonspecific else (0.93, 0.98),
            SpecificStatus.NONSPECIFIC if nonspecific else SpecificStatus.PASS,
        ),
        hnk1=Hnk1Result(
            "direct",
            Hnk1Status.POSITIVE if SIGNAL[classification][2] > 0.5 else Hnk1Status.NEGATIVE,
            1.02,
            "OD",
            (0.9, 1.1),
            None,
            1000.0,
        ),
        dilutions=tuple(_dilution(n, classification, w) for n, w in enumerate(wells)),
        explanation=(
            "The serum binds the plate without MAG almost as much as with it: only 31 % of the signal is "
            "specific (at least 50 % needed). Not reportable as positive."
            if nonspecific
            else "Net MAG signal against the cut-off at four neighbouring dilutions; HNK1 signal compared "
            "with its limit of 0.30 OD."
        ),
        level_comment="10 000 to 70 000 BTU: strongly associated with neuropathy (assay tiers)"
        if positive
        else None,
        next_step="Repeat after absorption, or confirm with another method." if nonspecific else None,
        next_steps=(NextStep("ABSORB"),) if nonspecific else (),
        patient_code=f"P-{slot}",
        collected_on="2026-02-14",
        extra={"ward": "Neurology 3"},
    )


def _reasons(classification: str) -> tuple[str, ...]:
    """Also such as this version does not know."""
    positive, nonspecific = ("NET_POSITIVE", "HNK1_POSITIVE"), ("RAW_POSITIVE_NET_NOT",)
    if classification.startswith("POSITIVE"):
        return positive
    return nonspecific if classification == "NONSPECIFIC_BINDING" else ()


def _block_wells(top: int, left: int) -> list[dict[str, tuple[str, ...]]]:
    """Wells of a sample whose four dilutions stand below each other, columns MAG, MAG, none, HNK1."""
    return [
        {
            "MAG": (Well(top + n, left).name, Well(top + n, left + 1).name),
            "none": (Well(top + n, left + 2).name,),
            "HNK1": (Well(top + n, left + 3).name,),
        }
        for n in range(4)
    ]


def _wells(rows: int, columns: int, samples: tuple[SampleResult, ...]) -> tuple[WellResult, ...]:
    uses: dict[str, tuple[str, str, str | None, float | None, float]] = {}
    for row in range(8):
        for column in range(2):
            blank = row == 7
            name, nominal = ("", 0.0) if blank else (f"CAL{row + 1}", LEVELS[row])
            role = "blank" if blank else "calibrator"
            uses[Well(row, column).name] = (role, name, "MAG", None, od_at(nominal) * wobble(row, column))
    for row in range(6):
        name = ("NC", "PC1", "PC2")[row // 2]
        for column in (2, 3):
            od = (0.08, 1.4, 2.3)[row // 2] * wobble(row, column)
            uses[Well(row, column).name] = ("control", name, "MAG", 1000.0, od)
    for result in samples:
        for dilution in result.dilutions:
            for antigen, names in dilution.wells.items():
                for n, well in enumerate(names):
                    od = dilution.od[antigen].mean * wobble(n, dilution.dilution)
                    uses[well] = ("sample", result.slot, antigen, dilution.dilution, od)
    return tuple(_well(well, uses.get(well.name)) for well in plate_wells(rows, columns))


def _well(well: Well, use: tuple[str, str, str | None, float | None, float] | None) -> WellResult:
    name = well.name
    if use is None:
        return WellResult(
            name, None, None, None, None, None, None, None, WellUnused.NOT_READ, used=False, reason=None
        )
    role, label, antigen, dilution, od = use
    if name == "C5":
        reason = "above the reader's range (OVRFLW)"
        return WellResult(
            name,
            role,
            label,
            antigen,
            dilution,
            None,
            0.04,
            None,
            WellUnused.ABOVE_RANGE,
            used=False,
            reason=reason,
        )
    if name == "F9":
        reason = "masked in the reader's software"
        return WellResult(
            name,
            role,
            label,
            antigen,
            dilution,
            od + 0.04,
            0.04,
            od,
            WellUnused.MASKED,
            used=False,
            reason=reason,
        )
    return WellResult(
        name,
        role,
        label,
        antigen,
        dilution,
        od + 0.04,
        0.04,
        od,
        None,
        used=True,
        reason=None,
        concentration=512.3,
        concentration_state=CurvePlace.IN_RANGE,
    )


def findings(*, fail: bool, samples: tuple[SampleResult, ...]) -> tuple[Finding, ...]:
    """A pass for each level and sample, one warning, one rule not evaluated, optionally one fail."""
    source = "ICH M10, section 4.3"
    many = [
        Finding(
            "CAL-02",
            "Calibrators are recovered",
            f"CAL{n + 1}",
            Verdict.PASS,
            96.4 + n,
            20.0,
            "%",
            source,
            "",
        )
        for n in range(len(LEVELS) - 1)
    ]
    many += [
        Finding(
            "REP-01", "Replicate wells agree", s.sample_id, Verdict.PASS, 3.1, 20.0, "%", "convention", ""
        )
        for s in samples
    ]
    many.append(
        Finding(
            "REP-01",
            "Replicate wells agree",
            f"{samples[0].sample_id} at 1:27000" if samples else "NC",
            Verdict.WARN,
            23.4,
            20.0,
            "%",
            "convention",
            "The two MAG wells differ by 23.4 %, more than 20 %. Look at wells D5 and D6.",
        )
    )
    many.append(
        Finding(
            "HIS-01",
            "Control agrees with its history",
            "PC1",
            Verdict.NOT_EVALUATED,
            None,
            None,
            "SD",
            "Westgard 1-3s",
            "Fewer than 20 earlier runs.",
        )
    )
    if fail:
        many.append(
            Finding(
                "CTL-01",
                "Control is recovered",
                "PC2",
                Verdict.FAIL,
                141.0,
                25.0,
                "%",
                "assay validation 2025",
                "PC2 reads 141 % of its target, outside 75 to 125 %.",
                breach="Control out of range",
            )
        )
    return tuple(many)


def _controls() -> tuple[ControlResult, ...]:
    wells = _block_wells(0, 0)[:1]
    negative = sample("NC", "NC", "NEGATIVE", wells)
    positive = sample("PC1", "PC1", "POSITIVE_HNK1_CONFIRMED", wells)
    return (
        ControlResult("NC", "negative", None, "negative", None, negative),
        ControlResult("PC1", "positive", 15000.0, "positive", 96.7, positive),
        ControlResult("PC2", "positive", 14000.0, "positive", 103.6, positive),
    )


def run_info() -> RunInfo:
    """Identity and provenance as the shell fills them."""
    return RunInfo(
        id="2026-02-17-plate-3-copy-neu-1a2b3c4d",
        key="1a2b3c4d" * 8,
        assay="anti_mag_igm",
        assay_version="1.2",
        plate="Plate 3",
        export=ExportFile("Plate 3 (copy) \u2013 NEU.xlsx", "ab" * 32, "softmax_text", "##BLOCKS= in line 1"),
        software=Software("0.1.0", "3.12.4", "Linux-6.1-x86_64", {"numpy": "2.1.0", "scipy": "1.14.1"}),
        assay_title="Anti-MAG IgM with antigen-negative wells and HNK1",
        unit=UNIT,
        sample_sheet=InputFile("Plate 3 (copy) \u2013 NEU.samples.csv", "cd" * 32),
        definition=(InputFile("assay.toml", "ef" * 32), InputFile("layout.csv", "01" * 32)),
        processed_at="2026-02-17T09:14:03+01:00",
        operator="A. Muster",
        metadata={"reader": "SpectraMax i3", "temperature_c": 23.4, "notes": ["first read", "second read"]},
    )


SETTINGS: dict[str, object] = {
    "name": "anti_mag_igm",
    "antigens": ["MAG", "none", "HNK1"],
    "calibration": {"antigen": "MAG", "levels": {"CAL1": 70000.0}, "reference_dilution": 1000.0},
    "antigen_negative": {
        "antigen": "none",
        "min_ratio": {"value": 2.0, "unit": "ratio", "source": "default"},
    },
    "hnk1": {"antigen": "HNK1", "positive_od": {"value": 0.3, "unit": "OD", "source": "default"}},
    "cutoff": {"titer": 1000.0, "titer_source": "kit sheet"},
    "limits": {"replicate_cv": {"value": 20.0, "unit": "%", "on_breach": "warn", "source": "convention"}},
}


def run_record(
    *,
    samples: tuple[SampleResult, ...] | None = None,
    fit: CurveFit | None = None,
    fail: bool = False,
    shape: tuple[int, int] = (8, 12),
) -> RunRecord:
    """A whole record; without arguments a 96-well plate with four samples, accepted with warnings."""
    results = plate_of_samples(shape) if samples is None else samples
    wells = _wells(*shape, results)
    judged = findings(fail=fail, samples=results)
    read = sum(well.raw_od is not None for well in wells) * 2
    return RunRecord(
        schema=RUN_SCHEMA,
        run=run_info(),
        verdict=overall(judged),
        curves=(fit or curve(),),
        samples=results,
        findings=judged,
        controls=_controls(),
        blanks=(BlankResult("MAG", ("H1", "H2"), 0.051, 0.003, 2), BlankResult("none", (), None, None, 0)),
        precision=ReplicatePrecision(0.012, 0.04, 31),
        reading=ReadingChoice("Absorbance 450", "Absorbance 650", 450.0, 650.0, 450.0, 650.0, ()),
        accounting=Accounting(read, 2, 0, 2, 0, 0, 1),
        cells_not_understood=("line 47: '~End of file'",),
        rows=shape[0],
        columns=shape[1],
        wells=wells,
        settings=SETTINGS,
    )


def plate_of_samples(shape: tuple[int, int]) -> tuple[SampleResult, ...]:
    """As many samples as fit right of the calibrators and controls, classes in turn."""
    rows, columns = shape
    classes = list(SIGNAL)
    corners = [(top, left) for left in range(4, columns, 4) for top in range(0, rows, 4)]
    return tuple(
        sample(f"S{n + 1}", f"2026-{1041 + n}", classes[n % 4], _block_wells(top, left))
        for n, (top, left) in enumerate(corners)
    )


T = "2026-02-17T09:14:03+01:00"
RUN_LINE = RunLine("2026-02-17_p_1a2b3c4d", "k", "Plate 1", "anti_mag_igm", "p.txt", "accepted", T, 4, 1)
FAILED_LINE = RunLine(
    *("2026-02-17_q_1", "k", "Plate 1", "anti_mag_igm", "q.txt", "failed", T),
    code="FILE_EMPTY",
    message="The file is empty.",
    action="Export the plate again.",
)
"""Runs in one line: a finished one, and one that could not be computed."""


def failed_run() -> FailedRun:
    """A run that stopped at its export."""
    return FailedRun(
        schema=FAILED_SCHEMA,
        id="2026-02-17-plate-3-1a2b3c4d",
        key="1a2b3c4d" * 8,
        assay="anti_mag_igm",
        plate=None,
        export=InputFile("plate 3.csv", "ab" * 32),
        code="FILE_EMPTY",
        message="the file is empty",
        place=None,
        found="0 bytes",
        expected="an export of the plate reader",
        action="Export the plate again.",
        fault="input",
        processed_at="2026-02-17T09:14:03+01:00",
    )
