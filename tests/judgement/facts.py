"""Facts as a judgement sees them, made from the examples of the catalogue."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from domain.envelope import Actor, Source
from domain.fact import Fact, order_key, phase_of
from domain.flexdate import FlexDate
from domain.kinds import KINDS

_serial = count(1)

PERMITS = (
    "land_use_planning_permit",
    "real_estate_title",
    "works_planning_permit",
    "drawing_review_certificate",
    "construction_permit",
)


def day(text: str) -> date:
    return date.fromisoformat(text)


def flex(text: str) -> FlexDate:
    return FlexDate.parse(text)


def fact(kind: str, on: str, /, project: str | None = "p1", **changes: Any) -> Fact:
    """Make a fact from the example of its kind; a change to None leaves a field out.

    Phase and stage are left out unless they are given.
    """
    example = {k: v for k, v in KINDS[kind].example.items() if k not in {"phase_id", "stage"}}
    if kind == "PhaseDefined":
        example["phase_id"] = "1"
    if kind == "ProjectRegistered" and "stage" not in changes:
        changes["stage"] = "lead"
    given = {k: v for k, v in {**example, **changes}.items() if v is not None}
    payload = KINDS[kind].validated(given)
    number = next(_serial)
    source = Source(system="test", record_id=str(number))
    return Fact(
        id=str(UUID(int=number)),
        position=number,
        cause=str(UUID(int=number)),
        kind=kind,
        stream=f"project/{project}" if project else "list/test",
        project=project,
        phase_id=phase_of(kind, payload),
        occurred_on=flex(on),
        payload=payload,
        actor=Actor(id="a", org="o", role="r"),
        source=source,
        evidence=(),
        reason=None,
        order_key=order_key(flex(on), kind, source),
        recorded_at=datetime(2025, 1, 1, tzinfo=UTC),
    )


def permit(kind: str, on: str, /, **changes: Any) -> Fact:
    return fact("PermitIssued", on, permit_kind=kind, **changes)


def planned(node: str, date_text: str, on: str = "2024-01-02", **changes: Any) -> Fact:
    changes.setdefault("warning_days", None)
    return fact("MilestonePlanned", on, node=node, planned=date_text, **changes)


def kecai() -> list[Fact]:
    """Land on 2024-06-11, five permits the day after, start on 2024-06-19."""
    return [
        fact("ProjectRegistered", "2024-01-05", title="科彩项目", district="320582"),
        fact("LandAwarded", "2024-06-11"),
        *(permit(kind, "2024-06-12") for kind in PERMITS),
        fact("ConstructionStarted", "2024-06-19"),
    ]


def daxin() -> list[Fact]:
    """Land on 2024-09-11, the permit the day after, a start known only as September."""
    return [
        fact("ProjectRegistered", "2024-03-05", district="320582"),
        fact("LandAwarded", "2024-09-11"),
        permit("construction_permit", "2024-09-12"),
        fact("ConstructionStarted", "2024-09"),
    ]
