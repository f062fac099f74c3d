"""What a class means and what to do next, in words for the manager and the technician."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.domain.assay import Conversion, Cutoff
from pipeline.domain.names import bound_text, grouped, number
from pipeline.domain.results import Titer

PLATE_REJECTED = "PLATE_REJECTED"
"""Reason of every sample of a rejected plate."""

EXPLANATIONS: Mapping[str, str] = {
    "PLATE_REJECTED": "The plate was rejected by quality control, so there is no result for this sample.",
    "NO_ANTIGEN_NEGATIVE": "The sample has no readable antigen-negative well, so binding without antigen cannot be told from antibody.",
    "REPLICATES_DISAGREE": "Replicate wells disagree at every dilution that could decide.",
    "HOOK_UNRESOLVED": "The most concentrated dilutions read lower than the next ones (hook), and no higher dilution settles the titer.",
    "SATURATED": "Every dilution reads above the reader's range.",
    "WELLS_MISSING": "No dilution of this sample has readable wells.",
    "NO_WORKING_RANGE": "The calibrators give no working range, so no titer can be read.",
    "NET_BELOW_CUTOFF": "Positive on antigen wells, but not once the antigen-negative wells are subtracted: non-specific binding, not reportable as positive.",
    "RATIO_BELOW_LIMIT": "Above the cut-off on antigen wells, but the wells without antigen read almost as high: non-specific binding, not reportable as positive.",
    "ANTIGEN_NEGATIVE_HIGH": "The serum binds strongly to wells without antigen: non-specific binding, not reportable as positive.",
    "RAW_AND_NET_DISAGREE": "Positive only after subtraction: the unsubtracted signal is not above the cut-off. Repeat before reporting.",
    "ONE_DILUTION_ONLY": "Positive at one dilution only; neighbouring dilutions do not confirm it.",
    "NSB_PARTIAL": "A raised part of the signal needs no antigen; specific binding is likely but not certain.",
    "GAP_IN_SERIES": "A negative dilution lies between positive ones.",
    "STRADDLES_CUTOFF": "The confidence interval of the titer includes the cut-off.",
    "NOT_PARALLEL": "The dilutions disagree about the titer beyond the limit, so one number does not describe this serum.",
    "TITER_AND_SERIES_DISAGREE": "The joint titer and the dilution series lie on different sides of the cut-off, as when a serum was diluted too far.",
    "HNK1_POSITIVE": "MAG antibodies with HNK1 reactivity.",
    "HNK1_NEGATIVE": "MAG antibodies without HNK1 reactivity: axonal or CIDP-like pictures and impurities of the antigen are described; interpret with the clinic.",
    "HNK1_OPEN": "MAG antibodies; HNK1 reactivity is in the grey zone or could not be read.",
    "HNK1_NOT_TESTED": "MAG antibodies; HNK1 reactivity was not tested, so the result is not confirmed.",
    "HIGH_BACKGROUND": "No MAG antibodies above the cut-off; the serum binds to wells without antigen.",
    "HNK1_WITHOUT_MAG": "No MAG antibodies above the cut-off, but HNK1 wells are positive: SGPG antibodies without MAG are described in multifocal motor neuropathy.",
    "BELOW_CUTOFF": "No antibodies above the cut-off.",
    "ABOVE_CUTOFF": "Antibodies above the cut-off.",
    "NO_CUTOFF_DECLARED": "Quantified; this assay declares no cut-off.",
}
"""Reason code -> sentence."""

STEPS: Mapping[str, str] = {
    "PLATE_REJECTED": "Repeat the plate.",
    "NO_ANTIGEN_NEGATIVE": "Repeat the sample with antigen-negative wells.",
    "REPLICATES_DISAGREE": "Repeat the sample.",
    "HOOK_UNRESOLVED": "Dilute further",
    "SATURATED": "Dilute further",
    "WELLS_MISSING": "Check the export, or repeat the sample.",
    "NO_WORKING_RANGE": "Repeat the plate.",
    "NET_BELOW_CUTOFF": "Do not report as positive; confirm with another method if the clinic asks.",
    "RATIO_BELOW_LIMIT": "Do not report as positive; confirm with another method if the clinic asks.",
    "ANTIGEN_NEGATIVE_HIGH": "Do not report as positive; confirm with another method if the clinic asks.",
    "RAW_AND_NET_DISAGREE": "Repeat the sample.",
    "ONE_DILUTION_ONLY": "Repeat the sample with closer dilutions.",
    "NSB_PARTIAL": "Repeat the sample with more dilutions, or confirm with another method.",
    "GAP_IN_SERIES": "Repeat the sample.",
    "STRADDLES_CUTOFF": "Repeat the sample; report once the interval clears the cut-off.",
    "NOT_PARALLEL": "Repeat the sample with more dilutions.",
    "TITER_AND_SERIES_DISAGREE": "Repeat the sample, starting more concentrated.",
    "HNK1_OPEN": "Repeat the HNK1 wells.",
    "HNK1_NOT_TESTED": "Test HNK1 reactivity.",
}
"""Reason code -> what to do at the bench; absent where nothing is needed."""


DILUTION_DOES_NOT_HELP = frozenset(
    {
        "PLATE_REJECTED",
        "NO_ANTIGEN_NEGATIVE",
        "NET_BELOW_CUTOFF",
        "RATIO_BELOW_LIMIT",
        "ANTIGEN_NEGATIVE_HIGH",
    }
)
"""Reasons that a further dilution leaves as they are."""


def next_step(reason: str, titer: Titer, last_dilution: float | None) -> str | None:
    """What to do next; a titer above the range asks for the next dilution as well."""
    own = STEPS.get(reason)
    too_high = titer.qualifier == ">=" and reason not in DILUTION_DOES_NOT_HELP
    if not (too_high or own == "Dilute further") or last_dilution is None:
        return own
    further = f"Dilute further, start at 1:{grouped(last_dilution)}."
    also = own if reason.startswith("HNK1") else None
    return further if also is None else f"{further} {also}"


def level_comment(titer: Titer, cutoff: Cutoff | None) -> str | None:
    """The highest tier that the titer reaches, with its source; only for a titer that is a value or >=."""
    if cutoff is None or titer.value is None or titer.qualifier == "<":
        return None
    reached = [tier for tier in cutoff.tiers if titer.value >= tier.from_titer]
    if not reached:
        return None
    top = max(reached, key=lambda tier: tier.from_titer)
    return f"{top.comment} ({cutoff.tiers_source})" if cutoff.tiers_source else top.comment


def reference_range(cutoff: Cutoff | None) -> str | None:
    """The laboratory's reference range with its source; None where none is declared."""
    if cutoff is None or not cutoff.reference_range:
        return None
    return f"{cutoff.reference_range} ({cutoff.titer_source})"


def _amount(value: float, qualifier: str) -> str:
    return number(value) if qualifier == "=" else bound_text(value, qualifier)


def converted(titer: Titer, conversions: Sequence[Conversion]) -> tuple[str, ...]:
    """The titer in further units, in words; nothing where there is no titer."""
    if titer.value is None:
        return ()
    return tuple(
        f"{_amount(titer.value * each.factor, titer.qualifier)} {each.unit} (x {each.factor:g}: {each.source})"
        for each in conversions
    )
