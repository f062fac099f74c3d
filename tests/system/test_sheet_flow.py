"""A sample sheet in the inbox: what is wrong is said there, and the corrected one finishes the job."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sample_cases import SAMPLE_DATA

from pipeline.inbox.watch import WatchSummary, watch
from pipeline.jobs.run import run_job
from pipeline.record.folder import read_record
from pipeline.workspace.folders import Workspace

ASSAY = "anti_mag_igm"
CLEAN = SAMPLE_DATA / ASSAY / "clean_plate"
SHEET = (CLEAN / "clean_plate.samples.csv").read_bytes()

Drop = Callable[..., Path]


def once(workspace: Workspace) -> WatchSummary:
    """One turn of the watcher."""
    return watch(workspace.root, once=True, prefect=False)


def waits_for(workspace: Workspace) -> str:
    """What the one export in the inbox waits for, as the page says it."""
    [text] = once(workspace).waiting
    assert "seen, waiting" in workspace.status_file.read_text(encoding="utf-8")
    return text


@pytest.mark.usefixtures("core")
@pytest.mark.parametrize(
    ("sheet", "says"),
    [
        (b"a,b\n1,2\n", "the column 'slot' is missing"),
        (b"slot,sample_id\nS1,a\nS1,b\n", "the slot S1 is there twice"),
        (b"", "empty so far"),
        (b"slot,sample_id\nS1,\nS2,\n", "waiting for its sample sheet"),
    ],
)
def test_a_wrong_sheet_keeps_its_export_waiting(
    workspace: Workspace, drop: Drop, sheet: bytes, says: str
) -> None:
    """Nothing is moved: the sheet is corrected where it lies, and the job goes on without another drop."""
    export = drop(sheet=sheet)
    summary = once(workspace)
    assert summary.runs == ()
    assert says in summary.waiting[0]
    assert export.exists()
    export.with_name("plate1.samples.csv").write_bytes(b"slot,sample_id\nS1,a\n")
    assert [line.verdict for line in once(workspace).runs] == ["accepted_with_warnings"]
    assert list(export.parent.iterdir()) == []


@pytest.mark.usefixtures("core")
def test_a_wrong_sheet_is_told_to_the_caller(workspace: Workspace, drop: Drop) -> None:
    """``watch --once`` ends with 2, as for every input that needs a person."""
    drop(sheet=b"a,b\n1,2\n")
    assert once(workspace).exit_code == 2


@pytest.mark.usefixtures("core")
def test_an_export_that_no_sheet_can_save_does_not_wait_for_a_corrected_one(
    workspace: Workspace, drop: Drop
) -> None:
    """The export's own fault comes first: the plate has to be exported again anyway."""
    drop(data=b"BAD", sheet=b"a,b\n1,2\n")
    assert [line.code for line in once(workspace).runs] == ["FORMAT_UNKNOWN"]


def test_a_slot_that_the_layout_lacks_waits_with_the_slots_there_are(
    workspace: Workspace, drop: Drop
) -> None:
    """The sheet is held against the plate before anything is published; line, slot and choice are named."""
    data = (CLEAN / "clean_plate.txt").read_bytes()
    export = drop("clean_plate.txt", data, sheet=SHEET.replace(b"S4,", b"S9,"))
    text = waits_for(workspace)
    assert "slot S9" in text
    assert "one of S1, S2, S3, S4" in text
    export.with_name("clean_plate.samples.csv").write_bytes(SHEET)
    [line] = once(workspace).runs
    record = read_record(workspace.reports / line.id)
    assert [sample.slot for sample in record.samples] == ["S1", "S2", "S3", "S4"]


def test_failed_calibrators_are_told_while_the_export_waits(workspace: Workspace, drop: Drop) -> None:
    """The plate can be read or repeated only for minutes: the page does not wait for the sheet to say so."""
    case = SAMPLE_DATA / ASSAY / "failed_calibrators"
    data = (case / "failed_calibrators.txt").read_bytes()
    drop("failed_calibrators.txt", data, sheet=None)
    text = waits_for(workspace)
    assert "check the plate now: " in text
    assert "of 7 levels are within their recovery limit" in text


def test_a_clean_export_waits_without_a_remark(workspace: Workspace, drop: Drop) -> None:
    """Calibrators, controls, blanks and reading are as they should be."""
    drop("clean_plate.txt", (CLEAN / "clean_plate.txt").read_bytes(), sheet=None)
    assert "check the plate" not in waits_for(workspace)


@pytest.mark.parametrize(
    ("case", "code"), [("wrong_wavelength", "WAVELENGTH"), ("wrong_plate_size", "PLATE_SHAPE")]
)
def test_a_plate_that_does_not_fit_is_refused_before_its_sheet_comes(
    workspace: Workspace, drop: Drop, case: str, code: str
) -> None:
    """A wavelength or a size that the assay does not have needs no sample sheet to be wrong."""
    drop("plate.txt", (SAMPLE_DATA / "errors" / case / "plate.txt").read_bytes(), sheet=None)
    assert [line.code for line in once(workspace).runs] == [code]


@pytest.mark.usefixtures("core")
def test_a_wrong_sheet_leaves_the_job_open(
    bench: object, drop: Drop, seen_job: Callable[[Path], object]
) -> None:
    """Nothing is published or kept for a job that only waits."""
    outcome = run_job(bench, seen_job(drop(sheet=b"a,b\n1,2\n")))  # type: ignore[arg-type]
    assert outcome.state == "sheet"
    assert outcome.runs == ()


def ids_findings(workspace: Workspace, run: str) -> dict[str, str]:
    """Rule -> verdict of what was found about a run's ids."""
    record = read_record(workspace.reports / run)
    return {f.rule: str(f.verdict) for f in record.findings if f.rule.startswith("IDS")}


def test_the_same_export_with_other_ids_warns(workspace: Workspace, drop: Drop) -> None:
    """The ledger knows which ids these very bytes had; the new run says so and names the earlier one."""
    data = (CLEAN / "clean_plate.txt").read_bytes()
    drop("clean_plate.txt", data, sheet=SHEET)
    [first] = once(workspace).runs
    assert ids_findings(workspace, first.id) == {
        "IDS-01": "pass",
        "IDS-02": "pass",
        "IDS-03": "pass",
        "IDS-04": "not_evaluated",
    }
    drop("clean_plate.txt", data, sheet=SHEET.replace(b"S1,", b"S1,other-"))
    [second] = once(workspace).runs
    assert ids_findings(workspace, second.id)["IDS-01"] == "warn"
    record = read_record(workspace.reports / second.id)
    assert record.ids is not None
    assert record.ids.renamed is not None
    assert record.ids.renamed.run == first.id


def test_the_sheet_of_an_earlier_plate_warns(workspace: Workspace, drop: Drop) -> None:
    """Another export with the ids of last week's plate: a repeat, or last week's sheet."""
    data = (CLEAN / "clean_plate.txt").read_bytes()
    drop("monday.txt", data, sheet=SHEET)
    once(workspace)
    drop("friday.txt", data + b"\r\n", sheet=SHEET)
    [line] = once(workspace).runs
    assert ids_findings(workspace, line.id)["IDS-02"] == "warn"


@pytest.fixture
def templates(workspace: Workspace) -> Workspace:
    """A workspace that lays sample sheets into its inbox, as it does by default."""
    text = workspace.settings_file.read_text(encoding="utf-8")
    workspace.settings_file.write_text(text.replace("sheet_templates = false\n", ""), encoding="utf-8")
    return workspace


def filled(path: Path, ids: dict[str, str]) -> None:
    """Type ids into a template, as Excel saves it."""
    book = load_workbook(path)
    for line in book["Samples"].iter_rows(min_row=4):
        if line[0].value in ids:
            line[1].value = ids[line[0].value]
    book.save(path)


def test_an_assay_has_a_template_in_its_inbox(templates: Workspace) -> None:
    """Slots are filled in, ids are cells of text, slots have a drop-down, and the plate is drawn."""
    assert once(templates).waiting == ()
    book = load_workbook(templates.inbox / ASSAY / "TEMPLATE.samples.xlsx")
    lines = list(book["Samples"].iter_rows(min_row=3))
    assert [cell.value for cell in lines[0]][:3] == ["slot", "sample_id", "patient_code"]
    assert [line[0].value for line in lines[1:]] == ["S1", "S2", "S3", "S4"]
    assert {line[1].number_format for line in lines[1:]} == {"@"}
    assert len(book["Samples"].data_validations.dataValidation) == 2
    assert str(book["Plate"]["B2"].value).startswith("CAL")


def test_a_template_that_was_filled_in_is_not_written_over(templates: Workspace) -> None:
    """Ids typed into the template itself are somebody's work: it says that it waits for an export."""
    once(templates)
    path = templates.inbox / ASSAY / "TEMPLATE.samples.xlsx"
    filled(path, {"S1": "mine"})
    before = path.read_bytes()
    assert "TEMPLATE.samples.xlsx: sample sheet, waiting for its export" in once(templates).waiting[0]
    assert path.read_bytes() == before


def test_a_waiting_export_gets_a_sheet_of_its_own(templates: Workspace, drop: Drop) -> None:
    """Untouched it keeps waiting; with ids typed into it the job is done, and the inbox is clear."""
    export = drop("clean_plate.txt", (CLEAN / "clean_plate.txt").read_bytes(), sheet=None)
    sheet = export.with_name("clean_plate.samples.xlsx")
    assert "waiting for its sample sheet" in once(templates).waiting[0]
    assert "waiting for its sample sheet" in once(templates).waiting[0]
    filled(sheet, {"S1": "0012", "S3": "B"})
    [line] = once(templates).runs
    record = read_record(templates.reports / line.id)
    assert [(one.slot, one.sample_id) for one in record.samples] == [("S1", "0012"), ("S3", "B")]
    assert [path.name for path in export.parent.iterdir()] == ["TEMPLATE.samples.xlsx"]


def test_an_export_of_two_plates_gets_a_sheet_for_both(templates: Workspace, drop: Drop) -> None:
    """Each slot of each plate has its line; samples of both plates find their reports."""
    case = SAMPLE_DATA / ASSAY / "difficult_sera"
    export = drop("two.txt", (case / "difficult_sera.txt").read_bytes(), sheet=None)
    once(templates)
    sheet = export.with_name("two.samples.xlsx")
    book = load_workbook(sheet)
    lines = [[cell.value for cell in line[:3]] for line in book["Samples"].iter_rows(min_row=4)]
    assert [line[2] for line in lines] == ["Plate A"] * 4 + ["Plate B"] * 4
    filled(sheet, {"S1": "x"})
    assert sorted(line.plate for line in once(templates).runs) == ["Plate A", "Plate B"]


def test_another_sheet_takes_the_place_of_the_template(templates: Workspace, drop: Drop) -> None:
    """A list of one's own beside the untouched template is the sheet of the run, and no second one."""
    data = (CLEAN / "clean_plate.txt").read_bytes()
    export = drop("clean_plate.txt", data, sheet=None)
    once(templates)
    export.with_name("clean_plate.samples.csv").write_bytes(SHEET)
    assert len(once(templates).runs) == 1


@pytest.mark.usefixtures("core")
@pytest.mark.parametrize("owner", ["~$plate1.samples.csv", ".~lock.plate1.samples.csv#"])
def test_a_sheet_that_is_open_keeps_waiting(workspace: Workspace, drop: Drop, owner: str) -> None:
    """What Excel and LibreOffice lay beside an open file says that its owner has not finished."""
    export = drop()
    lock = export.with_name(owner)
    lock.write_bytes(b"someone")
    assert "close it in Excel" in once(workspace).waiting[0]
    lock.unlink()
    assert len(once(workspace).runs) == 1


def test_a_serum_in_a_slot_without_an_id_is_found(workspace: Workspace, drop: Drop) -> None:
    """The wells of an empty slot that read like a serum are named: an id was forgotten."""
    lines = SHEET.splitlines(keepends=True)
    kept = b"".join(line for line in lines if not line.startswith(b"S1,"))
    drop("clean_plate.txt", (CLEAN / "clean_plate.txt").read_bytes(), sheet=kept)
    [line] = once(workspace).runs
    record = read_record(workspace.reports / line.id)
    (found,) = [f for f in record.findings if f.rule == "PLT-05"]
    assert found.verdict == "warn"


def test_a_corrected_sheet_alone_makes_a_new_run_of_the_kept_export(workspace: Workspace, drop: Drop) -> None:
    """The export need not be fetched from the reader again; the new run supersedes the first."""
    export = drop("clean_plate.txt", (CLEAN / "clean_plate.txt").read_bytes(), sheet=SHEET)
    [first] = once(workspace).runs
    sheet = export.with_name("clean_plate.samples.csv")
    sheet.write_bytes(SHEET.replace(b"S1,", b"S1,right-"))
    [second] = once(workspace).runs
    assert read_record(workspace.reports / second.id).run.supersedes == first.id
    assert list(export.parent.iterdir()) == []


def test_a_sheet_with_other_samples_waits_for_its_own_export(workspace: Workspace, drop: Drop) -> None:
    """Readers that call every export the same: the ids of a new plate never reach the old one."""
    export = drop("clean_plate.txt", (CLEAN / "clean_plate.txt").read_bytes(), sheet=SHEET)
    once(workspace)
    export.with_name("clean_plate.samples.csv").write_bytes(b"slot,sample_id\nS1,new\n")
    summary = once(workspace)
    assert summary.runs == ()
    assert "had other samples" in summary.waiting[0]


def test_the_sheet_of_a_run_is_no_correction_of_itself(workspace: Workspace, drop: Drop) -> None:
    """An unchanged sheet computes nothing again."""
    export = drop("clean_plate.txt", (CLEAN / "clean_plate.txt").read_bytes(), sheet=SHEET)
    once(workspace)
    export.with_name("clean_plate.samples.csv").write_bytes(SHEET)
    assert "unchanged" in once(workspace).waiting[0]
