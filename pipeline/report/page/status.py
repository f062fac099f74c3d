"""``STATUS.html``: the page for the shared screen. What is waiting, what was done, what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from pipeline.domain.codes.steps import NextStep
from pipeline.domain.findings import RunVerdict
from pipeline.domain.message import Message
from pipeline.record.document import PAGE, WHY, WORKBOOK
from pipeline.record.job import SUBJECT_BEGINS, TITLE_END, RunLine
from pipeline.report.language import ENGLISH, Language, Subject, listed, pieces
from pipeline.report.language.refusals import refusal_in
from pipeline.report.page.environment import template
from pipeline.report.tables.spoken import spoken
from pipeline.report.words.text import counted, real_minus
from pipeline.report.words.tones import FAIL, QUIET, RUN_VERDICTS, TONES, Tone, Word

REFRESH_S = 5
"""How often the browser loads the page again."""

SHORT = 80
"""Signs of the reason that a list shows beside a verdict."""


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A file in the inbox and what it waits for, in plain words."""

    assay: str
    name: str
    text: str
    tone: Tone = QUIET


@dataclass(frozen=True, slots=True)
class PlateLine:
    """A run as the page shows it."""

    run: RunLine
    word: Word
    text: str
    folder: str
    """Where its report or its WHY.txt is, relative to the page."""


@dataclass(frozen=True, slots=True)
class StatusPage:
    """Everything on the page. Times are ISO 8601, local."""

    workspace: str
    since: str
    """When the watching began."""
    looked_at: str
    """When the inbox was last looked at."""
    watching: bool
    notices: tuple[str, ...]
    """What the laboratory should know: inbox unreachable, Prefect unreachable, a folder without assay."""
    queue: tuple[QueueLine, ...]
    runs: tuple[RunLine, ...]
    """The last ones, newest first."""
    unsolved: tuple[RunLine, ...] = ()
    """Refused files and rejected plates that still need a person, newest first."""
    language: Language = ENGLISH
    progress: str = ""
    """``3 of 24 done`` while several files are worked on."""


def status_html(page: StatusPage) -> bytes:
    """Draw the page: one file, nothing loaded from elsewhere, all text escaped."""
    plates = [_said(plate_line(run), page.language) for run in page.runs]
    html = template("status.html.j2", page.language).render(
        page=page,
        plates=plates,
        problems=[_said(plate_line(run), page.language) for run in page.unsolved],
        tones=TONES,
        refresh=REFRESH_S,
        links=links,
        trouble=trouble,
        happened=happened,
        to_do=to_do,
        waits=partial(_waits, page.language),
    )
    return html.encode("utf-8", "backslashreplace")


def plate_line(run: RunLine) -> PlateLine:
    """Put a run in words, such as ``done: accepted, reportable 3 of 4, 1 to repeat or check``."""
    if run.failed:
        return PlateLine(run, Word("Not processed", FAIL), run.message or "", f"rejected/{run.id}")
    word = RUN_VERDICTS[RunVerdict(run.verdict)]
    return PlateLine(run, word, done_text(run), f"reports/{run.id}")


def _said(line: PlateLine, language: Language) -> PlateLine:
    if language.plain:
        return line
    run = line.run
    message, action = (refusal_in(language, text or "") for text in (run.message, run.action))
    text = message if run.failed else language.say(line.text)
    run = replace(run, message=message, action=action)
    return replace(line, run=run, word=spoken(language, line.word), text=text)


def _waits(language: Language, text: str) -> str:
    """What a file in the inbox waits for: a state, or why the last try was in vain."""
    translated = refusal_in(language, text)
    return translated if translated != text else language.say(text)


def done_text(run: RunLine) -> str:
    """What came out of a finished run."""
    counts = counted(0, "sample")
    if run.samples:
        counts = Message("reportable {n:n} of {m:n}", n=run.reportable, m=run.samples)
    parts = [RUN_VERDICTS[RunVerdict(run.verdict)].text.lower(), counts]
    if run.verdict == RunVerdict.REJECTED.value:
        parts.append("repeat the plate")
    elif run.repeats:
        parts.append(Message("{n:n} to repeat or check", n=run.repeats))
    return pieces("done: ", listed(", ", parts))


def trouble(run: RunLine, language: Language = ENGLISH) -> str:
    """Why a finished plate was rejected or warned about: ``Replicate wells differ, sample S1: CV 40 %``.

    Empty where nothing was found. Older versions named a check by what should be so, and no subject.
    """
    if run.failed or not run.message:
        return ""
    name, end, message = run.message.partition(TITLE_END)
    breach, begins, subject = name.partition(SUBJECT_BEGINS)
    known = language.known_in("breaches", breach)
    if known is not None:
        about = language.say(Subject(subject))
        return short(real_minus(f"{known}{begins}{about}{end}{language.say(message)}"))
    word = "failed check" if run.verdict == RunVerdict.REJECTED.value else "check with a warning"
    why = short(real_minus(f"{language.say(name)}{end}{language.say(message)}"))
    return f"{language.say(word)}: {why}"


def reportable(run: RunLine) -> str:
    """``1 of 3``; empty for a run that was not computed."""
    return "" if run.failed else Message("{n:n} of {m:n}", n=run.reportable, m=run.samples)


def short(text: str) -> str:
    """At most :data:`SHORT` signs, with an ellipsis where there were more."""
    return text if len(text) <= SHORT else f"{text[: SHORT - 1].rstrip()}\u2026"


def happened(line: PlateLine, language: Language = ENGLISH) -> str:
    """Why a file was refused or a plate rejected."""
    return line.run.message or "" if line.run.failed else trouble(line.run, language)


def to_do(run: RunLine, language: Language = ENGLISH) -> str:
    """What to do about a refused file, whose action is said already, or a rejected plate."""
    return run.action or "" if run.failed else language.say(NextStep.REPEAT_PLATE.alone())


def links(line: PlateLine) -> Sequence[tuple[str, str]]:
    """Words and targets of the links of a plate."""
    if line.run.failed:
        return (("why", f"{line.folder}/{WHY}"),)
    return (("report", f"{line.folder}/{PAGE}"), ("workbook", f"{line.folder}/{WORKBOOK}"))
