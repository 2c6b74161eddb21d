"""Draw one project by OC4IDS from its facts.

Everything in it was stated by a fact that counts; what no fact states is not there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Any

from domain.fact import Fact
from domain.marks import all_marks
from domain.milestone_state import MilestoneState, completed, milestones, plans_of
from domain.phase import Phase
from domain.project import Project
from domain.revisions import Stated, registrations
from server.exports.about import beijing
from server.exports.oc4ids.codes import STATUSES, sector_of
from server.exports.oc4ids.parts import (
    Part,
    Told,
    cny,
    documents,
    grants,
    investment,
    listed,
    milestone,
    moment,
    permits,
    physical,
    present,
)

CODE_SCHEME = "GB/T 40058"
REGION_SCHEME = "GB/T 2260"
INDUSTRY_SCHEME = "GB/T 4754"
CREDIT_CODE_SCHEME = "GB 32100"
_CREDIT_CODE_LENGTH = 18
_SUSPENDED = "缓建/停工 (suspended)"
_KEPT = frozenset({"ProjectSuspended", "ProjectResumed"})


@dataclass(frozen=True)
class Sitter:
    """A project as it is known and true in the end, from which every earlier portrait is drawn.

    An identifier that is given once must stay, or what is told in releases could not be merged; so
    phases and classifications are called as they are in the end.
    """

    id: str
    project: Project
    linked: Mapping[str, Part]
    """The linked releases by the id of the fact that each is about."""

    @cached_property
    def industry(self) -> str | None:
        """Give its industry by GB/T 4754."""
        stated = registrations(self.project.facts)
        return stated[-1].whole.get("industry_gb4754") if stated else None

    @cached_property
    def permit_kinds(self) -> Sequence[str]:
        """Give the permits that make its set complete."""
        policy = self.project.policy("permit-set")
        return () if policy is None else policy.rules["kinds"]


def portrait(sitter: Sitter, facts: Sequence[Fact]) -> Part:
    """Draw the project from some of its facts, which are in fold order."""
    whole = sitter.project
    project = Project(facts, whole.on, whole.policies, whole.lists)
    stated = registrations(facts)
    registered: Mapping[str, Any] = stated[-1].whole if stated else {}
    supplier = _enterprise(registered)
    return present(
        {
            "id": sitter.id,
            "updated": beijing(max(fact.recorded_at for fact in facts)),
            "language": "zh",
            "identifiers": _codes(facts),
            "title": project.title,
            "description": _SUSPENDED if project.phase is Phase.SUSPENDED else None,
            "status": _status(project),
            "sector": _sector(sitter.industry),
            "additionalClassifications": _classified(sitter.industry),
            "locations": _location(registered),
            "parties": _parties(facts, stated),
            "budget": _budget(project, facts),
            "period": _period(facts),
            "milestones": _as_told([*_nodes(sitter, facts, whole.on), *permits(facts)], facts),
            "metrics": _as_told([*investment(facts), *physical(facts)], facts),
            "forecasts": listed(facts, whole.lists),
            "completion": _completion(facts),
            "documents": documents(facts),
            "contractingProcesses": grants(facts, supplier, sitter.linked),
        }
    )


def _codes(facts: Sequence[Fact]) -> list[Part]:
    """Give every national code it ever had."""
    codes = {str(f.payload["code"]): None for f in facts if f.kind == "ProjectCodeAssigned"}
    return [{"id": code, "scheme": CODE_SCHEME} for code in codes]


def _status(project: Project) -> str | None:
    """Give the status; a suspension leaves that of the phase before it."""
    if project.phase is not Phase.SUSPENDED:
        return STATUSES[project.phase]
    moving = [fact for fact in project.facts if fact.kind not in _KEPT]
    return STATUSES[Project(moving, project.on, project.policies, project.lists).phase]


def _sector(industry: str | None) -> list[str]:
    sector = None if industry is None else sector_of(industry)
    return [] if sector is None else [sector]


def _classified(industry: str | None) -> list[Part]:
    return [] if industry is None else [{"id": industry, "scheme": INDUSTRY_SCHEME}]


def _location(registered: Mapping[str, Any]) -> list[Part]:
    district = registered.get("district")
    if district is None:
        return []
    gazetteer = {"scheme": REGION_SCHEME, "identifiers": [district]}
    return [present({"id": "site", "description": registered.get("park"), "gazetteer": gazetteer})]


def _enterprise(registered: Mapping[str, Any]) -> Part | None:
    """Refer to the enterprise behind the project."""
    name = registered.get("enterprise_ref")
    return None if name is None else {"id": str(name), "name": str(name)}


def _parties(facts: Sequence[Fact], stated: Sequence[Stated]) -> list[Part]:
    """Give the enterprises that ever stood behind it, and the banks; who left has no role."""
    found: list[Told] = []
    for each in stated:
        enterprise = _enterprise(each.whole)
        if enterprise is not None:
            found.append((each.fact, enterprise | _identified(enterprise["id"])))
    last = _enterprise(stated[-1].whole) if stated else None
    for fact in facts:
        if fact.kind == "FinanceLinked":
            bank = str(fact.payload["bank"])
            found.append((fact, {"id": bank, "name": bank, "roles": ["funder"]}))
    parties: dict[str, Part] = {}
    for party in _as_told(found, facts):
        parties.setdefault(party["id"], party)
    if last is not None:
        parties[last["id"]] |= {"roles": ["funder"]}
    return list(parties.values())


def _as_told(found: Sequence[Told], facts: Sequence[Fact]) -> list[Part]:
    """Put parts in the order of the facts that first told of them, as a merge of releases does."""
    places = {fact.id: place for place, fact in enumerate(facts)}
    ordered = sorted(found, key=lambda told: places[told[0].id])
    return [part for _, part in ordered]


def _identified(name: str) -> Part:
    """Give the identifier of an enterprise that is called by its credit code."""
    is_code = len(name) == _CREDIT_CODE_LENGTH and name.isascii() and name.isalnum()
    return {"identifier": {"scheme": CREDIT_CODE_SCHEME, "id": name}} if is_code else {}


def _budget(project: Project, facts: Sequence[Fact]) -> Part:
    """Give the total investment, and the last approval of it."""
    approved = [fact for fact in facts if fact.kind == "InvestmentApprovalObtained"]
    total = project.total_investment
    return present(
        {
            "amount": None if total is None else cny(total),
            "approvalDate": moment(approved[-1].occurred_on) if approved else None,
        }
    )


def _first(facts: Sequence[Fact], kind: str) -> Fact | None:
    return next((fact for fact in facts if fact.kind == kind), None)


def _accepted(facts: Sequence[Fact]) -> Fact | None:
    """Find the last acceptance of whole works."""
    found = [
        fact
        for fact in facts
        if fact.kind == "CompletionAccepted" and fact.payload.get("scope") == "whole"
    ]
    return found[-1] if found else None


def _period(facts: Sequence[Fact]) -> Part:
    """Give when works began and when they were accepted."""
    started, accepted = _first(facts, "ConstructionStarted"), _accepted(facts)
    return present(
        {
            "startDate": None if started is None else moment(started.occurred_on),
            "endDate": None if accepted is None else moment(accepted.occurred_on),
        }
    )


def _completion(facts: Sequence[Fact]) -> Part:
    accepted = _accepted(facts)
    return {} if accepted is None else {"endDate": moment(accepted.occurred_on)}


def _nodes(sitter: Sitter, facts: Sequence[Fact], on: date) -> list[Told]:
    """Give every node that was planned or reached, each with the first fact that told of it."""
    default = sitter.project.default_phase
    marks = all_marks(facts)
    reached = [*marks, *completed(marks, sitter.permit_kinds, default)]
    states = milestones(plans_of(facts, default), reached, default)
    return [(_begun(state), milestone(state, on)) for state in states]


def _begun(state: MilestoneState) -> Fact:
    """Find the fact that first told of a node: its first plan, or what reached it."""
    told = [plan.fact for plan in state.plans[:1]]
    if state.actual is not None:
        told.append(state.actual.fact)
    return min(told, key=attrgetter("order_key"))
