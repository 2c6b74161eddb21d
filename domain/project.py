"""A whole project on one day: the naive fold of its facts, and every judgement about it.

This is the definition that read models and queries are compared with; it favours plainness over
speed. Nothing is stored: the same facts, day and policies always give the same state.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Any

from domain.colour import Colour, NodeColour, node_colours
from domain.fact import Fact
from domain.flexdate import FlexDate
from domain.investment import Point, curve, months_over, reports, year_to_date
from domain.land_and_start import LandAndStart, land_and_start
from domain.lead_time import LeadTime, lead_time
from domain.listing import Listing, annual_plan, listings
from domain.marks import Mark, all_marks
from domain.milestone_state import MilestoneState, completed, milestones, plans_of
from domain.order import Finding, deviations
from domain.permit_burst import PermitBurst, permit_burst
from domain.phase import (
    RANK,
    Phase,
    PhaseDefinition,
    halted,
    own_phase,
    phase_now,
    phases_of,
    stops_of,
)
from domain.policy import Policy, choose
from domain.project_colour import pace_colour, project_colour
from domain.revisions import registrations, signings


def visible(facts: Iterable[Fact], on: date) -> list[Fact]:
    """Give the facts that have surely happened by a day, in fold order.

    A coarse date counts once its last day has come: "2024-06" from 2024-06-30 on.
    """
    happened = (fact for fact in facts if fact.occurred_on.latest <= on)
    return sorted(happened, key=attrgetter("order_key"))


@dataclass(frozen=True)
class Project:
    """One project as its facts, already cut by what was known, show it on a day.

    `facts` are the visible facts of the project in fold order, `lists` the visible publications of
    annual lists, `policies` all that were known. A text or amount that no fact gives is None.
    """

    facts: Sequence[Fact]
    on: date
    policies: Sequence[Policy]
    lists: Sequence[Fact] = ()

    @cached_property
    def marks(self) -> list[Mark]:
        """Give the marks that the facts left, in fold order."""
        return all_marks(self.facts)

    @property
    def title(self) -> str | None:
        """Give the title of the last registration, as last revised."""
        return self._registered.get("title")

    @cached_property
    def district(self) -> str | None:
        """Give the district of the last registration, as last revised."""
        return self._registered.get("district")

    @property
    def code(self) -> str | None:
        """Give the last national code."""
        return self._text("ProjectCodeAssigned", "code")

    @property
    def total_investment(self) -> int | None:
        """Give the yuan of the last signing, else the intended yuan of the last registration."""
        signed = _yuan(self._signed, "total_investment")
        return _yuan(self._registered, "intended_investment") if signed is None else signed

    @property
    def fixed_asset_investment(self) -> int | None:
        """Give the fixed-asset yuan of the last signing."""
        return _yuan(self._signed, "fixed_asset_investment")

    @property
    def demand_land_mu(self) -> Decimal | None:
        """Give the land demanded in the last pre-assessment, else intended at registration."""
        demanded = self._last("PreAssessmentSubmitted", "demand_land_mu")
        area = self._registered.get("intended_land_mu") if demanded is None else demanded
        return None if area is None else Decimal(area)

    @property
    def supplied_land_mu(self) -> Decimal | None:
        """Add up the land of all awards; None without any."""
        areas = [Decimal(f.payload["area_mu"]) for f in self.facts if f.kind == "LandAwarded"]
        return sum(areas, Decimal()) if areas else None

    @cached_property
    def phases(self) -> list[PhaseDefinition]:
        """Give its phases; the first is the default phase."""
        return phases_of(self.facts, self.marks)

    @property
    def default_phase(self) -> str:
        """Name the phase of facts that name none."""
        return self.phases[0].id

    def phase_of(self, phase_id: str) -> Phase:
        """Say where one of its phases stands."""
        return phase_now(self.marks, phase_id, self.default_phase)

    @property
    def phase(self) -> Phase:
        """Give the furthest of its phases."""
        return max(self._phases_now, key=RANK.__getitem__)

    @property
    def phase_least(self) -> Phase:
        """Give the least advanced of its phases; one that stands still is less than any other."""
        return min(self._phases_now, key=RANK.__getitem__)

    @cached_property
    def _phases_now(self) -> list[Phase]:
        """Say where each of its phases stands, in their order."""
        return [self.phase_of(each.id) for each in self.phases]

    def first(self, name: str, phase_id: str | None = None) -> Mark | None:
        """Give the first mark of a name in fold order, in one phase or in any."""
        default = self.default_phase
        found = (
            mark
            for mark in self._reached
            if mark.name == name and phase_id in {None, own_phase(mark, default)}
        )
        return next(found, None)

    @cached_property
    def milestones(self) -> list[MilestoneState]:
        """Give every planned or reached node."""
        default = self.default_phase
        return milestones(plans_of(self.facts, default), self._reached, default)

    @cached_property
    def _reached(self) -> list[Mark]:
        """Give the marks and, by the permit set in force, when all permits were there."""
        policy = self.policy("permit-set")
        kinds = [] if policy is None else policy.rules["kinds"]
        return [*self.marks, *completed(self.marks, kinds, self.default_phase)]

    def policy(self, kind: str, on: date | None = None) -> Policy | None:
        """Find the policy of a kind for its district on the judged day, or on another."""
        if self.district is None:
            return None
        return choose(self.policies, kind, self.district, on or self.on)

    @cached_property
    def _stops(self) -> list[Mark]:
        """Give the marks that halt its phases or let them go on."""
        return stops_of(self.marks)

    @cached_property
    def node_colours(self) -> list[NodeColour]:
        """Judge its nodes, in the order of `milestones`."""
        policy = self.policy("colour")
        rules = None if policy is None else policy.rules
        baseline = "current" if rules is None else str(rules["baseline"])
        nodes = [state.judged(baseline) for state in self.milestones]
        phases = {node.phase_id for node in nodes}
        halts = {phase: halted(self._stops, phase) for phase in phases}
        return node_colours(nodes, rules, self.on, halts)

    @property
    def colour(self) -> Colour:
        """Give the colour that people decided to show, while the decision holds, or the judged."""
        decisions = [fact for fact in self.facts if fact.kind == "ColourOverridden"]
        decided = (
            fact.payload["colour"]
            for fact in reversed(decisions)
            if "node" not in fact.payload
            and FlexDate.parse(fact.payload["until"]).latest >= self.on
        )
        return Colour(next(decided, self.judged_colour))

    @property
    def judged_colour(self) -> Colour:
        """Judge the project as a whole."""
        policy = self.policy("colour")
        if policy is None:
            return Colour.GREY
        halts = [halted(self._stops, phase.id) for phase in self.phases]
        halt = halts[0] if all(halts) else None
        pace = self._pace(policy) if policy.rules["pace"]["enabled"] else Colour.GREY
        return project_colour(self.node_colours, policy.rules, halt, pace)

    @cached_property
    def listings(self) -> list[Listing]:
        """Give its entries on annual lists."""
        return listings(self.facts, self.lists)

    def investment(self, year: int, basis: str) -> list[Point]:
        """Give the curve of a year on one basis."""
        return curve(reports(self.facts, year, basis), annual_plan(self.listings, year))

    def lead_time(self, since: str, until: str) -> LeadTime | None:
        """Measure from the first mark of one name to the first of another, whatever the phase."""
        start, end = self.first(since), self.first(until)
        return None if start is None or end is None else lead_time(start.on, end.on)

    @property
    def permit_burst(self) -> PermitBurst | None:
        """Find the most permits issued together, under the permit set of the judged day."""
        policy = self.policy("permit-set")
        return None if policy is None else permit_burst(self.facts, policy.rules)

    def land_and_start(self, within: int | None = None) -> list[LandAndStart]:
        """Judge each landing under the policy of its date; without one it is left out."""
        judged = []
        for name in ("land_awarded", "land_delivered"):
            for mark in (each for each in self.marks if each.name == name):
                policy = self.policy("land-and-start", mark.on.latest)
                if policy is not None and policy.rules["since"] == name:
                    every = land_and_start(self.marks, policy.rules, self.default_phase, within)
                    judged += [each for each in every if each.landed is mark]
        return judged

    @property
    def deviations(self) -> list[Finding]:
        """Give the order rules it broke, excused or not."""
        return deviations(self.facts)

    def _pace(self, policy: Policy) -> Colour:
        rules = policy.rules["pace"]
        month = months_over(self.on.year, self.on)
        plan = annual_plan(self.listings, self.on.year)
        ytd = year_to_date(reports(self.facts, self.on.year, rules["basis"]), month)
        return pace_colour(ytd or 0, plan or 0, month, rules)

    def _last(self, kind: str, field: str) -> Any:
        """Give a field of the last fact of a kind; None without such a fact or field."""
        found = [fact for fact in self.facts if fact.kind == kind]
        return found[-1].payload.get(field) if found else None

    def _text(self, kind: str, field: str) -> str | None:
        value = self._last(kind, field)
        return None if value is None else str(value)

    @cached_property
    def _registered(self) -> dict[str, Any]:
        """Give what the last registration says, as last revised; empty without one."""
        stated = registrations(self.facts)
        return stated[-1].whole if stated else {}

    @cached_property
    def _signed(self) -> dict[str, Any]:
        """Give what the last signing says, as last revised; empty without one."""
        stated = signings(self.facts)
        return stated[-1].whole if stated else {}


def _yuan(payload: dict[str, Any], field: str) -> int | None:
    money = payload.get(field)
    return None if money is None else int(money["yuan"])


def project_at(
    facts: Iterable[Fact], on: date, policies: Sequence[Policy], lists: Iterable[Fact] = ()
) -> Project:
    """Fold the effective facts of one project as of a day.

    What was known is decided by the caller, who passes the facts in force at the time of knowledge.
    """
    return Project(visible(facts, on), on, policies, visible(lists, on))
