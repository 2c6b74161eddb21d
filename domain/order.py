"""Judge the order of a life: apply the rules of `domain.order_rules` to the facts of a project.

Every function takes only facts visible on the judged day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain.consistency import broken
from domain.fact import Fact
from domain.flexdate import not_after
from domain.industry import is_industrial
from domain.marks import Mark, all_marks
from domain.order_rules import (
    EXEMPTIONS,
    GATE,
    GATE_MESSAGE,
    GATE_SEVERITY,
    GATED,
    MESSAGES,
    OFF_LIST,
    OFF_LIST_MESSAGE,
    OFF_LIST_SEVERITY,
    RULES,
    Moment,
    OrderRule,
    Result,
)
from domain.phase import own_phase, phases_of
from domain.revisions import registrations
from domain.soft_rule import Broken
from domain.words import Language

EXISTING = "existing-premises"
OWN_LAND = frozenset({"owned-plant", "redevelopment"})
STAGES = frozenset({"piling", "basement", "superstructure"})


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says about one project, or about one phase of it.

    `facts` are the first earlier fact, if there is one, and the later fact. A deviation is a
    finding whose result is violated; one with an exemption is excused but still shown.
    """

    rule: str
    severity: str
    result: Result
    phase_id: str | None
    facts: tuple[Fact, ...]
    exemption: str | None
    zh: str
    en: str

    def message(self, language: Language) -> str:
        """Say it in a language."""
        return self.zh if language == "zh" else self.en

    def excuse(self, language: Language) -> str | None:
        """Say the exemption in a language."""
        return EXEMPTIONS[self.exemption].words.fill(language) if self.exemption else None


@dataclass(frozen=True, slots=True)
class _Case:
    """The facts that one rule looks at: of a project, or as seen from one phase."""

    marks: Sequence[Mark]
    phase_id: str | None
    facts: Sequence[Fact]
    default: str

    def earlier(self, moment: Moment) -> list[Mark]:
        """Give the marks that may come before: of the phase, or without any phase."""
        return [m for m in self._of(moment) if self.phase_id in {None, m.phase_id or self.phase_id}]

    def later(self, moment: Moment) -> Mark | None:
        """Give the first mark, in fold order, that belongs to the phase."""
        mine = (
            mark
            for mark in self._of(moment)
            if self.phase_id in {None, own_phase(mark, self.default)}
        )
        return next(mine, None)

    def earlier_named(self, name: str) -> list[Mark]:
        """Give the marks of a name of the phase, or without any phase."""
        return [
            mark
            for mark in self.marks
            if mark.name == name and self.phase_id in {None, mark.phase_id or self.phase_id}
        ]

    def _of(self, moment: Moment) -> list[Mark]:
        return [mark for mark in self.marks if moment.counts(mark.name, mark.detail)]


def findings(facts: Sequence[Fact]) -> list[Finding]:
    """Apply every rule; rules without a later fact say nothing, ok is said too.

    The findings are ordered by rule, then by phase; off-list requirements follow in fold order.
    """
    ordered = sorted(facts, key=lambda fact: fact.order_key)
    marks = all_marks(ordered)
    phases = phases_of(ordered, marks)
    default = phases[0].id
    found = []
    for rule in RULES:
        scopes = [None] if rule.scope == "project" else [phase.id for phase in phases]
        for scope in scopes:
            finding = _judge(rule, _Case(marks, scope, ordered, default))
            found += [finding] if finding else []
    gated = _gated(ordered, default)
    soft = [*map(_soft, broken(ordered))]
    return [*found, *gated, *soft, *map(_off_list, _last_asked(ordered))]


def deviations(facts: Sequence[Fact]) -> list[Finding]:
    """Give the findings that broke a rule, excused or not."""
    return [finding for finding in findings(facts) if finding.result is Result.VIOLATED]


def _judge(rule: OrderRule, case: _Case) -> Finding | None:
    later = case.later(rule.later)
    if later is None:
        return None
    earlier = case.earlier(rule.earlier)
    result = _compare(earlier, later)
    exemption = None
    if result is not Result.OK:
        exemption = next((code for code in rule.exemptions if EXCUSES[code](case, later)), None)
    first = earlier[0] if earlier else None
    facts = (later.fact,) if first is None else (first.fact, later.fact)
    texts = {"earlier_on": "" if first is None else first.on.text, "later_on": later.on.text}
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        result=result,
        phase_id=case.phase_id,
        facts=facts,
        exemption=exemption,
        zh=_message(rule, result, "zh", texts),
        en=_message(rule, result, "en", texts),
    )


def _compare(earlier: Sequence[Mark], later: Mark) -> Result:
    if not earlier:
        return Result.MISSING_PREDECESSOR
    answers = [not_after(mark.on, later.on) for mark in earlier]
    if any(answers):
        return Result.OK
    return Result.UNDECIDABLE if None in answers else Result.VIOLATED


def _message(rule: OrderRule, result: Result, language: Language, texts: dict[str, str]) -> str:
    if result is Result.OK:
        return ""
    earlier, later = rule.earlier.words, rule.later.words
    return MESSAGES[result].fill(
        language, earlier=earlier.fill(language), later=later.fill(language), **texts
    )


def _soft(found: Broken) -> Finding:
    """Report facts that say something against each other."""
    return Finding(
        rule=found.rule.id,
        severity=found.rule.severity,
        result=found.result,
        phase_id=found.phase_id,
        facts=found.facts,
        exemption=None,
        zh=found.words.zh,
        en=found.words.en,
    )


def _gated(facts: Sequence[Fact], default: str) -> list[Finding]:
    """Report land for a further phase after the last evaluation before it missed the intensity."""
    found = []
    for award in facts:
        if award.kind == "LandAwarded" and award.phase_id not in {None, default}:
            before = (
                (fact, values)
                for fact in facts
                if fact.kind == "PostEvaluationCompleted"
                and not_after(fact.occurred_on, award.occurred_on)
                and (values := _intensities(fact)) is not None
            )
            for fact, (agreed, actual) in [*before][-1:]:
                if Decimal(actual) < Decimal(agreed):
                    found.append(_missed(fact, award, agreed, actual))
    return found


def _intensities(fact: Fact) -> tuple[str, str] | None:
    """Give the agreed and the delivered intensity of an evaluation, if it states both."""
    agreed, actual = (
        fact.payload[side].get(GATED, {}).get("value") for side in ("agreed", "actual")
    )
    return (agreed, actual) if isinstance(agreed, str) and isinstance(actual, str) else None


def _missed(evaluation: Fact, award: Fact, agreed: str, actual: str) -> Finding:
    return Finding(
        rule=GATE,
        severity=GATE_SEVERITY,
        result=Result.VIOLATED,
        phase_id=award.phase_id,
        facts=(evaluation, award),
        exemption=None,
        zh=GATE_MESSAGE.fill("zh", agreed=agreed, actual=actual),
        en=GATE_MESSAGE.fill("en", agreed=agreed, actual=actual),
    )


def _last_asked(facts: Sequence[Fact]) -> list[Fact]:
    """Keep of each requirement what was said of it last."""
    asked: dict[tuple[str, ...], Fact] = {}
    for fact in facts:
        if fact.kind == "OffListRequirementRaised":
            key = tuple(
                str(fact.payload[name]) for name in ("list_id", "department", "requirement")
            )
            asked.pop(key, None)
            asked[key] = fact
    return list(asked.values())


def _off_list(fact: Fact) -> Finding:
    """Report a requirement outside the list; one that was dropped is excused."""
    words: dict[str, Any] = {
        "department": fact.payload["department"],
        "requirement": fact.payload["requirement"],
    }
    return Finding(
        rule=OFF_LIST,
        severity=OFF_LIST_SEVERITY,
        result=Result.VIOLATED,
        phase_id=None,
        facts=(fact,),
        exemption="dropped" if fact.payload["status"] == "dropped" else None,
        zh=OFF_LIST_MESSAGE.fill("zh", **words),
        en=OFF_LIST_MESSAGE.fill("en", **words),
    )


def _assessed_first(case: _Case, _: Mark) -> bool:
    signed = case.earlier_named("signed")
    assessed = case.earlier_named("pre_assessed")
    return bool(signed) and any(not_after(mark.on, signed[0].on) for mark in assessed)


def _on_existing_premises(case: _Case, _: Mark) -> bool:
    if case.earlier_named("premises_secured"):
        return True
    definitions = {p.id: p.fact for p in phases_of(case.facts, case.marks)}
    definition = definitions.get(case.phase_id or case.default)
    return definition is not None and bool(definition.payload["uses_existing_premises"])


def _on_own_land(case: _Case, _: Mark) -> bool:
    return any(mark.detail in OWN_LAND for mark in case.earlier_named("premises_secured"))


def _equipment_only(case: _Case, later: Mark) -> bool:
    return _on_existing_premises(case, later) and not case.earlier_named("land_awarded")


def _non_industrial(case: _Case, _: Mark) -> bool:
    registered = registrations(case.facts)
    return bool(registered) and not is_industrial(registered[-1].whole["industry_gb4754"])


def _staged(case: _Case, later: Mark) -> bool:
    permits = case.earlier_named("construction_permit")
    staged = any(mark.fact.payload.get("stage") in STAGES for mark in permits)
    return staged or later.detail == "staged-permit"


def _below_threshold(_: _Case, later: Mark) -> bool:
    return later.detail == "filing"


def _unit_accepted(case: _Case, later: Mark) -> bool:
    accepted = case.earlier_named("completion_accepted")
    return any(mark.detail == "unit" and not_after(mark.on, later.on) for mark in accepted)


def _tried_before(case: _Case, later: Mark) -> bool:
    tried = case.earlier_named("trial_production")
    return any(not_after(mark.on, later.on) for mark in tried)


EXCUSES = {
    "assessment-first": _assessed_first,
    EXISTING: _on_existing_premises,
    "own-land": _on_own_land,
    "equipment-only": _equipment_only,
    "non-industrial": _non_industrial,
    "staged-permit": _staged,
    "below-threshold": _below_threshold,
    "unit-acceptance": _unit_accepted,
    "trial-production": _tried_before,
}
