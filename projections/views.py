"""List every read model."""

from projections import (
    admissions,
    agreements,
    amendments,
    codes,
    enrolments,
    evaluations,
    investments,
    land,
    lifecycle,
    listings,
    lists,
    milestone_plans,
    operating_results,
    permits,
    phases,
    policies,
    premises,
    projects,
    requirements,
    signings,
    targets,
)
from projections.projection import Projection

VIEWS: tuple[Projection, ...] = (
    amendments.VIEW,
    projects.VIEW,
    signings.VIEW,
    codes.VIEW,
    phases.VIEW,
    lifecycle.VIEW,
    milestone_plans.VIEW,
    permits.VIEW,
    land.VIEW,
    premises.VIEW,
    requirements.VIEW,
    policies.VIEW,
    lists.VIEW,
    listings.VIEW,
    investments.VIEW,
    admissions.VIEW,
    agreements.VIEW,
    operating_results.VIEW,
    evaluations.VIEW,
    targets.VIEW,
    enrolments.VIEW,
)

BY_NAME: dict[str, Projection] = {view.name: view for view in VIEWS}
