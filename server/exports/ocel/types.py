"""Say which objects there are, which facts tell of them, and what attributes events have."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from domain.kinds import KINDS, json_schema, person_names

TIME, TEXT, INTEGER, BOOLEAN = "time", "string", "integer", "boolean"
JSON = "json"
"""What is declared as a text and written as JSON."""
_YUAN = "yuan"
_COUNTED = (INTEGER, BOOLEAN)


class Attribute(NamedTuple):
    """An attribute of an event or an object: its name, and where in a payload it stands.

    `type` is one of OCEL's, but for JSON; `part` picks something out of the field.
    """

    name: str
    type: str
    field: str
    part: str | None = None

    @property
    def declared(self) -> dict[str, str]:
        """Declare it."""
        return {"name": self.name, "type": TEXT if self.type == JSON else self.type}


class Reference(NamedTuple):
    """What a field of a payload refers to: an object of a type, in a role."""

    type: str
    qualifier: str
    is_shared: bool = False
    """Whether several projects may refer to the same object."""


REFERENCES: Final[Mapping[str, Reference]] = {
    "phase_id": Reference("phase", "phase concerned"),
    "parcel_id": Reference("parcel", "parcel concerned", is_shared=True),
    "case_no": Reference("permit", "permit case"),
    "agreement_id": Reference("agreement", "agreement concerned"),
    "assessment_id": Reference("assessment", "assessment concerned"),
    "enterprise_ref": Reference("enterprise", "investor", is_shared=True),
    "enterprise": Reference("enterprise", "enterprise concerned", is_shared=True),
    "request_id": Reference("request", "request concerned"),
    "issue_id": Reference("issue", "issue concerned"),
    "facility_id": Reference("facility", "facility concerned"),
    "evaluation_id": Reference("evaluation", "evaluation concerned"),
    "list_id": Reference("list", "list concerned", is_shared=True),
    "meeting_id": Reference("meeting", "meeting held", is_shared=True),
    "pool_id": Reference("pool", "pool concerned", is_shared=True),
    "round_id": Reference("round", "round concerned", is_shared=True),
    "target_id": Reference("target", "target set", is_shared=True),
    "policy_id": Reference("policy", "policy adopted", is_shared=True),
}
"""What the fields of payloads refer to."""

SERVICE_LIST: Final = Reference("service list", "service list concerned")
_OF_SERVICE: Final = frozenset({"LandServiceListIssued", "OffListRequirementRaised"})
PROJECT: Final = "project"
OFFICER: Final = "officer"

ATTRIBUTES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "phase": {"PhaseDefined": ("title", "ordinal", "share_of_investment", "planned_land_mu")},
    "parcel": {
        "LandOffered": ("area_mu", "use", "standard_land"),
        "LandAwarded": ("area_mu", "mode", "price"),
        "LandResumedOrIdle": ("act",),
    },
    "permit": {
        "PermitStatusReported": ("permit_kind", "department", "status"),
        "PermitIssued": ("permit_kind", "certificate_no", "stage", "tolerance", "valid_until"),
        "PermitLapsedOrRevoked": ("act",),
    },
    "agreement": {
        "PerformanceAgreementSigned": ("start_due", "completion_due", "capacity_due"),
    },
    "request": {
        "RequestReceived": ("channel", "category", "urgency"),
        "RequestDispatched": ("to_department",),
        "RequestAnswered": ("outcome",),
        "RequestFollowedUp": ("satisfied", "solved", "reopened"),
    },
    "issue": {"IssueRaised": ("category", "severity", "due"), "IssueResolved": ("result",)},
    "facility": {"FinanceLinked": ("bank", "need", "quota", "rate_bp")},
    "evaluation": {"PostEvaluationCompleted": ("checkpoint", "total", "grade")},
    "list": {"MajorProjectListPublished": ("year", "level", "version")},
}
"""Which facts change which attributes of an object, by its type and the kind of the fact."""

PROJECT_ATTRIBUTES: Final[Mapping[str, str]] = {
    "title": TEXT,
    "code": TEXT,
    "district": TEXT,
    "park": TEXT,
    "industry": TEXT,
    "total_investment_yuan": INTEGER,
    "phase": TEXT,
}

COMMON: Final = (
    {"name": "position", "type": INTEGER},
    {"name": "recorded_at", "type": TIME},
    {"name": "occurred_on", "type": TEXT},
    {"name": "source", "type": TEXT},
    {"name": "office", "type": TEXT},
    {"name": "reason", "type": TEXT},
)
"""What every event has: when and by whom it was recorded, and its date as its source knew it."""


def reference_of(kind: str, field: str) -> Reference | None:
    """Say what a field refers to in a fact of a kind."""
    return SERVICE_LIST if field == "list_id" and kind in _OF_SERVICE else REFERENCES.get(field)


@cache
def event_attributes(kind: str) -> tuple[Attribute, ...]:
    """Give the attributes of an event type: the fields of its payload that refer to nothing.

    A name that all events use is told apart, and fields that are the name of a person are left out.
    """
    named = {path[0] for path in person_names(kind) if len(path) == 1}
    taken = {each["name"] for each in COMMON}
    return tuple(
        attribute._replace(name=f"payload_{attribute.name}")
        if attribute.name in taken
        else attribute
        for field, schema in json_schema(kind)["properties"].items()
        if field not in named and reference_of(kind, field) is None
        for attribute in [_attribute(field, schema)]
    )


@cache
def object_attributes(type_: str, kind: str) -> tuple[Attribute, ...]:
    """Give the attributes of an object that a fact of a kind changes."""
    fields = ATTRIBUTES.get(type_, {}).get(kind, ())
    properties = json_schema(kind)["properties"]
    return tuple(_attribute(field, properties[field]) for field in fields)


def event_types() -> list[dict[str, Any]]:
    """Declare every kind of fact that is not about the ledger itself."""
    return [
        {
            "name": kind,
            "attributes": [*COMMON, *(each.declared for each in event_attributes(kind))],
        }
        for kind, payload in KINDS.items()
        if payload.stream_type != "ledger"
    ]


def object_types() -> list[dict[str, Any]]:
    """Declare every type of object."""
    types = dict.fromkeys([each.type for each in REFERENCES.values()] + [SERVICE_LIST.type])
    declared: list[dict[str, Any]] = [
        {
            "name": PROJECT,
            "attributes": [{"name": n, "type": t} for n, t in PROJECT_ATTRIBUTES.items()],
        },
        {"name": OFFICER, "attributes": []},
    ]
    return declared + [{"name": type_, "attributes": _of_type(type_)} for type_ in types]


def _of_type(type_: str) -> list[dict[str, str]]:
    """Declare the attributes of a type of object, each once."""
    found = {
        each.name: each.declared
        for kind in ATTRIBUTES.get(type_, {})
        for each in object_attributes(type_, kind)
    }
    return list(found.values())


def _attribute(field: str, schema: Mapping[str, Any]) -> Attribute:
    """Find out from its schema what a field holds."""
    [stated] = [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
    if _YUAN in stated.get("properties", {}):
        return Attribute(f"{field}_{_YUAN}", INTEGER, field, _YUAN)
    known = stated.get("type")
    if known in _COUNTED:
        return Attribute(field, known, field)
    is_plain = known == TEXT or (isinstance(known, list) and TEXT in known and "array" not in known)
    return Attribute(field, TEXT if is_plain else JSON, field)
