"""What a rule is: one function, one limit; and how observations become findings."""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from pipeline.domain.assay import Assay
from pipeline.domain.declared import Limit
from pipeline.domain.findings import Finding, Verdict
from pipeline.domain.results import PlateResult


@dataclass(frozen=True, slots=True)
class Observation:
    """One subject that a rule looked at.

    ``ok`` None means that it could not be evaluated; ``message`` then says why. ``observed`` is in the unit
    of the limit. ``limit`` replaces the declared limit where a rule has two (such as the ends of a curve).
    """

    subject: str
    ok: bool | None
    observed: float | str | None
    message: str
    limit: Limit | None = None


Check = Callable[[PlateResult, Assay, Limit], Iterator[Observation]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A QC rule. ``limit`` is the key in the assay's ``[limits]``."""

    id: str
    title: str
    limit: str
    check: Check

    @property
    def description(self) -> str:
        """First line of the function's docstring."""
        return (self.check.__doc__ or "").strip().splitlines()[0]

    def declared(self, assay: Assay) -> Limit | None:
        """The assay's limit for this rule."""
        limit: Limit | None = getattr(assay.limits, self.limit)
        return limit

    def apply(self, result: PlateResult, assay: Assay) -> Iterator[Finding]:
        """Findings of this rule; ``not_evaluated`` where there is no limit or nothing to see."""
        limit = self.declared(assay)
        if limit is None:
            yield self._not_evaluated(f"the assay declares no limit {self.limit}")
            return
        observations = list(self.check(result, assay, limit))
        if not observations:
            yield self._not_evaluated("there is nothing on this plate to which the rule applies")
        for observation in observations:
            yield self._finding(observation, observation.limit or limit)

    def _not_evaluated(self, why: str) -> Finding:
        return Finding(self.id, self.title, "plate", Verdict.NOT_EVALUATED, None, None, "", "", why)

    def _finding(self, seen: Observation, limit: Limit) -> Finding:
        broken = isinstance(seen.observed, float) and math.isnan(seen.observed)
        if broken:
            verdict = Verdict(limit.on_breach)
        elif seen.ok is None:
            verdict = Verdict.NOT_EVALUATED
        else:
            verdict = Verdict.PASS if seen.ok else Verdict(limit.on_breach)
        observed = "not a number" if broken else seen.observed
        return Finding(
            self.id,
            self.title,
            seen.subject,
            verdict,
            observed,
            limit.value,
            limit.unit,
            limit.source,
            seen.message,
        )


_RULES: dict[str, Rule] = {}


def rule(rule_id: str, *, title: str, limit: str) -> Callable[[Check], Check]:
    """Register a rule; two rules with one id are a fault of the program."""

    def register(check: Check) -> Check:
        if rule_id in _RULES:
            raise ValueError(f"rule {rule_id} is there twice")
        _RULES[rule_id] = Rule(rule_id, title, limit, check)
        return check

    return register


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule of every module in :mod:`qc.rules`, by id."""
    package = importlib.import_module("qc.rules")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"qc.rules.{module.name}")
    return tuple(_RULES[key] for key in sorted(_RULES))
