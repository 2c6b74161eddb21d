"""Who looks after a project or an enterprise, and when they were on the spot."""

from typing import Any, ClassVar, Final, Literal, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from domain.errors import Malformed
from domain.flexdate import FlexDate
from domain.kinds.fields import FlexDateText, Identifier, Label, Text
from domain.kinds.payload import Payload, StreamType
from domain.person_name import PersonName
from domain.regions import RegionCode

OF_ENTERPRISES: Final[frozenset[StreamType]] = frozenset({"enterprise"})
"""Service is given to projects, and to enterprises without one."""


@with_config(ConfigDict(extra="forbid", strict=True))
class TeamMember(TypedDict):
    """One of the N around the steward."""

    officer: PersonName
    dept: Text
    officer_id: NotRequired[Identifier]


class StewardAssigned(Payload):
    """An officer, with a team, was made answerable for a project or an enterprise."""

    kind = "StewardAssigned"
    number = 48
    chinese = "项目管家1+N"
    english = "steward assigned"
    occurred_on_means = "from"
    other_streams = OF_ENTERPRISES
    example: ClassVar[dict[str, Any]] = {
        "lead_officer": "陈某",
        "lead_officer_id": "GJ-017",
        "lead_dept": "大新镇",
        "team": [{"officer": "陆某", "dept": "市行政审批局"}],
        "scope": "project",
        "role": "steward",
        "level": "town",
        "to": "2025-12-31",
    }

    lead_officer: PersonName
    lead_officer_id: Identifier | None = None
    lead_dept: Text | None = None
    team: list[TeamMember]
    scope: Literal["project", "enterprise"] | None = None
    role: Label | None = None
    level: Label | None = None
    district: RegionCode | None = None
    to: FlexDateText | None = None

    @classmethod
    def check_setting(cls, payload: dict[str, Any], stream: str, occurred_on: str) -> None:
        """Refuse an assignment that ends before it begins, or of another scope than its stream."""
        to = payload.get("to")
        if to is not None and FlexDate.parse(to).latest < FlexDate.parse(occurred_on).earliest:
            raise Malformed(
                code="invalid_date",
                field="payload.to",
                value=to,
                cure="Let the assignment end on the day it began or later.",
            )
        stream_type, _, _ = stream.partition("/")
        if payload.get("scope", stream_type) != stream_type:
            raise Malformed(
                code="wrong_scope",
                field="payload.scope",
                value=payload["scope"],
                cure=f'Send the fact to "{payload["scope"]}/<id>", or let scope be {stream_type}.',
            )


class SiteVisitLogged(Payload):
    """Officers were on the spot and heard what holds things up."""

    kind = "SiteVisitLogged"
    number = 49
    chinese = "现场办公"
    english = "site visit logged"
    occurred_on_means = "visited on"
    other_streams = OF_ENTERPRISES
    example: ClassVar[dict[str, Any]] = {
        "visit_id": "XC-2024-0412",
        "officers": ["陈某", "陆某"],
        "team": "24干将",
        "topics": ["施工图审批", "电力接入"],
        "requests_raised": ["SQ-2024-0118"],
    }

    visit_id: Identifier
    officers: list[PersonName] = Field(min_length=1, max_length=100)
    team: Label | None = None
    district: RegionCode | None = None
    topics: list[Label] = Field(max_length=100)
    requests_raised: list[Identifier] = Field(max_length=100)
