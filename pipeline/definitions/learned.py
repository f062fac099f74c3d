"""What a laboratory's past runs say, put in place of what its assay declares."""

from __future__ import annotations

import dataclasses

from pipeline.definitions.assay_folder import AssayDefinition
from pipeline.domain.assay import Assay
from pipeline.domain.history import StepHistory


def asks_history(assay: Assay) -> bool:
    """Does this assay take the error of a dilution step from past runs?"""
    return assay.dilution.step_cv.origin == "ledger"


def with_learned_step(definition: AssayDefinition, history: StepHistory | None) -> AssayDefinition:
    """The assay with the error of a dilution step that past runs tell, where there are enough of them."""
    if history is None or history.cv_percent is None or not asks_history(definition.assay):
        return definition
    dilution = definition.assay.dilution
    source = f"likelihoods of {len(history.runs)} past runs"
    step = dilution.step_cv.model_copy(update={"value": history.cv_percent, "source": source})
    learned = dilution.model_copy(update={"step_cv": step, "step_cv_df": history.df})
    assay = definition.assay.model_copy(update={"dilution": learned})
    return dataclasses.replace(definition, assay=assay)
