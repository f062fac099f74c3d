"""MAG on one plate, HNK1 on another: joined by sample id, with both runs named."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipeline.compute.analyse import _by_slot
from pipeline.definitions import AssayDefinition, load_sheet
from pipeline.domain.codes.hnk1 import Hnk1Status
from pipeline.domain.hnk1 import Hnk1OtherRun
from pipeline.domain.layout import SampleEntry
from pipeline.domain.record import RunRecord
from pipeline.domain.results import SampleResult
from pipeline.domain.specificity import Hnk1Result
from pipeline.errors import DefinitionError
from pipeline.inbox.watch import watch
from pipeline.jobs.bench import open_bench
from pipeline.jobs.direct import process_to_folder
from pipeline.ledger import Ledger
from pipeline.record.document import from_json, to_json
from pipeline.record.keys import OtherResults, file_key
from pipeline.runs.other_runs import hnk1_of_other_runs, in_folder
from pipeline.verify.workspace import verify
from pipeline.workspace.folders import Workspace, create_workspace
from pipeline.workspace.settings import Settings
from pipeline.workspace.shipped import load_assay

FAST = 'settle_seconds = 0.05\npoll_seconds = 0.02\nprefect = "off"\noperator = "tester"\n'
OTHER_RUN = """[hnk1]
format = "other run"
assay = "anti_mag_igm"
source = "a sample id is never used twice in this laboratory"

"""
MAX_DAYS = """[hnk1.max_days]
value = 30
unit = "days"
source = "sera are kept for a month"

"""
POSITIVE, NEGATIVE = "SYN-0101", "SYN-0115"
"""Samples of the clean plate, by what its HNK1 wells say."""

Shown = Callable[..., OtherResults]


def mag_only(shipped: Path, folder: Path, hnk1: str = OTHER_RUN) -> Path:
    """The shipped assay without its own HNK1 check: the HNK1 wells of its layout are read and not used."""
    folder.mkdir()
    shutil.copy(shipped / "layout.csv", folder)
    text = (shipped / "assay.toml").read_text(encoding="utf-8")
    start, end = text.index("[hnk1]"), text.index("[controls.NC]")
    text = (text[:start] + hnk1 + text[end:]).replace('name = "anti_mag_igm"', 'name = "mag_only"')
    (folder / "assay.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def shipped(root: Path) -> Path:
    """The shipped assay with HNK1 wells."""
    return root / "plate_layouts" / "anti_mag_igm"


@pytest.fixture(scope="module")
def clean(root: Path) -> Path:
    """Its plate with nothing wrong."""
    return root / "sample_data" / "anti_mag_igm" / "clean_plate" / "clean_plate.txt"


@pytest.fixture
def definition(shipped: Path, tmp_path: Path) -> AssayDefinition:
    """An assay that takes HNK1 from other runs, of the last 30 days."""
    return load_assay(mag_only(shipped, tmp_path / "mag_30_days", OTHER_RUN + MAX_DAYS))


@pytest.fixture
def workspace(tmp_path: Path, shipped: Path) -> Workspace:
    """A workspace with both assays."""
    made = create_workspace(tmp_path / "elisa")
    made.settings_file.write_text(FAST, encoding="utf-8")
    mag_only(shipped, made.assays / "mag_only")
    return made


@pytest.fixture
def drop(workspace: Workspace, clean: Path) -> Callable[[str], None]:
    """Put the clean plate into an assay's inbox."""

    def put(assay: str) -> None:
        folder = workspace.inbox / assay
        folder.mkdir(exist_ok=True)
        for ending in (".txt", ".samples.csv"):
            shutil.copyfile(clean.with_name(f"clean_plate{ending}"), folder / f"clean_plate{ending}")

    return put


@pytest.fixture(scope="module")
def processed(clean: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of one HNK1 run, as ``titerline process`` leaves them."""
    folder = tmp_path_factory.mktemp("processed")
    process_to_folder([clean], "anti_mag_igm", None, folder)
    return folder


@pytest.fixture
def out(processed: Path, tmp_path: Path) -> Path:
    """A copy of them, for a test to change."""
    return shutil.copytree(processed, tmp_path / "out")


@pytest.fixture
def shown(definition: AssayDefinition, clean: Path, out: Path) -> Shown:
    """What the HNK1 run says of the samples of a sheet, asked some days later."""
    processed = datetime.fromisoformat(only(out).run.processed_at)

    def ask(days: int = 0, old: str = "", new: str = "") -> OtherResults:
        text = clean.with_name("clean_plate.samples.csv").read_text(encoding="utf-8")
        sheet = load_sheet(text.replace(old, new).encode(), "s.csv")
        at = processed + timedelta(days=days)
        return hnk1_of_other_runs(in_folder(out), definition, sheet, at.isoformat())

    return ask


def only(out: Path) -> RunRecord:
    """The one record of a folder."""
    (path,) = out.glob("*/results.json")
    return from_json(path.read_bytes())


def rewritten(out: Path, **changes: object) -> RunRecord:
    """Change fields of the one record of a folder, in place."""
    (path,) = out.glob("*/results.json")
    record = dataclasses.replace(from_json(path.read_bytes()), **changes)  # type: ignore[arg-type]
    path.write_bytes(to_json(record))
    return record


def served(workspace: Workspace) -> dict[str, RunRecord]:
    """Serve the inbox once; the new runs by assay."""
    lines = watch(workspace.root, once=True).runs
    records = [from_json((workspace.reports / line.id / "results.json").read_bytes()) for line in lines]
    return {record.run.assay: record for record in records}


def sample(record: RunRecord, sample_id: str) -> SampleResult:
    """A sample by its id."""
    return next(one for one in record.samples if one.sample_id == sample_id)


def test_the_mag_plate_is_confirmed_once_the_hnk1_plate_is_there(
    workspace: Workspace, drop: Callable[[str], None]
) -> None:
    """MAG first is not confirmed; dropped again after HNK1 it is, names both runs and replaces the first."""
    drop("mag_only")
    first = served(workspace)["mag_only"]
    before = sample(first, POSITIVE)
    assert before.classification == "POSITIVE_HNK1_NOT_TESTED"
    assert before.hnk1.reason == "no accepted run of anti_mag_igm holds this sample yet"

    drop("anti_mag_igm")
    hnk1_run = served(workspace)["anti_mag_igm"]
    drop("mag_only")
    second = served(workspace)["mag_only"]
    after = sample(second, POSITIVE)
    assert after.classification == "POSITIVE_HNK1_CONFIRMED"
    assert after.hnk1.value == sample(hnk1_run, POSITIVE).hnk1.value
    day = hnk1_run.run.processed_at[:10]
    assert after.hnk1.reason == f"from run {hnk1_run.run.id}, assay anti_mag_igm, {day}"
    assert sample(second, NEGATIVE).classification == "POSITIVE_HNK1_NOT_CONFIRMED"
    assert second.run.supersedes == first.run.id
    page = (workspace.reports / second.run.id / "report.html").read_text(encoding="utf-8")
    assert hnk1_run.run.id in page
    assert second.run.id in page


def test_a_refused_mag_plate_is_as_recorded(workspace: Workspace, drop: Callable[[str], None]) -> None:
    """Its identity holds what other runs said of its samples, which its record does not: nothing is wrong."""
    drop("anti_mag_igm")
    served(workspace)
    drop("mag_only")
    (workspace.inbox / "mag_only" / "clean_plate.txt").write_bytes(b"no plate at all")
    (refused,) = watch(workspace.root, once=True).runs
    assert refused.failed
    with open_bench(workspace, Settings()) as bench:
        assert verify(bench).problems == []


def test_nothing_new_elsewhere_is_a_duplicate(workspace: Workspace, drop: Callable[[str], None]) -> None:
    """The same MAG export is computed again only when other runs say something else of its samples."""
    for _ in range(2):
        drop("mag_only")
        runs = served(workspace)
    assert runs == {}
    assert len(list(workspace.duplicates.iterdir())) == 1


def test_both_plates_dropped_together_are_joined_at_once(
    workspace: Workspace, drop: Callable[[str], None]
) -> None:
    """Of one batch the HNK1 plate goes first, whatever the order in which the files were saved."""
    drop("mag_only")
    drop("anti_mag_igm")
    runs = served(workspace)
    assert sample(runs["mag_only"], POSITIVE).classification == "POSITIVE_HNK1_CONFIRMED"
    assert len(list(workspace.reports.glob("*/"))) == 2
    with Ledger(workspace.ledger_file) as ledger:
        assert ledger.unfinished() == []
    assert served(workspace) == {}


def test_the_process_command_looks_into_its_output_folder(
    clean: Path, shipped: Path, out: Path, tmp_path: Path
) -> None:
    """``titerline process --out FOLDER`` finds the HNK1 run that lies in FOLDER."""
    folder = mag_only(shipped, tmp_path / "mag_only")
    (outcome,) = process_to_folder([clean], str(folder), None, out)
    assert isinstance(outcome.result, RunRecord)
    found = sample(outcome.result, POSITIVE)
    assert found.classification == "POSITIVE_HNK1_CONFIRMED"
    assert all(name.endswith(", in that run") for name in (other.name for other in found.hnk1.others))


def test_a_joined_result_is_not_handed_on(clean: Path, shipped: Path, out: Path, tmp_path: Path) -> None:
    """Only the run that measured HNK1 counts, so that its age and its verdict are known."""
    process_to_folder([clean], str(mag_only(shipped, tmp_path / "mag_only")), None, out)
    chain = OTHER_RUN.replace("anti_mag_igm", "mag_only")
    (outcome,) = process_to_folder([clean], str(mag_only(shipped, tmp_path / "chain", chain)), None, out)
    assert isinstance(outcome.result, RunRecord)
    assert sample(outcome.result, POSITIVE).hnk1.status == "not_tested"


def test_controls_are_never_joined(clean: Path, shipped: Path, out: Path, tmp_path: Path) -> None:
    """A control shows this plate's own reactions, so its HNK1 check is not evaluated without HNK1 wells."""
    rewritten(out, samples=(dataclasses.replace(only(out).samples[0], sample_id="PC1"),))
    sheet = tmp_path / "pc1.csv"
    sheet.write_text("slot,sample_id\nS1,PC1\n", encoding="utf-8")
    folder = mag_only(shipped, tmp_path / "mag_only")
    (outcome,) = process_to_folder([clean], str(folder), sheet, out)
    assert isinstance(outcome.result, RunRecord)
    assert outcome.result.samples[0].hnk1.status == "positive"
    assert {control.result.hnk1.status for control in outcome.result.controls} == {"not_tested"}
    assert outcome.result.verdict.value != "rejected"


def test_a_slot_named_as_a_control_is_not_joined(definition: AssayDefinition) -> None:
    """Series go by slot, so a slot with a control's name would lend the control its result."""
    found = Hnk1Result("direct", Hnk1Status.POSITIVE, 1.0, "OD", (0.9, 1.1))
    entries = {name: SampleEntry(name, "X") for name in ("PC1", "S1")}
    assert _by_slot(entries, {"X": found}, definition.assay) == {"S1": found}


def test_a_rejected_run_is_not_used(
    root: Path, definition: AssayDefinition, clean: Path, tmp_path: Path
) -> None:
    """A plate that failed its quality control confirms nobody, and the reason says so."""
    export = root / "sample_data" / "anti_mag_igm" / "failed_control" / "failed_control.txt"
    samples = clean.with_name("clean_plate.samples.csv")
    process_to_folder([export], "anti_mag_igm", samples, tmp_path / "rejected")
    run = only(tmp_path / "rejected").run
    sheet = load_sheet(samples.read_bytes(), "s.csv")
    found = hnk1_of_other_runs(in_folder(tmp_path / "rejected"), definition, sheet, run.processed_at)
    assert {one.status for one in found.values()} == {"not_tested"}
    said = f"run {run.id} of anti_mag_igm holds this sample, but was rejected"
    assert {one.reason for one in found.values()} == {said}


def test_a_replaced_run_is_not_used(shown: Shown, out: Path) -> None:
    """A corrected HNK1 plate takes the place of the first one, also for the samples it lacks."""
    record = only(out)
    later = dataclasses.replace(record.run, id="later", supersedes=record.run.id)
    (out / "later").mkdir()
    corrected = dataclasses.replace(record, run=later, samples=record.samples[1:])
    (out / "later" / "results.json").write_bytes(to_json(corrected))
    found = shown()
    replaced = f"run {record.run.id} of anti_mag_igm holds this sample, but was replaced by run later"
    assert (found[POSITIVE].status, found[POSITIVE].reason) == ("not_tested", replaced)
    assert found[NEGATIVE].status == "negative"
    assert "from run later" in str(found[NEGATIVE].reason)


def test_another_sample_id_is_not_joined(shown: Shown) -> None:
    """Ids are compared exactly as typed; a similar one is another sample."""
    found = shown(old=POSITIVE, new=f"{POSITIVE}a")
    assert set(found) == {"SYN-0108", NEGATIVE, "SYN-0122"}


def test_a_run_that_is_too_old_is_not_used(shown: Shown) -> None:
    """The last day that the assay allows counts, the next one does not."""
    assert shown(days=30)[POSITIVE].status == "positive"
    assert shown(days=31) == {}


def test_the_same_id_of_another_patient_is_not_joined(shown: Shown) -> None:
    """Sample ids that are used again do not mix up patients where the sheets name them."""
    found = shown(old="SYN-P0101", new="SYN-P9999")
    assert found[POSITIVE].status == "not_tested"
    assert "another patient code" in str(found[POSITIVE].reason)
    assert found[NEGATIVE].status == "negative"


def test_a_run_without_sample_sheet_is_not_used(shown: Shown, out: Path) -> None:
    """Its samples are named by their slots, and S1 of another plate is another sample."""
    run = dataclasses.replace(only(out).run, sample_sheet=None)
    rewritten(out, run=run)
    assert shown() == {}


def test_a_sample_twice_on_a_plate_must_agree(shown: Shown, out: Path) -> None:
    """Two slots of one sample that disagree about HNK1 leave it open."""
    samples = [dataclasses.replace(one, sample_id=POSITIVE, patient_code=None) for one in only(out).samples]
    rewritten(out, samples=tuple(samples))
    assert shown()[POSITIVE].status == "grey"


def test_a_damaged_record_is_passed_over(shown: Shown, out: Path) -> None:
    """A record that cannot be read stops no plate."""
    (out / "broken").mkdir()
    (out / "broken" / "results.json").write_bytes(b"{")
    assert shown()[POSITIVE].status == "positive"


def test_key_of_other_assays_stays(flagship: AssayDefinition, shown: Shown) -> None:
    """Only what was joined changes a run's key, so earlier runs of all assays keep theirs."""
    plain = file_key(b"OD", None, flagship)
    assert file_key(b"OD", None, flagship, {}) == plain
    assert file_key(b"OD", None, flagship, shown()) != plain


@pytest.mark.parametrize("days", ["value = -1", 'unit = "weeks"'])
def test_days_are_checked(shipped: Path, tmp_path: Path, days: str) -> None:
    """A limit in another unit, or below 0, is refused when the assay is read."""
    key = days.split(" = ", maxsplit=1)[0]
    lines = [days if line.startswith(key) else line for line in MAX_DAYS.splitlines()]
    folder = mag_only(shipped, tmp_path / "odd", OTHER_RUN + "\n".join(lines) + "\n\n")
    with pytest.raises(DefinitionError, match="max_days"):
        load_assay(folder)


def test_the_assay_is_read(definition: AssayDefinition) -> None:
    """The format needs no coating and no treatment of its own."""
    hnk1 = definition.assay.hnk1
    assert isinstance(hnk1, Hnk1OtherRun)
    assert (hnk1.coatings, hnk1.treatments) == ((), ())
