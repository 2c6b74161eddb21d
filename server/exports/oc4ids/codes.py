"""Translate our words into the code lists of OC4IDS 0.9.5."""

from collections.abc import Mapping
from typing import Final

from domain.phase import Phase

STATUSES: Final[Mapping[Phase, str]] = {
    Phase.LEAD: "identification",
    Phase.SIGNING: "identification",
    Phase.LANDING: "preparation",
    Phase.CONSTRUCTION: "implementation",
    Phase.COMMISSIONING: "completion",
    Phase.CAPACITY: "maintenance",
    Phase.CLOSED: "maintenance",
    Phase.WITHDRAWN: "cancelled",
    Phase.TERMINATED: "cancelled",
}
"""Source: projectStatus.csv, a closed list; a suspension has no code in it."""

_SECTORS: Final[Mapping[str, str]] = {
    "C": "economy",
    "D": "energy",
    "G": "transport",
    "I": "communications",
    "P": "education",
    "Q": "health",
    "R": "cultureSportsAndRecreation",
}
"""Sections of GB/T 4754 that are surely one sector. Source: projectSector.csv, an open list."""
_MANUFACTURING: Final = range(13, 44)
_UTILITIES: Final = range(44, 46)


def sector_of(industry: str) -> str | None:
    """Give the sector of an industry by GB/T 4754; None where none of the list is surely it."""
    if industry[:1].isalpha():
        return _SECTORS.get(industry[:1].upper())
    division = int(industry[:2])
    section = "C" if division in _MANUFACTURING else "D" if division in _UTILITIES else ""
    return _SECTORS.get(section)


MILESTONE_TYPES: Final[Mapping[str, str]] = {
    "approved": "approval",
    "admitted": "approval",
    "pre_assessed": "assessment",
    "post_evaluated": "assessment",
    "completion_accepted": "assessment",
    "construction_permit": "approval",
    "permits_complete": "approval",
    "construction_started": "delivery",
    "topped_out": "delivery",
    "trial_production": "delivery",
    "commissioned": "delivery",
    "capacity_reached": "delivery",
    "statistics_enrolled": "reporting",
}
"""Source: milestoneType.csv, an open list; nodes that are none of these have no type."""

TAGS: Final[Mapping[str, str]] = {
    "LandOffered": "tender",
    "LandAwarded": "award",
    "LandContractSigned": "contract",
}
"""The stage of a land grant that a fact is about. Source: releaseTag.csv."""
STARTED: Final = "ConstructionStarted"

PROCUREMENT_METHODS: Final[Mapping[str, str]] = {"auction": "open", "listing": "open"}
"""The ways of granting land that everybody may take part in. Source: method.csv."""
