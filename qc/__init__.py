"""Quality control: rules compare a computed plate with the limits of its assay. Nothing is computed here."""

from __future__ import annotations

from pipeline.domain.assay import Assay
from pipeline.domain.findings import Finding
from pipeline.domain.results import PlateResult
from qc.rule import rules_of


def evaluate(result: PlateResult, assay: Assay) -> tuple[Finding, ...]:
    """Apply every rule that concerns the assay to a plate.

    A rule that raises is a fault of the program and is not caught here.
    """
    return tuple(finding for rule in rules_of(assay) for finding in rule.apply(result, assay))
