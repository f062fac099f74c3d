"""What the first page says: verdict, why, what to do, counts. Pure; the writers take no decisions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.compute.sample.bench_steps import facts_of, needs_step
from pipeline.domain.curve_results import CurveFit, Reach
from pipeline.domain.findings import Finding, RunVerdict, Verdict, causes_of
from pipeline.domain.layout import Role
from pipeline.domain.message import Message, joined
from pipeline.domain.names import bound_small
from pipeline.domain.record import RunRecord
from pipeline.domain.results import SampleResult
from pipeline.report.language import Given, Subject, listed, pieces
from pipeline.report.tables.quality import crossed_wells, empty_slots, worst_first
from pipeline.report.tables.spoken import Spoken
from pipeline.report.words.text import counted, local_time, real_minus
from pipeline.report.words.tones import (
    FAIL,
    MODELS,
    PASS,
    RUN_VERDICTS,
    Format,
    Word,
    dilution_text,
    number,
    signed,
)

_SHOWN = 3
"""Findings quoted on the first page before 'and n more'."""

_HISTORY = "HIS-"
"""Of the rules over past runs."""

_UNSEEN = (
    "Two sera exchanged, or one diluted wrongly before the plate: compare with the patient's earlier titers."
)

_ACTIONS = {
    RunVerdict.ACCEPTED: "The results can go to review and release.",
    RunVerdict.ACCEPTED_WITH_WARNINGS: "Read the warnings below, then decide in review whether to release.",
    RunVerdict.REJECTED: (
        "Do not report results of this plate. Put the cause right and repeat the plate; raw data are kept."
    ),
}


@dataclass(frozen=True, slots=True)
class Overview(Spoken):
    """The top of the first page."""

    title: str
    heading: str
    findings_first: bool
    """On a rejected plate the reasons matter more than the samples."""
    word: Word
    why: str
    action: str
    identity: tuple[tuple[str, str], ...]
    counts: tuple[tuple[str, int], ...]
    balance: Word
    """Do the counts add up: what came in is what is reported."""


def overview(record: RunRecord) -> Overview:
    """Compose the first page."""
    return Overview(
        title=Given(record.run.assay_title or record.run.assay),
        heading=_heading(record.run.plate),
        findings_first=record.verdict is RunVerdict.REJECTED,
        word=RUN_VERDICTS[record.verdict],
        why=_why(record),
        action=listed(" ", _actions(record)),
        identity=tuple(_identity(record)),
        counts=tuple(_counts(record)),
        balance=_balance(record),
    )


def _heading(plate: str) -> str:
    """``Plate P1``; a name that says plate already stays as it is."""
    return Given(plate) if plate.casefold().startswith("plate") else Message("Plate {plate}", plate=plate)


def _why(record: RunRecord) -> str:
    by_verdict = {verdict: [f for f in record.findings if f.verdict is verdict] for verdict in Verdict}
    fails, warnings = by_verdict[Verdict.FAIL], by_verdict[Verdict.WARN]
    if fails:
        return pieces(counted(len(fails), "check"), *_failed(fails), _quoted(fails))
    if warnings:
        return pieces("No check failed; ", counted(len(warnings), "warning"), ": ", _quoted(warnings))
    passed = counted(len(by_verdict[Verdict.PASS]), "check")
    return pieces(passed, " passed, none failed", *_open(record.findings), ".")


def _failed(failed: Sequence[Finding]) -> Iterator[str]:
    """With what explains what in brackets, where one failed check follows from another."""
    found = causes_of(failed)
    if not found.then:
        yield " failed: "
        return
    if len(found.first) == 1:
        cause = Message("1 cause: {cause:t}", cause=found.first[0])
    else:
        cause = Message("causes: {causes:t}", causes=joined(", ", found.first))
    follow = (Message("the {group:t} follow", group=one) for one in found.then)
    yield from (" failed (", joined("; ", [cause, *follow]), "): ")


def _open(findings: Iterable[Finding]) -> Iterator[str]:
    """How many rules judged nothing, or not all subjects; control charts without a past are named once."""
    rules: dict[str, set[bool]] = defaultdict(set)
    for finding in findings:
        rules[finding.rule].add(finding.verdict is Verdict.NOT_EVALUATED)
    past = {rule for rule in rules if rule.startswith(_HISTORY)}
    young = bool(past) and all(rules[rule] == {True} for rule in past)
    left = [found for rule, found in rules.items() if not (young and rule in past)]
    whole, part = sum(found == {True} for found in left), sum(len(found) > 1 for found in left)
    if whole:
        yield from ("; ", counted(whole, "rule"), " did not apply or could not be evaluated")
    if part:
        yield from ("; ", counted(part, "rule"), " could be evaluated for some samples and controls only")
    if young:
        yield "; control charts begin when there are enough accepted runs"


def _quoted(found: list[Finding]) -> str:
    texts = [finding_text(finding) for finding in found[:_SHOWN]]
    rest = len(found) - len(texts)
    more = [Message("And {n:n} more, see \u201cFindings to read\u201d.", n=rest)] if rest else []
    return listed(" ", [*texts, *more])


def finding_text(finding: Finding) -> str:
    """What is wrong, with its subject, and the message; a name that says what should be so is in quotes."""
    parts = [finding.breach] if finding.breach else ["\u201c", finding.title, "\u201d"]
    parts += [", ", Subject(finding.part)] if finding.part else []
    parts += [": ", real_minus(finding.message)] if finding.message else []
    closed = parts[-1].endswith((".", "!", "?"))
    return pieces(*parts, *(() if closed else (".",)))


def _actions(record: RunRecord) -> Iterator[str]:
    """What to do with the plate, and with its samples; nobody releases those without a result."""
    all_reportable = all(sample.reportable for sample in record.samples)
    if record.verdict is not RunVerdict.ACCEPTED or all_reportable:
        yield _ACTIONS[record.verdict]
    if not record.samples:
        yield "There is no sample on this plate."
    elif record.verdict is not RunVerdict.REJECTED:
        yield from _adding_up(record.samples)


_KINDS = {
    (True, False): "{n:n} reportable",
    (True, True): "{n:n} reportable, with another step to do",
    (False, True): "{n:n} not reportable, with another step to do",
    (False, False): "{n:n} not reportable",
}
"""Samples by what becomes of them: may the result go out, and is there another step at the bench?"""


def _adding_up(samples: Sequence[SampleResult]) -> Iterator[str]:
    """How many samples there are of each kind, where not all of them are simply reportable."""
    found = Counter((sample.reportable, needs_step(facts_of(sample))) for sample in samples)
    kinds = [Message(text, n=found[kind]) for kind, text in _KINDS.items() if found[kind]]
    if set(found) != {(True, False)}:
        yield pieces(counted(len(samples), "sample"), ": ", listed("; ", kinds), ".")
    if any(waits for _, waits in found):
        yield "The steps stand in \u201cTo repeat or check\u201d."


def _identity(record: RunRecord) -> Iterator[tuple[str, str]]:
    run = record.run
    yield "Plate", Given(run.plate)
    yield "Export", Given(run.export.name)
    sheet = run.sample_sheet
    yield "Sample sheet", Given(sheet.name) if sheet else "none: samples are named by their slots"
    yield "Assay", Message("{assay}, version {version}", assay=run.assay, version=run.assay_version)
    if (check := hnk1_check(record)) is not None:
        yield "HNK1 check", check
    if (step := step_text(record)) is not None:
        yield "Dilution step", step
    yield from _wet(record)
    yield "Processed", Given(local_time(run.processed_at)) or "not recorded"
    yield "Started by", Given(run.operator) or "not recorded"
    yield "Run", Given(run.id)
    if run.supersedes is not None:
        yield "Replaces", Message("{run} (same file name)", run=run.supersedes)


def _wet(record: RunRecord) -> Iterator[tuple[str, str]]:
    """Dilutions of the samples on the plate, and lots, where there are any."""
    found = {well.dilution for well in record.wells if well.role == Role.SAMPLE}
    dilutions = sorted(dilution for dilution in found if dilution is not None)
    if dilutions:
        yield "Dilutions", Given(", ".join(map(dilution_text, dilutions)))
    if record.lots:
        lots = (
            pieces(Subject(use.label), " ", Given(use.lot) if use.lot else "not known") for use in record.lots
        )
        yield "Lots", listed(", ", lots)


def step_text(record: RunRecord) -> Message | None:
    """The pipetting error that past runs tell, and what it was in the last run; None where they tell none."""
    history = record.step_history
    if history is None or record.step_error is None:
        return None
    now, last = _percent(record.step_error.declared_cv_percent), _percent(history.last_cv_percent)
    runs, changed = len(history.runs), now != last
    if history.used and changed:
        text = "CV {cv:n} % from {n:n} past runs, changed from {last:n} % in the last run"
        return Message(text, cv=now, n=runs, last=last)
    if changed and runs:
        return Message("CV {cv:n} % as declared, changed from {last:n} % in the last run", cv=now, last=last)
    if not history.used:
        return None
    return Message("CV {cv:n} % from {n:n} past runs, as in the last run", cv=now, n=runs)


def _percent(cv: float | None) -> str:
    return "" if cv is None else f"{cv:.1f}"


def _counts(record: RunRecord) -> Iterator[tuple[str, int]]:
    wells = record.wells
    yield "Wells on the plate", record.rows * record.columns
    yield "Wells used", sum(well.used for well in wells)
    crossed, empty = crossed_wells(record), empty_slots(record)
    yield "Wells not used, each with a reason", len(crossed)
    if empty:
        yield "Wells of slots without a sample", sum(well.name in empty for well in wells)
    yield "Wells outside the layout", sum(well.role is None for well in wells)
    yield "Sample slots in the layout", len(_slots(record))
    if empty:
        yield "Slots without a sample", len(empty)
    yield "Samples reported here", len(record.samples)
    yield "Samples reportable", sum(sample.reportable for sample in record.samples)


def hnk1_check(record: RunRecord) -> str | None:
    """The format of the HNK1 check, and what was used for it; None where the assay has none."""
    declared = record.settings.get("hnk1")
    if not isinstance(declared, Mapping):
        return None
    words = [str(declared.get("format", "direct"))]
    if "assay" in declared:
        words.append(Message("of {assay}, by sample id", assay=str(declared["assay"])))
    if "competitor" in declared:
        words.append(_competitor(declared))
    return listed(" ", words)


def _competitor(declared: Mapping[str, object]) -> Message:
    amount = declared.get("competitor_concentration")
    what = {"competitor": str(declared["competitor"]), "form": str(declared.get("competitor_form"))}
    if not isinstance(amount, Mapping):
        return Message("by {competitor} ({form:t})", **what)
    how_much = {"n": f"{amount['value']:g}", "unit": str(amount["unit"])}
    return Message("by {competitor} ({form:t}, {n:n} {unit})", **what, **how_much)


def _slots(record: RunRecord) -> set[str | None]:
    return {well.name for well in record.wells if well.role == Role.SAMPLE}


def _balance(record: RunRecord) -> Word:
    """In equals out, or the report says that it does not."""
    missing = record.rows * record.columns - len({well.well for well in record.wells})
    samples = {sample.slot for sample in record.samples}
    lost = len(_slots(record) - samples - empty_slots(record))
    if missing or lost:
        wells, lines = counted(missing, "well"), counted(lost, "sample")
        text = "In is not out: {wells:t} and {samples:t} without a line"
        return Word(Message(text, wells=wells, samples=lines), FAIL)
    return Word("In = out: every well and every sample of the layout is in this report", PASS)


def curve_facts(fit: CurveFit, reach: Reach | None) -> tuple[tuple[str, str], ...]:
    """Model, weights, range and tests of a curve, and how far the layout reaches with it; label and text."""
    return tuple(_curve_facts(fit, reach))


def _curve_facts(fit: CurveFit, reach: Reach | None) -> Iterator[tuple[str, str]]:
    yield "Coating", Given(fit.antigen)
    yield "Model", pieces(MODELS.get(fit.model, fit.model), ", fitted to ", fit.fitted_to)
    yield "Weights", "1/y\u00b2" if fit.weighting == "1/y2" else fit.weighting
    yield "Working range", _range_text(fit)
    if reach is not None:
        yield "Reach", reach.said()
        yield "Seen by no plate", _UNSEEN
    if fit.residual_sd is not None:
        sd = number(fit.residual_sd, Format.GENERAL)
        yield "Residual SD", Message("{sd:n} with {df:n} degrees of freedom", sd=sd, df=fit.residual_df)
    if fit.lack_of_fit is not None:
        test = fit.lack_of_fit
        found = {"f": number(test.f, Format.GENERAL), "p": number(test.p, Format.P)}
        yield (
            "Lack of fit",
            Message("F({a:n}, {b:n}) = {f:n}, p = {p:n}", a=test.df[0], b=test.df[1], **found),
        )
    if fit.disagreement_percent is not None:
        percent = bound_small(fit.disagreement_percent)
        yield "Two engines", Message("fitted ODs differ by at most {n:n} % of the span", n=percent)
    if fit.correlation is not None:
        yield "Highest correlation", Message("{n:n} between two parameters", n=signed(fit.correlation, 3))
    if fit.dropped is not None:
        yield "Left out", Message("level {level}: {why:t}", level=fit.dropped.level, why=fit.dropped.reason)
    if fit.r_squared is not None:
        yield "R\u00b2", Message("{n:n} (for information; never a criterion)", n=signed(fit.r_squared, 4))


def _range_text(fit: CurveFit) -> str:
    low, high = fit.range.lloq, fit.range.uloq
    if low is None or high is None:
        return "none: no calibrator passed"
    ends = {"low": number(low, Format.TITER), "high": number(high, Format.TITER)}
    return Message("{low:n} to {high:n} {unit}", **ends, unit=fit.range.unit)


def split_findings(record: RunRecord) -> tuple[list[Finding], list[Finding]]:
    """Findings to read (fail, warning), and the rest (not evaluated, pass)."""
    loud = (Verdict.FAIL, Verdict.WARN)
    ranked = worst_first(record.findings)
    return [f for f in ranked if f.verdict in loud], [f for f in ranked if f.verdict not in loud]
