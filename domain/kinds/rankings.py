"""The competition between districts: results as they were published, banners and statements."""

import re
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema, with_config
from typing_extensions import TypedDict

from domain.errors import Malformed
from domain.flexdate import FlexDate, Precision
from domain.kinds.fields import Code, DayText, Identifier, PolicyReference
from domain.kinds.payload import Payload
from domain.quantity import DecimalText
from domain.regions import region_code
from domain.validation import adapted

_NAME: Final = re.compile(r"[A-Za-z][0-9A-Za-z._-]{0,49}")
_LONGER_CODES: Final = (9, 12)
"""The digits of the statistical codes of towns and villages."""


def ranked_unit(value: Any) -> str:
    """Read what is ranked: the code of a district, zone or town, or a park's code in letters."""
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    if isinstance(value, str) and len(value) in _LONGER_CODES and value.isdigit():
        region_code(value[:6])
        return value
    return region_code(value)


def cut_of_knowledge(value: Any) -> str:
    """Read until when facts were taken into account: a day or a moment."""
    if not isinstance(value, str):
        raise Malformed(code="wrong_type", value=value, cure="Send a date or a datetime as text.")
    if FlexDate.parse(value).precision > Precision.DAY:
        raise Malformed(
            code="invalid_date",
            value=value,
            cure="Send an RFC 3339 datetime with its offset, or a day as YYYY-MM-DD.",
        )
    return value


RankedUnit = Annotated[
    str,
    PlainValidator(adapted(ranked_unit)),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^([0-9]{6}|[0-9]{9}|[0-9]{12}|[A-Za-z][0-9A-Za-z._-]{0,49})$",
        }
    ),
]
"""A district, a zone, a town or a park (板块)."""

KnownUntil = Annotated[
    str,
    PlainValidator(adapted(cut_of_knowledge)),
    WithJsonSchema(
        {"type": "string", "description": "an RFC 3339 datetime; of a day, its end in Beijing"}
    ),
]
"""The last moment that was taken into account."""

Rank = Annotated[int, Field(strict=True, ge=1, le=10_000)]


class _Counted(TypedDict, total=False):
    """What a metric's raw value was made of."""

    raw: DecimalText
    numerator: DecimalText
    denominator: DecimalText
    weight: DecimalText


@with_config(ConfigDict(extra="forbid", strict=True))
class MetricResult(_Counted):
    """What a district reached in one metric; a district without a denominator has no raw value."""

    points: DecimalText


class RankingPublished(Payload):
    """The districts' ranking of a quarter, or the results of a year, were published."""

    kind = "RankingPublished"
    number = 60
    chinese = "双比双看/龙虎榜"
    english = "ranking published"
    occurred_on_means = "the quarter, YYYY-Qn; of an annual result the year, YYYY"
    stream_type = "round"
    period = Precision.QUARTER
    further_periods = (Precision.MONTH, Precision.HALF, Precision.YEAR)
    example: ClassVar[dict[str, Any]] = {
        "round_id": "NT-2019-Q3",
        "policy": "ranking/nantong@2019.1",
        "as_known_at": "2019-10-10T18:00:00+08:00",
        "scores": {
            "320685": {"start_rate": {"raw": "100", "points": "40"}},
            "320682": {"start_rate": {"raw": "92.5", "points": "37"}},
        },
        "ranks": {"320685": 1, "320682": 2},
        "published_on": "2019-10-15",
    }

    round_id: Identifier
    policy: PolicyReference
    as_known_at: KnownUntil
    scores: dict[RankedUnit, dict[Code, MetricResult]]
    ranks: dict[RankedUnit, Rank]
    published_on: DayText

    @classmethod
    def validated(cls, data: object, path: str = "payload") -> dict[str, Any]:
        """Check also that every district with scores has a rank. Raises Malformed."""
        payload = super().validated(data, path)
        unranked = sorted(payload["scores"].keys() - payload["ranks"].keys())
        if unranked:
            raise Malformed(
                code="missing_field",
                field=f"{path}.ranks.{unranked[0]}",
                cure=f"Give {unranked[0]}, which has scores, its rank.",
            )
        return payload


class BannerAwarded(Payload):
    """The leader of a round was given the red banner, or the last had to make a statement."""

    kind = "BannerAwarded"
    number = 61
    chinese = "流动红旗/表态发言"
    english = "banner awarded"
    occurred_on_means = "awarded on"
    stream_type = "round"
    example: ClassVar[dict[str, Any]] = {
        "round_id": "NT-2019-Q3",
        "district": "320685",
        "kind": "red-banner",
    }

    round_id: Identifier
    district: RankedUnit
    banner: Literal["red-banner", "statement-required"] = Field(alias="kind")
