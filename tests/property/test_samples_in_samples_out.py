"""Whatever a sample sheet says: its samples are those of the reports, or it is refused."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sample_cases import shipped

from pipeline.definitions import entries_by_plate, load_sheet
from pipeline.domain.layout import Role
from pipeline.domain.plate import PlateRead
from pipeline.errors import InputError

LAYOUT = shipped("anti_mag_igm").layout
SLOTS = LAYOUT.names(Role.SAMPLE)
LABELS = ("", "A", "a", "B", "C", "1", "2", "3", "A #2")
LINES = st.lists(
    st.tuples(
        st.sampled_from([*SLOTS, "s1", "S 2", "S9", ""]),
        st.sampled_from(["x", "y", "7", ""]),
        st.sampled_from(LABELS),
    ),
    max_size=8,
)
PLATES = st.lists(st.sampled_from(["A", "B", "1", "2", ""]), min_size=1, max_size=3)


@given(LINES, PLATES)
def test_samples_in_are_samples_out(lines: list[tuple[str, str, str]], names: list[str]) -> None:
    """Every line with an id is on exactly one plate, with its id, or nothing is computed."""
    text = "\n".join(["slot,sample_id,plate", *(",".join(line) for line in lines)])
    plates = [PlateRead(name, 8, 12, ()) for name in names]
    try:
        sheet = load_sheet(text.encode(), "p.samples.csv")
        found = entries_by_plate(sheet, plates, LAYOUT)
    except InputError:
        return
    reported = sorted(entry.sample_id for entries in found for entry in entries.values())
    assert reported == sorted(sample_id for _, sample_id, _ in lines if sample_id)
    assert all(set(entries) <= set(SLOTS) for entries in found)
