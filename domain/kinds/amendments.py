"""Facts about facts: a correction replaces, a retraction takes back; nothing is overwritten.

Their target and evidence arrive with the fact and are lifted into the envelope.
"""

from typing import Annotated, Any, ClassVar, Final

from pydantic import PlainValidator, WithJsonSchema

from domain.canonical import normalised
from domain.errors import Malformed
from domain.kinds.fields import FlexDateText
from domain.kinds.payload import Payload
from domain.validation import adapted


def whole_payload(value: Any) -> dict[str, Any]:
    """Read a replacement payload whose kind is not known here."""
    if not isinstance(value, dict):
        raise Malformed(
            code="wrong_type", value=value, cure="Send the whole corrected payload as an object."
        )
    replacement: dict[str, Any] = normalised(value)
    return replacement


WholePayload = Annotated[
    dict[str, Any],
    PlainValidator(adapted(whole_payload)),
    WithJsonSchema({"type": "object", "additionalProperties": True}),
]


CORRECTION: Final = "EventCorrected"
RETRACTION: Final = "EventRetracted"
AMENDMENTS: Final = frozenset({CORRECTION, RETRACTION})
"""The kinds that are about another event."""


class EventCorrected(Payload):
    """The payload or the date of an earlier fact was replaced."""

    kind = CORRECTION
    number = 63
    chinese = "更正"
    english = "event corrected"
    occurred_on_means = "decided on"
    reason_required = True
    stream_type = "target-stream"
    example: ClassVar[dict[str, Any]] = {"occurred_on": "2024-06-19"}

    payload: WholePayload | None = None
    occurred_on: FlexDateText | None = None

    @classmethod
    def validated(cls, data: object, path: str = "payload") -> dict[str, Any]:
        """Check also that the correction corrects something."""
        payload = super().validated(data, path)
        if not payload:
            raise Malformed(
                code="missing_field",
                field=f"{path}.payload",
                cure="Add the whole corrected payload, the corrected occurred_on, or both.",
            )
        return payload


class EventRetracted(Payload):
    """An earlier fact, entered by mistake, was taken back."""

    kind = RETRACTION
    number = 64
    chinese = "撤销误录"
    english = "event retracted"
    occurred_on_means = "decided on"
    reason_required = True
    stream_type = "target-stream"
    example: ClassVar[dict[str, Any]] = {}
