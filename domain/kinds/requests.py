"""What enterprises ask for, and what became of it: received, dispatched, answered, followed up."""

from typing import Any, ClassVar, Literal

from domain.errors import Malformed
from domain.flexdate import FlexDate
from domain.kinds.fields import FlexDateText, Identifier, Label, Text
from domain.kinds.payload import Payload
from domain.kinds.stewards import OF_ENTERPRISES
from domain.regions import RegionCode


class RequestReceived(Payload):
    """An enterprise asked for something, or an officer found out that it needs it."""

    kind = "RequestReceived"
    number = 50
    chinese = "企业诉求受理"
    english = "request received"
    occurred_on_means = "received at"
    other_streams = OF_ENTERPRISES
    example: ClassVar[dict[str, Any]] = {
        "request_id": "SQ-2024-0118",
        "enterprise": "91320582MA1XXXXX0K",
        "channel": "hotline",
        "category": "help",
        "urgency": "normal",
        "text_digest": "临时用电增容",
    }

    request_id: Identifier
    enterprise: Text
    channel: Label
    category: Label
    urgency: Label
    text_digest: Text
    district: RegionCode | None = None


class RequestDispatched(Payload):
    """The request was handed to a department, with the time it has."""

    kind = "RequestDispatched"
    number = 51
    chinese = "派单"
    english = "request dispatched"
    occurred_on_means = "dispatched at"
    other_streams = OF_ENTERPRISES
    example: ClassVar[dict[str, Any]] = {
        "request_id": "SQ-2024-0118",
        "to_department": "供电公司",
        "list_item": "ZR-217",
        "sign_due": "2024-04-12T11:05:00+08:00",
        "resolve_due": "2024-04-19",
    }

    request_id: Identifier
    to_department: Text
    list_item: Identifier | None = None
    sign_due: FlexDateText
    resolve_due: FlexDateText

    @classmethod
    def validated(cls, data: object, path: str = "payload") -> dict[str, Any]:
        """Check also that there is time left to resolve once it is signed for."""
        payload = super().validated(data, path)
        sign_due = FlexDate.parse(payload["sign_due"])
        resolve_due = FlexDate.parse(payload["resolve_due"])
        if resolve_due.latest < sign_due.earliest:
            raise Malformed(
                code="invalid_date",
                field=f"{path}.resolve_due",
                value=resolve_due.text,
                cure="Let resolve_due be sign_due or later.",
            )
        return payload


class RequestAnswered(Payload):
    """The department answered and closed the request."""

    kind = "RequestAnswered"
    number = 52
    chinese = "答复办结"
    english = "request answered"
    occurred_on_means = "answered at"
    other_streams = OF_ENTERPRISES
    example: ClassVar[dict[str, Any]] = {
        "request_id": "SQ-2024-0118",
        "outcome": "resolved",
        "answer_digest": "已增容至800千伏安",
    }

    request_id: Identifier
    outcome: Literal["resolved", "explained", "planned", "rejected"]
    answer_digest: Text


class RequestFollowedUp(Payload):
    """The hotline asked the enterprise again, and perhaps opened the request anew."""

    kind = "RequestFollowedUp"
    number = 53
    chinese = "回访/重办"
    english = "request followed up"
    occurred_on_means = "followed up at"
    other_streams = OF_ENTERPRISES
    example: ClassVar[dict[str, Any]] = {
        "request_id": "SQ-2024-0118",
        "satisfied": "yes",
        "solved": "yes",
        "reopened": False,
    }

    request_id: Identifier
    satisfied: Literal["yes", "no", "unreached"]
    solved: Literal["yes", "no"] | None = None
    reopened: bool

    @classmethod
    def validated(cls, data: object, path: str = "payload") -> dict[str, Any]:
        """Demand to know whether it is solved, unless nobody was reached."""
        payload = super().validated(data, path)
        if payload["satisfied"] != "unreached" and "solved" not in payload:
            raise Malformed(
                code="missing_field",
                field=f"{path}.solved",
                cure="Say whether it is solved; only an enterprise that was not reached cannot.",
            )
        return payload
