"""WHY.txt and STATUS.html in German."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from record_factory import FAILED_LINE, RUN_LINE, T
from sample_cases import CONTEXT, REFUSALS, SampleCase

from pipeline.domain.record import FailedRun, ReportStyle
from pipeline.errors import TiterlineError
from pipeline.jobs.produce import rendered
from pipeline.record.document import failed_from_json, to_json
from pipeline.record.why import MAX_WORDS, why_text
from pipeline.report.language import language
from pipeline.report.language.catalogue import catalogue
from pipeline.report.language.refusals import refusal_in
from pipeline.report.page.status import QueueLine, StatusPage, status_html

GERMAN = language("de", ",")
SAY = partial(refusal_in, GERMAN)
STYLE = ReportStyle("de", ",")
ENGLISH_WORDS = re.compile(r"\b(the|of|and|is|are|not|with|again|export the|this|file)\b", re.IGNORECASE)


def _refused(case: SampleCase) -> FailedRun | None:
    """What becomes of a bad export in a German workspace; None where its sample sheet is the bad one."""
    try:
        found = case.process(replace(CONTEXT, reports=STYLE))
    except TiterlineError:
        return None
    return next((run for run in found if isinstance(run, FailedRun)), None)


def test_why_is_german_for_every_bad_export() -> None:
    """All sentences that our bad exports lead to are translated; what the file said is quoted as it is."""
    runs = map(_refused, REFUSALS)
    known = [run for run in runs if run is not None]
    assert len(known) > 10
    GERMAN.matched.clear()
    for run in known:
        text = rendered(run)[1]["WHY.txt"].decode()
        assert text.startswith("Was geschehen ist: ")
        assert len(text.split()) <= MAX_WORDS
        ours = [line for line in text.splitlines() if not line.startswith(("Gefunden", "Wo"))]
        assert [line for line in ours if ENGLISH_WORDS.search(line)] == [], run.code
        assert rendered(failed_from_json(to_json(run)))[1]["WHY.txt"].decode() == text
    assert GERMAN.matched == set(), "a refusal without its template"


def test_english_why_is_unchanged(factory: ModuleType) -> None:
    """Without a language WHY.txt says what it always said."""
    text = why_text(factory.failed_run())
    assert text == why_text(factory.failed_run(), partial(refusal_in, language("en", ".")))
    assert text.startswith("What happened: The file is empty.\n")


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("The file is empty.", "Die Datei ist leer."),
        ("export the plate again", "export the plate again"),
        ("plate 'P 1' holds no value", "die Platte 'P 1' enthält keinen Wert"),
        ("p.txt, line 3", "p.txt, Zeile 3"),
        ("'1.234'", "'1.234'"),
        ("nothing that is known", "nothing that is known"),
    ],
)
def test_refusals(english: str, german: str) -> None:
    """Capital and full stop follow the English text; what is unknown or quoted stays."""
    assert SAY(english) == german


def test_actions_are_known(root: Path) -> None:
    """What to do, wherever a reader or the sample sheet says it in one sentence, is in the catalogue."""
    folders = (root / "pipeline" / "readers", root / "pipeline" / "tables")
    files = [file for folder in folders for file in sorted(folder.rglob("*.py"))]
    files += [
        root / "pipeline" / name
        for name in (
            "compute/analyse.py",
            "definitions/sample_sheet.py",
            "definitions/sheet_table.py",
            "definitions/sheet_plates.py",
            "jobs/produce.py",
            "guarded/child.py",
        )
    ]
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    actions = set(re.findall(r'action="([^"{]+\.)"', source))
    assert len(actions) > 20
    assert [action for action in sorted(actions) if SAY(action) == action] == []


def _page(**changes: object) -> str:
    page = StatusPage("elisa", T, T, watching=True, notices=(), queue=(), runs=(), language=GERMAN)
    return status_html(replace(page, **changes)).decode()  # type: ignore[arg-type]


def test_status_page_is_german() -> None:
    """Verdict, counts, what a file waits for and what to do, in German; file names stay."""
    GERMAN.missing.clear()
    notices = ("Prefect does not answer; processing goes on without it.",)
    queue = (
        QueueLine("anti_mag_igm", "Positive.txt", "seen, complete, next in line"),
        QueueLine("anti_mag_igm", "b.txt", "seen, waiting for its sample sheet b.samples.csv"),
        QueueLine("anti_mag_igm", "c.txt", "the file is empty"),
        QueueLine("anti_mag_igm", "d.txt", "seen, not complete yet: the plate is not complete"),
    )
    again = replace(RUN_LINE, supersedes="run-1")
    shown = _page(notices=notices, queue=queue, runs=(again, FAILED_LINE), unsolved=(FAILED_LINE,))
    assert "fertig: angenommen, berichtbar 4 von 4, 1 zu wiederholen oder zu prüfen" in shown
    assert "\u2714 Angenommen" in shown
    assert "Die Datei ist leer." in shown
    assert "Die Platte erneut exportieren." in shown
    assert "gesehen, wartet auf seine Probenliste b.samples.csv" in shown
    assert "gesehen, noch nicht vollständig: die Platte ist unvollständig" in shown
    assert "Positive.txt" in shown
    assert '<html lang="de">' in shown
    assert "ersetzt run-1" in shown
    assert GERMAN.missing == set()


def test_what_files_wait_for_is_known(root: Path) -> None:
    """Each state of a file in the inbox is in the catalogue."""
    modules = sorted((root / "pipeline" / "inbox").glob("*.py"))
    source = "".join(path.read_text(encoding="utf-8") for path in modules)
    states = set(re.findall(r'"(seen, [^"]+)"', source))
    assert len(states) > 10
    assert states <= set(catalogue("de").exact)


def test_status_page_that_does_not_watch() -> None:
    """A page without anything on it says so in German too."""
    shown = _page(watching=False)
    assert "Keine Überwachung." in shown
    assert "Noch keine Platte." in shown
    assert "Nichts wartet." in shown
