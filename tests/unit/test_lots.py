"""The lot file: what it may say, which lots a run uses, and what a lot changes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sample_cases import CONTEXT, case

from pipeline.compute.past.control_chart import ChartSettings
from pipeline.compute.past.past_run import past_run
from pipeline.compute.past.trends import HistoryPast, stand, trends
from pipeline.definitions import (
    AssayDefinition,
    load_lots,
    lots_in_use,
    parse_layout,
    parse_lots,
)
from pipeline.domain.codes.lots import LotProblem
from pipeline.domain.findings import RunVerdict, Verdict
from pipeline.domain.history import History, PastRun, PastValue
from pipeline.domain.lot_use import LotUse
from pipeline.domain.record import RunRecord
from pipeline.errors import DefinitionError
from pipeline.record.document import from_json, to_json
from pipeline.report.tables.control_columns import control_lines, controls
from pipeline.report.tables.provenance import lots, provenance
from pipeline.report.trends.page import trends_page
from pipeline.report.words.tones import Word
from pipeline.workspace.folders import LOTS_TEMPLATE, create_workspace

DAY = date(2026, 11, 21)
CONJUGATE = """
[[lot]]
kind = "conjugate"
lot = "C-1"
in_use_from = 2026-01-01
expires = 2026-12-31
"""
NEXT_CONJUGATE = """
[[lot]]
kind = "conjugate"
lot = "C-2"
in_use_from = 2026-11-21
expires = 2027-12-31
"""
CONTROL = """
[[lot]]
kind = "control"
name = "PC1"
lot = "07"
in_use_from = 2026-01-01
expires = 2026-12-31
target = 3300
source = "mean of 20 runs"
"""

Process = Callable[..., RunRecord]


@pytest.fixture
def process() -> Process:
    """Process a sample case of the flagship assay with a lot file."""

    def run(
        text: str | None, definition: AssayDefinition | None = None, day: str = "2026-11-21"
    ) -> RunRecord:
        book = None if text is None else parse_lots(text.encode())
        context = replace(CONTEXT, processed_at=f"{day}T23:30:00-05:00", lots=book)
        (record,) = case("anti_mag_igm/clean_plate").process(context, definition)
        assert isinstance(record, RunRecord), record
        return record

    return run


@pytest.fixture
def with_layout_lots(flagship: AssayDefinition, root: Path) -> Callable[..., AssayDefinition]:
    """The flagship assay with a layout that names the lots of controls in its block 'lot'."""
    csv = (root / "plate_layouts" / "anti_mag_igm" / "layout.csv").read_text(encoding="utf-8")
    names = next(block for block in csv.split("\n\n") if block.startswith("name"))

    def make(**named: str) -> AssayDefinition:
        rows = [line.split(",") for line in names.strip().splitlines()]
        cells = [[row[0], *(named.get(cell, "") for cell in row[1:])] for row in rows[1:]]
        block = "\n".join(",".join(row) for row in [["lot", *rows[0][1:]], *cells])
        layout = parse_layout(f"{csv.strip()}\n\n{block}\n".encode(), "layout.csv", flagship.assay)
        return replace(flagship, layout=layout)

    return make


def uses(text: str, definition: AssayDefinition, day: date = DAY) -> dict[str, LotUse]:
    """The lots of a day by label."""
    return {use.label: use for use in lots_in_use(parse_lots(text.encode()), definition, day)}


def refusal(text: str) -> DefinitionError:
    """The error of a lot file."""
    with pytest.raises(DefinitionError) as caught:
        parse_lots(text.encode())
    return caught.value


def verdicts(record: RunRecord, rule: str) -> dict[str, Verdict]:
    """Subject -> verdict of a rule."""
    return {f.subject: f.verdict for f in record.findings if f.rule == rule}


def test_the_template_declares_nothing_and_its_examples_are_valid(flagship: AssayDefinition) -> None:
    """A new workspace asks for no lot; what its lot file shows becomes valid when the # are taken away."""
    assert uses(LOTS_TEMPLATE, flagship) == {}
    example = "\n".join(line[2:] for line in LOTS_TEMPLATE.splitlines() if line[2:5] in _KEYS)
    book = parse_lots(example.encode())
    assert [lot.kind for lot in book.lot] == ["conjugate", "control"]
    assert book.lot[1].target == 15000


def test_init_makes_the_lot_file_once(tmp_path: Path) -> None:
    """Running init again leaves the lab's lots alone."""
    workspace = create_workspace(tmp_path / "elisa")
    assert workspace.lots_file.read_text(encoding="utf-8") == LOTS_TEMPLATE
    workspace.lots_file.write_text(CONTROL, encoding="utf-8")
    create_workspace(workspace.root)
    assert workspace.lots_file.read_text(encoding="utf-8") == CONTROL


_KEYS = ("[[l", "kin", "lot", "in_", "exp", "ass", "nam", "tar", "sou")


def test_the_examples_of_the_page_are_valid(root: Path, flagship: AssayDefinition) -> None:
    """What docs/lots.md shows can be pasted into a lot file."""
    parts = (root / "docs" / "lots.md").read_text(encoding="utf-8").split("```toml\n")[1:]
    example, parallel = (parse_lots(part.partition("```")[0].encode()) for part in parts)
    used = {use.label: use.lot for use in lots_in_use(example, flagship, date(2026, 7, 1))}
    assert (used["plate"], used["conjugate"], used["control PC1"]) == ("MP-118", "C-2307", "PC1-07")
    assert parallel.lot[0].name == "PC1 new"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("expires =", "expries =", ("lots.toml, key lot.1.expries", "nearest: 'expires'")),
        ("expires = 2026-12-31", "", ("key lot.1.expires", "missing")),
        (
            "expires = 2026-12-31",
            'expires = "31.12.2026"',
            ("key lot.1.expires", "without quotes"),
        ),
        (
            "expires = 2026-12-31",
            "expires = 2026-12-31T10:00:00",
            ("key lot.1.expires", "without quotes"),
        ),
        ('lot = "07"', "lot = 7", ("key lot.1.lot", "valid string")),
        ('lot = "07"', 'lot = " "', ("key lot.1.lot", "at least 1 character")),
        ('"control"', '"serum"', ("key lot.1.kind", "'kit'")),
        ('name = "PC1"', "", ("key lot.1", "needs name")),
        ('"control"', '"kit"', ("key lot.1", "name belongs to control lots only")),
        ('kind = "control"\nname = "PC1"', 'kind = "kit"', ("key lot.1", "target belongs to control lots")),
        ('source = "mean of 20 runs"', "", ("key lot.1", "needs its source")),
        ("target = 3300", "target = 0", ("key lot.1.target", "greater than 0")),
        (
            "expires",
            "in_use_until = 2025-12-31\nexpires",
            ("key lot.1", "in_use_until is before"),
        ),
        ("[[lot]]", "[[lots]]", ("key lots", "nearest: 'lot'")),
        ("[[lot]]", "[[lot]", ("not valid TOML",)),
    ],
)
def test_a_mistake_is_told_with_its_place(old: str, new: str, said: tuple[str, ...]) -> None:
    """File, key and what is wrong; nothing is guessed and no misspelt key is a default."""
    text = refusal(CONTROL.replace(old, new)).text()
    assert all(part in text for part in said), text


def test_the_lot_of_the_day(flagship: AssayDefinition) -> None:
    """In use from its first to its last day, both included; expiry is counted from the day of the run."""
    until = CONJUGATE.replace("expires", "in_use_until = 2026-11-20\nexpires")
    both = until + NEXT_CONJUGATE
    assert uses(both, flagship, date(2026, 11, 20))["conjugate"].lot == "C-1"
    assert uses(both, flagship)["conjugate"] == LotUse("conjugate", None, "C-2", "2027-12-31", 405)
    early = uses(both, flagship, date(2025, 12, 31))["conjugate"]
    assert (early.lot, early.days_left, early.reason) == (None, None, "no lot is in use on 2025-12-31")


def test_only_what_the_file_names_is_asked_for(flagship: AssayDefinition, kit: AssayDefinition) -> None:
    """No kit lot is asked of an assay without one; the first control lot asks for all controls."""
    kits = CONJUGATE.replace('"conjugate"', '"kit"') + 'assays = ["anti_mag_kit"]\n'
    assert set(uses(kits + CONJUGATE, flagship)) == {"conjugate"}
    assert set(uses(kits + CONJUGATE, kit)) == {"kit", "conjugate"}
    named = uses(CONTROL, flagship)
    assert set(named) == {"control NC", "control PC1", "control PC2"}
    assert named["control NC"].reason == "no lot is in use on 2026-11-21"


def test_two_lots_on_one_day_are_refused(flagship: AssayDefinition, kit: AssayDefinition) -> None:
    """Which of the two was used cannot be known; both are named. Lots of different assays do not meet."""
    with pytest.raises(DefinitionError, match=r"C-1 .*C-2.* in_use_until") as caught:
        uses(CONJUGATE + NEXT_CONJUGATE, flagship)
    assert caught.value.code == "LOTS_OVERLAP"
    apart = CONJUGATE + 'assays = ["anti_mag_kit"]' + NEXT_CONJUGATE + 'assays = ["anti_mag_igm"]'
    assert uses(apart, flagship)["conjugate"].lot == "C-2"
    assert uses(apart, kit)["conjugate"].lot == "C-1"


def test_the_new_lot_may_run_beside_the_old_one(flagship: AssayDefinition) -> None:
    """A copy of the assay's folder, with lots of its own, measures the new lot on the same day."""
    text = CONTROL + 'assays = ["anti_mag_igm"]'
    text += CONTROL.replace('"07"', '"08"') + 'assays = ["anti_mag_igm_new"]'
    copied = replace(flagship, folder_name="anti_mag_igm_new")
    assert uses(text, flagship)["control PC1"].lot == "07"
    assert uses(text, copied)["control PC1"].lot == "08"


def test_a_lot_that_is_there_twice_is_refused(flagship: AssayDefinition) -> None:
    """Two entries of one lot may give two expiry dates."""
    with pytest.raises(DefinitionError, match="control PC1 lot 07 is there twice"):
        uses(CONTROL + CONTROL, flagship)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        (CONJUGATE + 'assays = ["anti_mag_igmm"]', "nearest: 'anti_mag_igm'"),
        (CONTROL.replace("PC1", "PC11") + 'assays = ["anti_mag_igm"]', "nearest: 'PC1'"),
    ],
)
def test_names_that_nothing_has_are_refused(
    text: str, nearest: str, flagship: AssayDefinition, tmp_path: Path
) -> None:
    """A lot for an assay or a control that does not exist would silently watch over nothing."""
    path = tmp_path / "lots.toml"
    assert load_lots(path, flagship, ["anti_mag_igm"]) is None
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError, match=nearest):
        load_lots(path, flagship, ["anti_mag_igm"])


def test_a_control_lot_brings_its_target(process: Process) -> None:
    """Recovery is judged against the lot's target, the record shows target and source, and the key stays."""
    plain, changed = process(None), process(CONTROL)
    before, after = plain.controls[1], changed.controls[1]
    assert (before.lot, after.lot, after.target) == (None, "07", 3300)
    assert before.recovery_percent is not None
    assert after.recovery_percent == pytest.approx(before.recovery_percent * before.target / 3300)
    used = changed.settings["controls"]["PC1"]
    assert (used["target"], used["source"]) == (3300, "lot 07: mean of 20 runs")
    assert changed.run.key == plain.run.key
    assert plain.lots == ()
    assert set(verdicts(plain, "LOT-01").values()) == {Verdict.NOT_EVALUATED}


def test_an_expired_lot_rejects_the_plate(process: Process) -> None:
    """On its last day a lot is good, on the next day nothing is released; the finding names lot and date."""
    last, late = process(CONJUGATE, day="2026-12-31"), process(CONJUGATE, day="2027-01-01")
    assert verdicts(last, "LOT-02") == {"conjugate": Verdict.PASS}
    assert last.verdict is not RunVerdict.REJECTED
    assert late.verdict is RunVerdict.REJECTED
    (found,) = [f for f in late.findings if f.rule == "LOT-02"]
    assert (found.observed, found.unit) == (1.0, "days past")
    assert "C-1, expires 2026-12-31" in found.message


def test_an_unknown_lot_warns(process: Process) -> None:
    """A control without a lot on that day is a warning; its expiry is not judged, the others' is."""
    record = process(CONTROL)
    known = verdicts(record, "LOT-01")
    assert known["control PC1"] is Verdict.PASS
    assert known["control PC2"] is Verdict.WARN
    assert verdicts(record, "LOT-02")["control PC2"] is Verdict.NOT_EVALUATED
    assert record.verdict is RunVerdict.ACCEPTED_WITH_WARNINGS


def test_the_layout_says_which_lot_a_control_is(
    with_layout_lots: Callable[..., AssayDefinition], process: Process
) -> None:
    """Two lots may be in use when the wells say theirs; expiry and target come from the lot file."""
    two = CONTROL + CONTROL.replace('"07"', '"08"').replace("3300", "3600")
    record = process(two, with_layout_lots(PC1="08"))
    assert (record.controls[1].lot, record.controls[1].target) == ("08", 3600)
    assert verdicts(record, "LOT-01")["control PC1"] is Verdict.PASS


def test_a_lot_of_the_layout_that_the_file_lacks(
    with_layout_lots: Callable[..., AssayDefinition], process: Process
) -> None:
    """Unknown in the lot file it warns, as does one that is not in use; without a file nothing is said."""
    definition = with_layout_lots(PC1="09")
    record = process(CONTROL, definition)
    (use,) = [use for use in record.lots if use.name == "PC1"]
    assert use == LotUse("control", "PC1", "09", None, None, "not in the lot file", LotProblem.NOT_IN_FILE)
    assert verdicts(record, "LOT-01")["control PC1"] is Verdict.WARN
    later = CONTROL.replace('"07"', '"09"').replace("in_use_from = 2026-01-01", "in_use_from = 2026-12-01")
    waiting = process(later, definition)
    assert "from 2026-12-01, not on 2026-11-21" in str([u.reason for u in waiting.lots if u.name == "PC1"])
    assert verdicts(waiting, "LOT-01")["control PC1"] is Verdict.WARN
    alone = process(None, definition)
    assert alone.controls[1].lot == "09"
    assert verdicts(alone, "LOT-01") == {"control PC1": Verdict.NOT_EVALUATED}


def test_two_lots_in_the_wells_of_one_control_are_refused(
    with_layout_lots: Callable[..., AssayDefinition], flagship: AssayDefinition, root: Path
) -> None:
    """A mean over two lots is the value of neither."""
    csv = (root / "plate_layouts" / "anti_mag_igm" / "layout.csv").read_text(encoding="utf-8")
    names = next(block for block in csv.split("\n\n") if block.startswith("name")).strip()
    block = names.replace("name", "lot", 1).replace("NC", "").replace("PC2", "").replace("PC1", "07", 1)
    cells = "\n".join(
        ",".join(c if n == 0 or i == 0 or c == "07" else "" for i, c in enumerate(line.split(",")))
        for n, line in enumerate(block.splitlines())
    )
    with pytest.raises(DefinitionError, match="control 'PC1' say different lots"):
        parse_layout(f"{csv.strip()}\n\n{cells}\n".encode(), "layout.csv", flagship.assay)
    assert with_layout_lots(PC1="07").layout.uses != flagship.layout.uses


def test_the_record_keeps_its_lots(process: Process) -> None:
    """results.json reads back to the same lots, and the control chart of the run is that of its lot."""
    record = process(CONTROL + CONJUGATE)
    again = from_json(to_json(record))
    assert again.lots == record.lots
    assert [use.label for use in again.lots] == ["conjugate", "control NC", "control PC1", "control PC2"]
    readings = past_run(again).controls
    assert (readings["PC1"].lot, readings["PC2"].lot) == ("07", None)


def test_reports_list_the_lots(process: Process) -> None:
    """Page and workbook name every lot with its expiry, say expired in words, and show a control's lot."""
    record = process(CONTROL + CONJUGATE, day="2027-01-02")
    table = lots(record)
    assert table in provenance(record)
    assert table.rows[0][:5] == ("conjugate", None, "C-1", date(2026, 12, 31), -2)
    remark = table.rows[0][5]
    assert isinstance(remark, Word)
    assert remark.text == "expired"
    assert controls(record).rows[1][-1] == "07"
    assert control_lines(record).rows[1][0] == "PC1, lot 07"
    assert "Lots" not in [table.title for table in provenance(process(None))]


def _history(lots_of_runs: list[str], titer: float = 10_000.0) -> History:
    """A run a day with one control, whose titer scatters evenly around its mean."""
    runs = [
        PastRun(
            *(f"run-{n:02}", "P", f"2026-{1 + n // 28:02}-{1 + n % 28:02}T09:00:00Z", "1.2"),
            RunVerdict.ACCEPTED,
            {"PC1": PastValue(math.log(titer) + 0.1 * (-1) ** n, "ln", lot=lot)},
            {},
        )
        for n, lot in enumerate(lots_of_runs)
    ]
    return History("anti_mag_igm", "BTU", tuple(runs))


def test_a_new_lot_of_a_control_starts_a_new_chart() -> None:
    """The old lot's chart ends where the new one begins, and the new one is provisional below 20 runs."""
    history = _history(["06"] * 25 + ["07"] * 19)
    found = trends(history, ChartSettings())
    old, new = found.controls
    assert (old.key.lot, new.key.lot) == ("06", "07")
    assert [value is not None for value in old.chart.z] == [True] * 25 + [False] * 19
    assert [value is not None for value in new.chart.z] == [False] * 25 + [True] * 19
    assert (old.chart.baseline.provisional, new.chart.baseline.provisional) == (False, True)
    page = trends_page(history, found, recent=10).decode()
    assert "PC1, lot 06" in page
    assert "PC1, lot 07" in page


def test_a_new_run_is_judged_by_the_past_of_its_lot() -> None:
    """The first runs of a new lot are not judged by the old lot's mean, and say how many are needed."""
    past = HistoryPast(_history(["06"] * 25 + ["07"] * 19))
    for lot, judged in (("06", True), ("07", False), ("08", False)):
        (standing,) = stand(
            past, {"PC1": PastValue(math.log(11_000), "ln", lot=lot)}, ChartSettings()
        ).controls
        assert standing.lot == lot
        assert (standing.z is not None) is judged
        assert judged or "20 needed" in str(standing.reason)
