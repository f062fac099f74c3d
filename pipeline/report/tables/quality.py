"""Tables of quality control: findings, and wells that were not used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pipeline.domain.findings import Finding, RunVerdict, SubjectKind, Verdict
from pipeline.domain.layout import Role
from pipeline.domain.message import Message
from pipeline.domain.record import RunRecord
from pipeline.domain.results import ControlResult, WellResult
from pipeline.report.language import Given, Subject, Unit, listed, pieces
from pipeline.report.tables.columns import Table, make_table, parse_columns
from pipeline.report.tables.sample_words import titer_line
from pipeline.report.words.text import real_minus
from pipeline.report.words.tones import (
    FAIL,
    QUIET,
    VERDICTS,
    Format,
    Value,
    Word,
    number,
    printed,
    show,
    trimmed,
    words_of,
)

_DIGITS, _MOST_DIGITS = 3, 7
"""Significant digits of what was observed, and how far they go where the limit is as close."""
_SINGULAR: Mapping[str, str] = {
    unit: unit.removesuffix("s")
    for unit in (
        *("levels", "dilutions", "controls", "wavelengths", "wells", "remarks", "lots", "runs"),
        *("samples", "pairs", "ids"),
    )
} | {"days past": "day past"}
"""Units that count."""
_RECOVERY = "CTL-01"
"""The rule whose limit stands beside the recovery of a control."""


def worst_first(found: Iterable[Finding]) -> list[Finding]:
    """Fails, warnings, not evaluated, passes; each in the order of the record."""
    order = list(VERDICTS)
    return sorted(found, key=lambda finding: order.index(finding.verdict))


def findings(found: Iterable[Finding]) -> Table:
    """What each rule said, worst first; the limit stands beside what was observed."""
    columns = parse_columns(
        "Verdict; Rule; Check|prose; Subject; Observed|general; Limit|general; Unit; Message|prose; "
        "Limit from|prose"
    )
    rows = (
        (
            *(VERDICTS[f.verdict], Given(f.rule), f.told, Subject(f.subject), f.observed, f.limit),
            *(Unit(f.unit), f.message or None, Given(f.source)),
        )
        for f in worst_first(found)
    )
    return make_table("Quality control", columns, rows)


def finding_lines(found: Iterable[Finding]) -> Table:
    """The same for reading: rule, check and subject in one cell, numbers with their unit."""
    columns = parse_columns(
        "Verdict; Rule; Check|prose; Observed|prose; Limit; Message|prose; Limit from|prose"
    )
    rows = (
        (
            *(VERDICTS[f.verdict], Given(f.rule)),
            pieces(f.told, ": ", Subject(f.subject)) if f.subject else f.told,
            *(_observed(f), _with_unit(f.limit, f.unit), real_minus(f.message) or None),
            Given(f.source),
        )
        for f in worst_first(found)
    )
    return make_table("", columns, rows)


def passed_lines(found: Iterable[Finding]) -> Table:
    """Findings that need no reading, briefly: subjects of one check against one limit share a line."""
    columns = parse_columns("Verdict; Rule; Check|prose; Observed|prose; Limit; Limit from|prose")
    groups: dict[tuple[Value, ...], list[str]] = defaultdict(list)
    for f in worst_first(found):
        limit = _with_unit(f.limit, f.unit)
        groups[VERDICTS[f.verdict], Given(f.rule), f.title, limit, Given(f.source)].append(_briefly(f))
    rows = (
        (verdict, rule, title, listed("; ", texts), limit, source)
        for (verdict, rule, title, limit, source), texts in groups.items()
    )
    return make_table("", columns, rows)


def _briefly(finding: Finding) -> str:
    """Subject and what was observed; the message where nothing was."""
    what = _observed(finding) or real_minus(finding.message)
    subject = Subject(finding.subject)
    return pieces(subject, ": ", what) if subject and what else subject or what


def _observed(finding: Finding) -> str | None:
    """To three significant digits, or as many as tell it from its limit; a count is whole."""
    value, limit = finding.observed, finding.limit
    if value is None or isinstance(value, str):
        return value if value is None else real_minus(value)
    if value.is_integer():
        return _amount(number(value, Format.WHOLE), finding.unit)
    texts = (printed(value, digits) for digits in range(_DIGITS, _MOST_DIGITS))
    beside = None if limit is None or value == limit else number(limit, Format.GENERAL)
    return _amount(
        next((text for text in texts if trimmed(text) != beside), number(value, Format.GENERAL)), finding.unit
    )


def _with_unit(value: float | None, unit: str) -> str | None:
    return None if value is None else _amount(number(value, Format.GENERAL), unit)


def _amount(text: str, unit: str) -> str:
    return pieces(text, "\u00a0", Unit(_SINGULAR.get(unit, unit) if text == "1" else unit))


def control_checks(record: RunRecord) -> Table:
    """Each control against its limits, for the first page; the last word is the worst of its checks."""
    columns = parse_columns(
        "Control; Titer (95 % interval)|prose; Target|titer; Of target %|percent; Limit; Checks"
    )
    rows = (
        (
            *(Given(control.name), titer_line(control.result), control.target or None),
            control.recovery_percent,
            *_control_verdict(record, control),
        )
        for control in record.controls
    )
    return make_table("Controls against their limits", columns, rows)


def _control_verdict(record: RunRecord, control: ControlResult) -> tuple[Value, Value]:
    """The limit of recovery in words, and what the checks of one control say together."""
    found = [f for f in record.findings if f.concerns(SubjectKind.CONTROL, control.name)]
    limits = (f for f in found if f.rule == _RECOVERY and f.limit is not None)
    limit = next((_around(f) for f in limits), "negative" if control.kind == "negative" else None)
    judged = worst_first(f for f in found if f.verdict is not Verdict.NOT_EVALUATED)
    if not judged:
        return limit, Word("not evaluated", QUIET)
    worst = judged[0]
    if worst.verdict is Verdict.PASS:
        return limit, Word(Message("{n:n} passed", n=len(judged)), VERDICTS[Verdict.PASS].tone)
    text = pieces(VERDICTS[worst.verdict].text, " (", Given(worst.rule), ")")
    return limit, Word(text, VERDICTS[worst.verdict].tone)


def _around(finding: Finding) -> str:
    """``100 ± 25 %``."""
    return pieces(f"100 \u00b1 {show(finding.limit, Format.GENERAL)}", " ", Unit(finding.unit))


def unused(well: WellResult) -> bool:
    """A well that the layout uses and the result does not."""
    return well.role is not None and not well.used


def empty_slots(record: RunRecord) -> frozenset[str]:
    """Slots of the layout that no sample stands in: none of their wells was used, and no sample has them."""
    taken = {sample.slot for sample in record.samples}
    taken |= {well.name for well in record.wells if well.used and well.name}
    slots = {well.name for well in record.wells if well.role == Role.SAMPLE and well.name}
    return frozenset(slots - taken)


def crossed_wells(record: RunRecord) -> frozenset[str]:
    """Wells that were meant to be used and were not; wells of empty slots are not meant."""
    empty = empty_slots(record)
    return frozenset(
        well.well
        for well in record.wells
        if unused(well) and not (well.role == Role.SAMPLE and well.name in empty)
    )


def excluded(record: RunRecord) -> tuple[str, ...]:
    """What was left out and why, a line each: calibrator levels, then wells."""
    levels = [
        Message(
            "Calibrator level {level}: {why:t}",
            level=level.level,
            why=level.reason or "no reason recorded",
        )
        for fit in record.curves
        for level in fit.calibrators
        if not level.used
    ]
    crossed = crossed_wells(record)
    groups: dict[tuple[str, str], list[str]] = {}
    for well in record.wells:
        if well.well in crossed:
            name = Given(well.name) if well.name else well.role or ""
            groups.setdefault((name, _why(well)), []).append(well.well)
    wells = (_wells_out(found, name, why) for (name, why), found in groups.items())
    return (*levels, *wells)


def nothing_left_out(record: RunRecord) -> str:
    """What is said where nothing was left out: of a rejected plate nothing counts."""
    if record.verdict is RunVerdict.REJECTED:
        return "No level and no well of a sample, but the plate was rejected: none of them counts."
    return "Nothing: every calibrator level and every well of a sample counts."


def _wells_out(wells: list[str], name: str, why: str) -> str:
    word = "Well" if len(wells) == 1 else "Wells"
    return pieces(word, " ", Given(" ".join(wells)), " (", name, "): ", why)


def exclusions(record: RunRecord) -> Table:
    """Wells of the layout that were not used, with the reason; those of empty slots too."""
    columns = parse_columns(
        "Well; Role; Why not used|prose; Name; Dilution|dilution; OD as printed|od; Coating; "
        "Reader said|prose"
    )
    crossed = crossed_wells(record)
    rows = (_exclusion(well, crossed) for well in record.wells if unused(well))
    return make_table("Wells not used", columns, rows)


def _exclusion(well: WellResult, crossed: frozenset[str]) -> tuple[Value, ...]:
    state = words_of(well.state)
    return (
        *(_marked(well.well, crossed=well.well in crossed), well.role, _why(well)),
        *(Given(well.name) if well.name else None, well.dilution, well.raw_od),
        *(Given(well.antigen) if well.antigen else None, state),
    )


def _marked(wells: str, *, crossed: bool) -> Word:
    return Word(Given(wells), FAIL if crossed else QUIET)


def _why(well: WellResult) -> str:
    return well.reason or "no reason recorded"


def exclusion_lines(record: RunRecord) -> Table:
    """The same for reading: wells of one name and one reason share a line."""
    columns = parse_columns("Name; Role; Why not used|prose; Wells|prose")
    crossed = crossed_wells(record)
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for well in record.wells:
        if unused(well):
            groups[well.name or "", well.role or "", _why(well)].append(well.well)
    rows: Iterator[tuple[Value, ...]] = (
        (Given(name) if name else None, role, why, _marked(" ".join(wells), crossed=wells[0] in crossed))
        for (name, role, why), wells in groups.items()
    )
    return make_table("", columns, rows)
