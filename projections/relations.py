"""Collect how every GraphQL type and every root field is read from the read models."""

from itertools import chain

from projections import (
    admission_summary,
    board,
    colour_changes,
    deviations,
    distribution,
    events,
    funnel,
    land_and_start,
    lead_times,
    milestone_states,
    permit_bursts,
    permit_cases,
    phase_states,
    plan_actual,
    policy_choice,
    post_evaluations,
    project_listings,
    project_relation,
    quantities,
    start_rate,
)
from projections.relation import Link, Relation

_RELATIONS = (
    admission_summary.RELATIONS,
    board.RELATIONS,
    colour_changes.RELATIONS,
    deviations.RELATIONS,
    distribution.RELATIONS,
    events.RELATIONS,
    funnel.RELATIONS,
    lead_times.RELATIONS,
    milestone_states.RELATIONS,
    permit_bursts.RELATIONS,
    permit_cases.RELATIONS,
    phase_states.RELATIONS,
    plan_actual.RELATIONS,
    policy_choice.RELATIONS,
    post_evaluations.RELATIONS,
    project_listings.RELATIONS,
    project_relation.RELATIONS,
    quantities.RELATIONS,
    start_rate.RELATIONS,
)

RELATIONS: tuple[Relation, ...] = tuple(chain.from_iterable(_RELATIONS))
ROOTS: dict[str, Link] = {
    **admission_summary.ROOTS,
    **board.ROOTS,
    **colour_changes.ROOTS,
    **deviations.ROOTS,
    **events.ROOTS,
    **funnel.ROOTS,
    **land_and_start.ROOTS,
    **lead_times.ROOTS,
    **milestone_states.ROOTS,
    **plan_actual.ROOTS,
    **policy_choice.ROOTS,
    **project_relation.ROOTS,
    **start_rate.ROOTS,
}
