"""Sera for benchmarks: truths so far from every limit that only one class is right."""

from __future__ import annotations

import numpy as np

from pipeline.domain.assay import Assay
from simulator.truth import SerumTruth

CLASSES = (
    "NEGATIVE",
    "NONSPECIFIC_BINDING",
    "POSITIVE_HNK1_CONFIRMED",
    "POSITIVE_HNK1_NOT_CONFIRMED",
)
"""The four clear-cut truths, in the order in which they are dealt."""
UNTESTED = "POSITIVE_HNK1_NOT_TESTED"
"""What a positive serum is in an assay without HNK1 wells."""


def clear_cut_sera(rng: np.random.Generator, n: int, assay: Assay) -> list[SerumTruth]:
    """Make ``n`` sera, as many of each class as possible, in random order.

    Titers are multiples of the assay's cut-off (1000 BTU): negative at most 0.3, non-specific at most 0.2
    with an antigen-negative OD of 0.6 to 2 at 1:1000, positive 4 to 150 with an HNK1 affinity of 0.5 to 1
    or none.

    Args:
        rng: seeded.
        n: how many.
        assay: must declare a cut-off.

    Raises:
        ValueError: when the assay has no cut-off.
    """
    if assay.cutoff is None:
        msg = f"the assay {assay.name} declares no cut-off"
        raise ValueError(msg)
    sera = [_serum(CLASSES[i % len(CLASSES)], assay.cutoff.titer, rng, assay) for i in range(n)]
    return [sera[i] for i in rng.permutation(n)]


def _serum(expected: str, cutoff: float, rng: np.random.Generator, assay: Assay) -> SerumTruth:
    weak = float(rng.uniform(0.0, 0.2 if expected == "NONSPECIFIC_BINDING" else 0.3))
    strong = float(np.exp(rng.uniform(np.log(4.0), np.log(150.0))))
    sticky, quiet = _log_uniform(0.6, 2.0, rng), _log_uniform(0.005, 0.04, rng)
    affinity = float(rng.uniform(0.5, 1.0))
    positive = expected.startswith("POSITIVE")
    return SerumTruth(
        titer=round(cutoff * (strong if positive else weak), 1),
        expected_class=UNTESTED if positive and assay.hnk1 is None else expected,
        nsb_od=round(sticky if expected == "NONSPECIFIC_BINDING" else quiet, 4),
        hnk1_affinity=round(affinity, 3) if expected == "POSITIVE_HNK1_CONFIRMED" else 0.0,
        expected_flags=("HIGH_BACKGROUND",) if expected == "NONSPECIFIC_BINDING" else (),
        expected_qualifier="=" if positive else None,
        about=expected.replace("_", " ").lower(),
    )


def _log_uniform(low: float, high: float, rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
