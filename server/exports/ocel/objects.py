"""Write what events are about as objects, with how their attributes changed over time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.fact import Fact
from domain.milestones import reached
from domain.project import Project
from domain.revisions import registrations
from server.exports.ocel.events import Named, object_id, time_of, value_of
from server.exports.ocel.types import PROJECT, object_attributes

_TURNS = frozenset({"ProjectRegistered", "ProjectDetailsRevised", "ProjectSigned", "PhaseDefined"})
"""Kinds that change a project beside those that leave a mark on its life."""
_RELATED = {
    "phase": "part of",
    "permit": "permits works of",
    "agreement": "binds",
    "assessment": "assesses",
    "request": "made for",
    "issue": "holds up",
    "facility": "finances",
    "evaluation": "evaluates",
    "service list": "serves",
}
"""How an object of one project is related to it."""
_RELATING = {
    "parcel": "stands on",
    "enterprise": "invested by",
    "list": "listed on",
    "officer": "looked after by",
}
"""How a project is related to what others may be related to as well."""


@dataclass(slots=True)
class Thing:
    """An object in the making."""

    type: str
    id: str
    attributes: list[dict[str, str]] = field(default_factory=list)
    relationships: dict[tuple[str, str], None] = field(default_factory=dict)
    _now: dict[str, str] = field(default_factory=dict)

    def change(self, name: str, value: str | None, at: str) -> None:
        """Note a value from a time on, unless it is the same as before."""
        if value is not None and self._now.get(name) != value:
            self._now[name] = value
            self.attributes.append({"name": name, "value": value, "time": at})

    def relate(self, other: str, qualifier: str) -> None:
        """Relate it to another object."""
        self.relationships[other, qualifier] = None

    def written(self) -> dict[str, Any]:
        """Give it as the log holds it; its changes in the order of their times."""
        return {
            "id": self.id,
            "type": self.type,
            "attributes": sorted(self.attributes, key=lambda each: each["time"]),
            "relationships": [
                {"objectId": other, "qualifier": qualifier}
                for other, qualifier in self.relationships
            ],
        }


class Things:
    """The objects of some facts, those that several projects may share apart."""

    def __init__(self, shared: dict[str, Thing]) -> None:
        """Add to what is shared already."""
        self._shared = shared
        self._own: dict[str, Thing] = {}
        self._cases: dict[str, str] = {}

    def learn(self, fact: Fact, about: Iterable[Named]) -> None:
        """Learn from a fact of its objects."""
        project = None if fact.project is None else self._project(fact.project)
        at = time_of(fact)
        for named in about:
            if named.type == PROJECT:
                continue
            thing = self._thing(named)
            for attribute in object_attributes(named.type, fact.kind):
                thing.change(attribute.name, value_of(attribute, fact.payload), at)
            if project is not None and named.type in _RELATED:
                thing.relate(project.id, _RELATED[named.type])
            if project is not None and named.type in _RELATING:
                project.relate(named.id, _RELATING[named.type])
        self._learn_voided(fact, at)

    def draw(self, project: str, whole: Project) -> None:
        """Learn how a project changed over time, fact by fact."""
        thing = self._project(project)
        for number, fact in enumerate(whole.facts, 1):
            if fact.kind in _TURNS or reached(fact.kind, fact.payload):
                _draw(thing, whole, whole.facts[:number], time_of(fact))
        for phase in whole.phases:
            part = self._thing(
                Named("phase", object_id("phase", f"{project}/{phase.id}"), "", is_shared=False)
            )
            part.relate(thing.id, _RELATED["phase"])

    def own(self) -> Iterator[Thing]:
        """Give the objects that are of one project only."""
        return iter(self._own.values())

    def _project(self, project: str) -> Thing:
        return self._thing(Named(PROJECT, object_id(PROJECT, project), "", is_shared=False))

    def _thing(self, named: Named) -> Thing:
        things = self._shared if named.is_shared else self._own
        found = things.get(named.id)
        if found is None:
            found = things[named.id] = Thing(named.type, named.id)
        return found

    def _learn_voided(self, fact: Fact, at: str) -> None:
        """Find the case of a certificate that became void."""
        certificate = fact.payload.get("certificate_no")
        if fact.kind == "PermitIssued":
            self._cases[str(certificate)] = object_id("permit", str(fact.payload["case_no"]))
        case = self._own.get(self._cases.get(str(certificate), ""))
        if fact.kind == "PermitLapsedOrRevoked" and case is not None:
            case.change("act", str(fact.payload["act"]), at)


def _draw(thing: Thing, whole: Project, facts: Sequence[Fact], at: str) -> None:
    """Note what a project is like after some of its facts."""
    project = Project(facts, whole.on, whole.policies, whole.lists)
    stated = registrations(facts)
    registered = stated[-1].whole if stated else {}
    total = project.total_investment
    now = {
        "title": project.title,
        "code": project.code,
        "district": project.district,
        "park": registered.get("park"),
        "industry": registered.get("industry_gb4754"),
        "total_investment_yuan": None if total is None else str(total),
        "phase": str(project.phase),
    }
    for name, value in now.items():
        thing.change(name, value, at)
