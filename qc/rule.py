"""What a rule is: one function that observes, and one limit that judges what it saw."""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, TypeAlias

from pipeline.domain.assay import Assay
from pipeline.domain.declared import Limit
from pipeline.domain.findings import About, Finding, Verdict
from pipeline.domain.limits import LIMIT_KINDS, Limits
from pipeline.domain.message import Message
from pipeline.domain.results import PlateResult
from qc.subjects import PLATE, FindingSubject


class Observation(NamedTuple):
    """One subject that a rule looked at; the rule's limit judges the number that was observed.

    Without a number nothing is judged, and ``message`` says why.
    """

    subject: FindingSubject
    observed: float | str | None
    """In the unit of the limit."""
    message: str
    ok: bool | None = None
    """What the limit cannot tell of the number alone: an excuse, or a breach without a number."""
    named: tuple[About, ...] = ()
    """What was found, of all that the rule looked at."""


def unknown(subject: FindingSubject, why: str) -> Observation:
    """A subject that cannot be evaluated."""
    return Observation(subject, None, why)


class Terms(NamedTuple):
    """By what a plate is judged, for rules that need more than the plate and one comparison."""

    limit: Limit
    """The rule's own."""
    assay: Assay

    @property
    def limits(self) -> Limits:
        """Those of the other rules."""
        return self.assay.limits


Observations: TypeAlias = Iterator[Observation]
Check: TypeAlias = Callable[[PlateResult], Observations]
CheckByTerms: TypeAlias = Callable[[PlateResult, Terms], Observations]


@dataclass(frozen=True, slots=True)
class Rule:
    """A QC rule. ``limit`` is the key in the assay's ``[limits]``."""

    id: str
    title: str
    """What holds where the rule is met."""
    breach: str
    """What a warning or failure is called."""
    limit: str
    group: str
    """The module that it stands in, such as ``calibrators``."""
    description: str
    """First line of the function's docstring."""
    observe: CheckByTerms
    follows: str | None = None
    """The group of rules whose failure explains a breach of this one."""
    hnk1: bool = False
    """Is it about HNK1? An assay without that question never hears of it."""

    def declared(self, assay: Assay) -> Limit | None:
        """The assay's limit for this rule."""
        limit: Limit | None = getattr(assay.limits, self.limit)
        return limit

    def apply(self, result: PlateResult, assay: Assay) -> Iterator[Finding]:
        """Findings of this rule; ``not_evaluated`` where there is no limit or nothing to see."""
        limit = self.declared(assay)
        if limit is None:
            yield self._not_evaluated(Message("the assay declares no limit {key}", key=self.limit))
            return
        observations = list(self.observe(result, Terms(limit, assay)))
        if not observations:
            yield self._not_evaluated(Message("there is nothing on this plate to which the rule applies"))
        for observation in observations:
            yield self._finding(observation, limit)

    def _not_evaluated(self, why: str) -> Finding:
        return Finding(
            self.id,
            self.title,
            PLATE.text,
            Verdict.NOT_EVALUATED,
            None,
            None,
            "",
            "",
            why,
            PLATE.about,
            group=self.group,
            follows=self.follows,
            breach=self.breach,
        )

    def _finding(self, seen: Observation, limit: Limit) -> Finding:
        return Finding(
            self.id,
            self.title,
            seen.subject.text,
            _verdict(seen, limit),
            "not a number" if _is_nan(seen.observed) else seen.observed,
            limit.value,
            limit.unit,
            limit.source,
            seen.message,
            seen.subject.about,
            seen.named,
            self.group,
            self.follows,
            self.breach,
        )


def _is_nan(observed: float | str | None) -> bool:
    return isinstance(observed, float) and math.isnan(observed)


def _verdict(seen: Observation, limit: Limit) -> Verdict:
    """The limit judges every number that has no excuse; NaN has none."""
    ok = seen.ok
    if isinstance(seen.observed, float) and (ok is None or math.isnan(seen.observed)):
        ok = limit.allows(seen.observed)
    if ok is None:
        return Verdict.NOT_EVALUATED
    return Verdict.PASS if ok else Verdict(limit.on_breach)


_RULES: dict[str, Rule] = {}


def rule(
    rule_id: str, *, title: str, breach: str, limit: str, follows: str | None = None, hnk1: bool = False
) -> Callable[[Check], Check]:
    """Register a rule that looks at the plate alone.

    ``title`` says what holds where the rule is met, ``breach`` what is wrong where it is not.
    ``follows`` is the group of rules, a module of :mod:`qc.rules`, whose failure explains a breach of this.
    Two rules with one id, a limit that is not declared and a rule that does not say what it judges are faults
    of the program, found at import.
    """

    def register(check: Check) -> Check:
        by_terms: CheckByTerms = lambda result, _terms: check(result)  # noqa: E731 - one line
        _register(Rule(rule_id, title, breach, limit, *_says(check), by_terms, follows, hnk1))
        return check

    return register


def rule_by_terms(
    rule_id: str, *, title: str, breach: str, limit: str, follows: str | None = None, hnk1: bool = False
) -> Callable[[CheckByTerms], CheckByTerms]:
    """Register a rule that also looks at its limit, at other limits or at the assay; as :func:`rule`."""

    def register(check: CheckByTerms) -> CheckByTerms:
        _register(Rule(rule_id, title, breach, limit, *_says(check), check, follows, hnk1))
        return check

    return register


def _says(check: Check | CheckByTerms) -> tuple[str, str]:
    """The module that a rule stands in, and the first line of its docstring."""
    return check.__module__.rpartition(".")[2], (check.__doc__ or "").strip().splitlines()[0]


def _register(made: Rule) -> None:
    if made.id in _RULES:
        raise ValueError(f"rule {made.id} is there twice")
    if made.limit not in LIMIT_KINDS:
        raise ValueError(f"rule {made.id}: no limit {made.limit} is declared in pipeline/domain/limits.py")
    _RULES[made.id] = made


def rules_of(assay: Assay) -> tuple[Rule, ...]:
    """The rules that concern an assay: those about HNK1 only where that is a question."""
    return tuple(rule for rule in all_rules() if assay.asks_hnk1 or not rule.hnk1)


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule of every module in :mod:`qc.rules`, by id."""
    package = importlib.import_module("qc.rules")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"qc.rules.{module.name}")
    found = tuple(_RULES[key] for key in sorted(_RULES))
    if lost := {rule.follows for rule in found} - {rule.group for rule in found} - {None}:
        raise ValueError(f"no rules of the group {', '.join(map(str, lost))}, which others follow")
    return found
