"""How far a layout reaches, and what it cannot decide: said by ``layout check`` and by the report."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.definitions import AssayDefinition, load_definition
from pipeline.definitions.layout_remarks import remarks
from pipeline.domain.assay import Assay
from pipeline.domain.record import RunRecord
from pipeline.report.drawing.charts import scenes_of
from pipeline.report.first_page.contents import contents


def plain(text: str) -> str:
    """Without the narrow spaces between thousands."""
    return text.replace("\u202f", " ")


def with_cutoff(definition: AssayDefinition, **changes: object) -> AssayDefinition:
    """The assay with another cut-off."""
    assay: Assay = definition.assay
    assert assay.cutoff is not None
    return replace(
        definition, assay=assay.model_copy(update={"cutoff": assay.cutoff.model_copy(update=changes)})
    )


def test_from_the_reach_on_a_serum_is_positive_and_below_it_is_not(plates: Any, serum: Any) -> None:
    """A floor that binds in the second dilution makes a blind zone above the cut-off; its end is named."""
    plates.definition = with_cutoff(plates.definition, confirming_floor_od=None)
    start = plates.analyse({"S1": serum(titer=5000, hnk1=0.8)}).reach.reports_from
    assert 1500 < start < 2000
    above, below = (plates.analyse({"S1": serum(titer=start * f, hnk1=0.8)}).samples[0] for f in (1.1, 0.9))
    assert above.classification.startswith("POSITIVE")
    assert below.classification == "INDETERMINATE"
    assert below.reasons == ("ONE_DILUTION_ONLY",)


def test_a_smaller_floor_for_the_confirming_dilution_reaches_the_cutoff(plates: Any, serum: Any) -> None:
    """The shipped layout reports from the cut-off, up to the highest calibrator at the last dilution."""
    found = plates.analyse({"S1": serum(titer=5000)}).reach
    assert found.reports_from == 1000
    assert found.reports_to == pytest.approx(70_000 * 27)
    assert plain(found.said()) == "This layout reports from 1 000 BTU, the cut-off, to 1 890 000 BTU."


def test_the_report_says_how_far_its_layout_reaches(factory: Any, plates: Any, serum: Any) -> None:
    """Among the facts of the standard curve, with the curve of this plate."""
    record: RunRecord = replace(factory.run_record(), reach=plates.analyse({"S1": serum(titer=5000)}).reach)
    facts = dict(contents(record, scenes_of(record)).curves[0].facts)
    assert plain(facts["Reach"]).startswith("This layout reports from 1 000 BTU")
    older = replace(record, reach=None)
    assert "Reach" not in dict(contents(older, scenes_of(older)).curves[0].facts)


def without_negative(definition: AssayDefinition, *dilutions: float) -> AssayDefinition:
    """The layout without antigen-negative wells of the samples at some dilutions."""
    layout = definition.layout
    uses = {
        well: use
        for well, use in layout.uses.items()
        if not (use.role == "sample" and use.antigen == "none" and use.dilution in dilutions)
    }
    return replace(definition, layout=replace(layout, uses=uses))


def borrowing(definition: AssayDefinition) -> AssayDefinition:
    """The assay that reads a dilution against its neighbours' antigen-negative wells."""
    assert definition.assay.antigen_negative is not None
    settings = definition.assay.antigen_negative.model_copy(update={"missing": "neighbour"})
    return replace(definition, assay=definition.assay.model_copy(update={"antigen_negative": settings}))


def said(definition: AssayDefinition) -> str:
    """All remarks on a layout."""
    return "\n".join(remarks(definition.layout, definition.assay))


def test_one_antigen_negative_well_a_serum_is_told_before_the_plate_is_pipetted(
    plates: Any, serum: Any, flagship: AssayDefinition
) -> None:
    """Which dilutions are not judged, that nothing can become positive, and which setting helps."""
    bare = without_negative(flagship, 3000, 9000, 27000)
    text = said(bare)
    assert "no antigen-negative well at 1:3000, 1:9000, 1:27000" in text
    assert "no serum can become positive" in text
    assert 'missing = "neighbour"' in text
    plates.definition = bare
    assert plates.analyse({"S1": serum(titer=5000)}).reach.reports_from is None
    plates.definition = borrowing(bare)
    assert plates.analyse({"S1": serum(titer=5000)}).reach.reports_from == 1000
    assert "less sure" in said(borrowing(bare))


def test_two_controlled_dilutions_side_by_side_suffice(flagship: AssayDefinition) -> None:
    """Only what can really not be decided is called so."""
    some = said(without_negative(flagship, 9000, 27000))
    assert "not judged" in some
    assert "no serum can become positive" not in some
    assert "antigen-negative" not in said(flagship)


def test_layout_check_of_the_field_case_says_that_nothing_becomes_positive(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not "good": the first line says it, and what to set is below."""
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(root / "plate_layouts" / "anti_mag_igm" / "assay.toml", folder)
    lines = (root / "plate_layouts" / "anti_mag_igm" / "layout.csv").read_text(encoding="utf-8").splitlines()
    kept = [_bare(line) if line[:2] in _BARE_ROWS else line for line in lines]
    (folder / "layout.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert main(["layout", "check", str(folder)]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert text.startswith("mine: no serum can become positive.")
    assert 'missing = "neighbour"' in text


_BARE_ROWS = ("B,", "C,", "D,", "F,", "G,", "H,")


def _bare(line: str) -> str:
    """A line of a block without its antigen-negative wells of sera: columns 7 and 11."""
    cells = line.split(",")
    return ",".join("" if column in (7, 11) else cell for column, cell in enumerate(cells))


@pytest.mark.parametrize(
    ("assay", "says"),
    [
        ("anti_mag_igm", "reads lower towards the right"),
        ("anti_mag_igm", "HNK1 wells of columns 8, 12"),
        ("anti_mag_igm", "PC1 and PC2 read alike in the wells"),
        ("anti_mag_igm", "No control is diluted in series"),
        ("anti_mag_kit", "one dilution"),
        ("anti_mag_hnk1_inhibition", "wells of the samples are single"),
    ],
)
def test_what_a_shipped_layout_cannot_decide_is_said(root: Path, assay: str, says: str) -> None:
    """A laboratory learns from ``layout check`` which mistakes its plates do not show."""
    assert says in said(load_definition(root / "plate_layouts" / assay))


def test_a_layout_without_hnk1_at_two_dilutions_confirms_nothing(flagship: AssayDefinition) -> None:
    """HNK1 binding has to fall with dilution."""
    layout = flagship.layout
    uses = {
        well: use
        for well, use in layout.uses.items()
        if not (use.role == "sample" and use.antigen == "HNK1" and use.dilution != 1000)
    }
    text = said(replace(flagship, layout=replace(layout, uses=uses)))
    assert "S1 to S4: HNK1 wells at one dilution only" in text


def test_an_assay_without_cutoff_reports_its_range(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the lowest standard to the highest, times the dilution."""
    assert main(["layout", "check", str(root / "plate_layouts" / "generic_elisa")]) == 0
    text = plain(capsys.readouterr().out)
    assert "This layout reports from 156 to 10 000 ng/mL." in text
