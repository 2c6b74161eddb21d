"""Define the scalars of the contract: how each is written, read and specified."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal as PythonDecimal
from decimal import InvalidOperation
from typing import Any, NewType

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    GraphQLError,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
)
from strawberry import scalar
from strawberry.types.scalar import ScalarDefinition

from domain.errors import LedgerError, shortened
from domain.flexdate import FlexDate as ParsedFlexDate

Date = NewType("Date", date)
DateTime = NewType("DateTime", datetime)
Decimal = NewType("Decimal", PythonDecimal)
FlexDate = NewType("FlexDate", str)
JSON = NewType("JSON", object)

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATE_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_DECIMAL = re.compile(r"-?\d{1,40}(\.\d{1,20})?", re.ASCII)


def _parse_date(value: object) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    message = (
        "A Date is written as YYYY-MM-DD and must exist in the calendar;"
        f" {shortened(value)} is none."
    )
    raise GraphQLError(message)


class Moment(datetime):
    """A time as somebody wrote it, who may not have given a fraction of its second."""

    whole_second = False

    @property
    def last(self) -> datetime:
        """The last microsecond meant: a time without a fraction covers its whole second."""
        return self.replace(microsecond=999_999) if self.whole_second else self


def parse_moment(value: object) -> Moment:
    """Read an RFC 3339 time with its offset."""
    if isinstance(value, str):
        match = _DATE_TIME.fullmatch(value)
        if match is not None:
            try:
                # Digits below microseconds are cut, because PostgreSQL keeps none.
                moment = Moment.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value.upper()))
                moment.astimezone(UTC)
            except (ValueError, OverflowError):
                pass
            else:
                moment.whole_second = match[1] is None
                return moment
    message = (
        "A DateTime is written as RFC 3339 with an offset, as 2024-06-30T23:59:59+08:00;"
        f" {shortened(value)} is none."
    )
    raise GraphQLError(message)


def write_moment(value: object) -> str:
    """Write a time in UTC with six digits, as events carry it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return str(value)


def _parse_decimal(value: object) -> PythonDecimal:
    if isinstance(value, bool | float):
        message = "A Decimal is written as a string, because a JSON number may lose digits."
        raise GraphQLError(message)
    text = format(value, "f") if isinstance(value, PythonDecimal) else str(value)
    if isinstance(value, str | int | PythonDecimal) and _DECIMAL.fullmatch(text):
        try:
            return PythonDecimal(text)
        except InvalidOperation:
            pass
    message = (
        'A Decimal is written plainly, as "1220.1", with at most 40 digits before the point;'
        f" {shortened(value)} is none."
    )
    raise GraphQLError(message)


def _parse_flex_date(value: object) -> str:
    if not isinstance(value, str):
        message = f"A FlexDate is a string; {shortened(value)} is none."
        raise GraphQLError(message)
    try:
        return ParsedFlexDate.parse(value).text
    except LedgerError as error:
        message = f"{shortened(value)} is no date. {error.cure}"
        raise GraphQLError(message) from error


class _Written(PythonDecimal):
    """A number that messages of graphql-core show as it was written."""

    def __inspect__(self) -> str:
        """Show it; of a plain decimal only the name of its class would be shown."""
        return str(self)


def written(value: Any) -> Any:
    """Give variables in which every fraction shows itself in messages."""
    match value:
        case dict():
            return {name: written(item) for name, item in value.items()}
        case list():
            return [written(item) for item in value]
        case PythonDecimal():
            return _Written(value)
        case _:
            return value


def _write_decimal(value: object) -> str:
    return format(value, "f") if isinstance(value, PythonDecimal) else str(value)


def _read_json_literal(node: ValueNode, *_: object) -> object:
    """Read a JSON literal exactly: fractions become decimals, never floats."""
    match node:
        case NullValueNode():
            return None
        case StringValueNode() | BooleanValueNode() | EnumValueNode():
            return node.value
        case IntValueNode():
            return int(node.value)
        case FloatValueNode():
            return PythonDecimal(node.value)
        case ListValueNode():
            return [_read_json_literal(item) for item in node.values]
        case ObjectValueNode():
            return {field.name.value: _read_json_literal(field.value) for field in node.fields}
        case _:
            message = "A JSON literal holds constants only."
            raise GraphQLError(message, node)


def _from_text(parse: Callable[[object], Any]) -> Callable[..., Any]:
    """Read the literal of a scalar that is written as a string or a plain number."""

    def read(node: ValueNode, *_: object) -> Any:
        if isinstance(node, StringValueNode | IntValueNode | FloatValueNode):
            try:
                return parse(node.value)
            except GraphQLError as error:
                # Only here is it known where in the document the text stands.
                raise GraphQLError(error.message, node) from error
        message = "A string is expected here."
        raise GraphQLError(message, node)

    return read


SCALARS: dict[object, ScalarDefinition] = {
    Date: scalar(
        name="Date",
        description="A day, as 2024-06-30 · 日期",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        serialize=str,
        parse_value=_parse_date,
        parse_literal=_from_text(_parse_date),
    ),
    DateTime: scalar(
        name="DateTime",
        description=(
            "A moment with its offset, as 2024-06-30T23:59:59+08:00; answers are in UTC with six"
            " digits · 时刻"
        ),
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        serialize=write_moment,
        parse_value=parse_moment,
        parse_literal=_from_text(parse_moment),
    ),
    FlexDate: scalar(
        name="FlexDate",
        description=(
            "A date as precise as its source knew it: 2024-06-11, 2024-06, 2025-Q1, 2025-H2, 2022,"
            " or an RFC 3339 time · 可粗可细的日期"
        ),
        specified_by_url="/schemas/FlexDate",
        serialize=str,
        parse_value=_parse_flex_date,
        parse_literal=_from_text(_parse_flex_date),
    ),
    Decimal: scalar(
        name="Decimal",
        description="An exact decimal number, carried as a string · 精确小数",
        specified_by_url="https://speleotrove.com/decimal/daconvs.html#refnumsyn",
        serialize=_write_decimal,
        parse_value=_parse_decimal,
        parse_literal=_from_text(_parse_decimal),
    ),
    JSON: scalar(
        name="JSON",
        description="Any JSON value · 任意 JSON 值",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=lambda value: value,
        parse_value=lambda value: value,
        parse_literal=_read_json_literal,
    ),
}
