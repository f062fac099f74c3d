"""Records of older versions: read, written again as they were, and compared by what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from types import ModuleType

from pipeline.domain.findings import About, SubjectKind
from pipeline.record.document import as_recorded, from_json, to_json


def test_the_record_of_an_older_version_is_written_again_as_it_was(factory: ModuleType) -> None:
    """A field that came later is not there, and is not added when the record is written anew."""
    document = json.loads(to_json(factory.run_record()))
    document["run"].pop("definition_sha256", None)
    for finding in document["findings"]:
        finding.pop("about", None)
    older = (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
    assert to_json(from_json(older)) == older


def test_what_an_older_version_did_not_say_is_not_compared(factory: ModuleType) -> None:
    """Computed again, such a run is the same; what both say still has to be equal."""
    recorded = factory.run_record()
    recorded = replace(recorded, findings=tuple(replace(one, about=()) for one in recorded.findings))
    about = (About(SubjectKind.PLATE),)
    again = replace(
        recorded,
        run=replace(recorded.run, definition_sha256="ab" * 32),
        findings=tuple(replace(one, about=about) for one in recorded.findings),
    )
    assert recorded.findings
    assert as_recorded(recorded, again) == recorded
    other = replace(again, findings=tuple(replace(one, observed=1e9) for one in again.findings))
    assert as_recorded(recorded, other) != recorded
    newer = replace(recorded, run=replace(recorded.run, definition_sha256="cd" * 32))
    assert as_recorded(newer, again) != newer
