"""STATUS.html: what a technician sees on the shared screen."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from record_factory import FAILED_LINE, RUN_LINE, T

from pipeline.inbox.progress import Progress
from pipeline.jobs.run import JobOutcome
from pipeline.report.page.status import QueueLine, StatusPage, done_text, status_html
from pipeline.report.words.tones import WARN

PAGE = StatusPage("elisa", T, T, watching=True, notices=(), queue=(), runs=())


def page(**changes: Any) -> str:
    """Draw the page with some changes."""
    return status_html(dataclasses.replace(PAGE, **changes)).decode()


def test_page_is_one_file_that_loads_itself_again() -> None:
    """It works from a shared folder without a server, and nothing in it comes from elsewhere."""
    html = page(runs=(RUN_LINE, FAILED_LINE))
    assert '<meta http-equiv="refresh" content="5">' in html
    assert not re.search(r'(?:src|href)="(?:https?:|//|file:)', html)
    assert "<script" not in html


def test_finished_plate_has_word_symbol_colour_and_links() -> None:
    """A verdict is never told by colour alone, and the report is one click away."""
    html = page(runs=(RUN_LINE,))
    assert "\u2714 Accepted" in html
    assert "done: accepted, reportable 4 of 4, 1 to repeat or check" in html
    assert 'href="reports/2026-02-17_p_1a2b3c4d/report.html"' in html


def test_all_runs_are_one_click_away() -> None:
    """The page shows the last plates; the list of all runs is linked."""
    assert 'href="reports/index.html"' in page()


@pytest.mark.parametrize(
    ("verdict", "samples", "repeats", "text"),
    [
        ("accepted", 1, 0, "done: accepted, reportable 1 of 1"),
        (
            "accepted_with_warnings",
            4,
            2,
            "done: accepted with warnings, reportable 4 of 4, 2 to repeat or check",
        ),
        ("rejected", 0, 0, "done: rejected, 0 samples, repeat the plate"),
    ],
)
def test_result_in_words(verdict: str, samples: int, repeats: int, text: str) -> None:
    """The line of a plate says verdict, how many samples can be reported, and how many need a step."""
    assert done_text(dataclasses.replace(RUN_LINE, verdict=verdict, samples=samples, repeats=repeats)) == text


def test_problem_says_what_to_do_until_it_is_solved() -> None:
    """Every refused file and rejected plate asks for its next step, with its time; they are counted."""
    rejected = dataclasses.replace(
        RUN_LINE, verdict="rejected", message="Blanks are high, blank MAG: mean OD 0.3"
    )
    shown = page(unsolved=(rejected, *(FAILED_LINE,) * 7))
    assert "8 not solved" in shown
    assert shown.count("Export the plate again.") == 7
    assert "Repeat the plate." in shown
    assert "Blanks are high, blank MAG: mean OD 0.3" in shown
    assert "What needs you" not in page(runs=(FAILED_LINE,))


def test_queue_shows_plain_states() -> None:
    """A waiting file says what it waits for."""
    line = QueueLine(
        "anti_mag_igm", "plate1.txt", "seen, waiting for its sample sheet plate1.samples.csv", WARN
    )
    assert "waiting for its sample sheet plate1.samples.csv" in page(queue=(line,))


def test_a_batch_tells_how_far_it_is() -> None:
    """Who drops 24 plates sees how many are done; what went back to waiting is not."""
    progress = Progress()
    outcomes = (JobOutcome("done"), JobOutcome("failed"), JobOutcome("sheet"), JobOutcome("duplicate"))
    for outcome in outcomes:
        progress.note(outcome)
    shown = page(queue=(QueueLine("a", "b.txt", "computing"),), progress=progress.text(21))
    assert "3 of 24 done" in shown


def test_a_new_batch_is_counted_anew() -> None:
    """Yesterday's plates are not among those of today, and a single plate is not counted."""
    progress = Progress()
    progress.note(JobOutcome("done"))
    assert progress.text(0) == ""
    assert progress.text(1) == ""
    assert progress.text(2) == "0 of 2 done"


def test_a_telephone_shows_every_cell() -> None:
    """On a narrow screen the cells of a line stand below each other: six columns would be cut off."""
    narrow = re.search(r"@media \(max-width: (\d+)px\) \{ ([^{}]*)\{ display: block; \}", page())
    assert narrow is not None
    assert int(narrow[1]) > 390
    assert {"table", "tr", "td"} <= set(narrow[2].replace(" ", "").split(","))


def test_stopped_watcher_is_told() -> None:
    """A page that nobody updates any more says so."""
    assert "Not watching" in page(watching=False)


def test_names_cannot_become_markup() -> None:
    """File names, messages and notices are text, whatever they contain."""
    evil = "<script>alert(1)</script>"
    html = page(
        workspace=evil,
        notices=(evil,),
        queue=(QueueLine(evil, evil, evil),),
        runs=(dataclasses.replace(FAILED_LINE, export=evil, message=evil, action=evil, plate=evil),),
    )
    assert "<script" not in html


def test_damaged_names_do_not_break_the_page() -> None:
    """A name that is no Unicode text is shown with the number of its sign."""
    assert "&lt;U+DCFF&gt;.txt" in page(queue=(QueueLine("a", "\udcff.txt", "seen"),))
