"""A project on one day as plain JSON, for the command line and to compare answers with."""

from typing import Any

from domain.colour import NodeColour
from domain.flexdate import FlexDate
from domain.marks import Mark
from domain.milestone_state import MilestoneState
from domain.order import Finding
from domain.project import Project
from domain.words import Language


def summary(project: Project, language: Language = "en") -> dict[str, Any]:
    """Tell everything that is judged about a project; decimals are text, absent values null."""
    policy, burst = project.policy("colour"), project.permit_burst
    supplied, demanded = project.supplied_land_mu, project.demand_land_mu
    states = zip(project.milestones, project.node_colours, strict=True)
    return {
        "on": project.on.isoformat(),
        "title": project.title,
        "code": project.code,
        "district": project.district,
        "phase": project.phase,
        "phase_least": project.phase_least,
        "phases": [_phase(project, each.id) for each in project.phases],
        "colour": project.colour,
        "colour_policy": None if policy is None else policy.ref,
        "total_investment": project.total_investment,
        "fixed_asset_investment": project.fixed_asset_investment,
        "demand_land_mu": None if demanded is None else str(demanded),
        "supplied_land_mu": None if supplied is None else str(supplied),
        "milestones": [_milestone(state, colour, language) for state, colour in states],
        "permit_burst": None
        if burst is None
        else {
            "on": burst.on.isoformat(),
            "count": burst.count,
            "kinds": list(burst.kinds),
            "set": burst.set_name,
        },
        "land_and_start": [each.achieved for each in project.land_and_start()],
        "deviations": [_deviation(each, language) for each in project.deviations],
    }


def _phase(project: Project, phase_id: str) -> dict[str, Any]:
    return {
        "id": phase_id,
        "phase": project.phase_of(phase_id),
        "started_on": _on(project.first("construction_started", phase_id)),
        "commissioned_on": _on(project.first("commissioned", phase_id)),
    }


def _milestone(state: MilestoneState, judged: NodeColour, language: Language) -> dict[str, Any]:
    return {
        "phase_id": state.phase_id,
        "node": state.node,
        "planned": _text(state.planned),
        "original_planned": _text(state.original),
        "actual": _on(state.actual),
        "replans": state.replans,
        "colour": judged.colour,
        "days_late": judged.days_late,
        "explain": judged.explanation(language),
    }


def _deviation(finding: Finding, language: Language) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "phase_id": finding.phase_id,
        "message": finding.message(language),
        "exemption": finding.excuse(language),
        "events": [fact.id for fact in finding.facts],
    }


def _on(mark: Mark | None) -> str | None:
    return None if mark is None else mark.on.text


def _text(date: FlexDate | None) -> str | None:
    return None if date is None else date.text
