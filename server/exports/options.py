"""Read how an export is wanted from texts, as a query string or a command line gives them."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from api.scalars import parse_moment
from graphql import GraphQLError

from domain.errors import Malformed
from domain.exact_json import decode
from domain.regions import region_beginning
from server.exports.tables import Wanted

MOST_ROWS = 10**9
_YES, _NO = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off", ""})
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARS = (1900, 2200)
_PERIOD = re.compile(r"[0-9]{4}(-(Q[1-4]|H[12]|(0[1-9]|1[0-2])))?")
MOST_POSITION = 2**31 - 1


def refuse_unknown(given: Mapping[str, Any], known: frozenset[str]) -> None:
    """Refuse a parameter that means nothing here. Raises Malformed."""
    for name in given:
        if name not in known:
            raise Malformed(
                code="unknown_parameter",
                field=name[:100],
                value=given[name],
                cure=f"Leave it out; known here are: {', '.join(sorted(known))}.",
            )


def times_of(known: str | None, position: str | None, on: str | None) -> dict[str, Any]:
    """Read the clocks, as `asOf` takes them. Raises Malformed."""
    if known and position:
        raise _invalid(
            field="known", value=known, cure="Give `known` or `known_position`, not both."
        )
    times: dict[str, Any] = {}
    if known:
        times["known"] = _moment(known)
    if position:
        times["knownPosition"] = whole("known_position", position, 0, MOST_POSITION)
    if on:
        times["on"] = day("on", on).isoformat()
    return times


def _moment(text: str) -> str:
    """Take a time, or a day, which means its end in Beijing. Raises Malformed."""
    # A plus sign in a query string is a space.
    written = re.sub(r" (?=[0-9]{2}:[0-9]{2}$)", "+", text)
    if _DAY.fullmatch(written):
        return f"{day('known', written).isoformat()}T23:59:59+08:00"
    try:
        parse_moment(written)
    except GraphQLError as error:
        raise _invalid(field="known", value=text, cure=error.message) from error
    return written


def day(name: str, text: str) -> date:
    """Read a day. Raises Malformed."""
    try:
        # Python also reads forms of ISO 8601 that are none of ours, as 20240630.
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise _invalid(field=name, value=text, cure="Give an existing day as YYYY-MM-DD.")
    return found


def whole(name: str, text: str, least: int, most: int) -> int:
    """Read a whole number within bounds. Raises Malformed."""
    cure = f"Give a whole number from {least} to {most}."
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(most)):
        raise _invalid(field=name, value=text, cure=cure)
    number = int(text)
    if not least <= number <= most:
        raise _invalid(field=name, value=text, cure=cure)
    return number


def truth(name: str, text: str) -> bool:
    """Read yes or no. Raises Malformed."""
    if text.lower() not in _YES | _NO:
        raise _invalid(field=name, value=text, cure="Give true or false.")
    return text.lower() in _YES


def limit_of(text: str | None) -> int | None:
    """Read the most rows that are wanted. Raises Malformed."""
    return None if not text else whole("limit", text, 1, MOST_ROWS)


def year_of(text: str | None) -> int | None:
    """Read a year. Raises Malformed."""
    return None if not text else whole("year", text, *_YEARS)


def period_of(text: str | None) -> str | None:
    """Read the period of a ranking. Raises Malformed."""
    if text and not _PERIOD.fullmatch(text):
        raise _invalid(
            field="period", value=text, cure="Give it as 2024-Q2, 2024-H1, 2024-06 or 2024."
        )
    return text or None


def said(field: str, text: str | None) -> str | None:
    """Take what limits an answer, if it was given. Raises Malformed for an empty text.

    It mostly comes from a script whose variable was not set; it must not mean everything.
    """
    if text is not None and not text.strip():
        raise _invalid(field=field, value=text, cure="Leave it out, or say what you mean.")
    return text


def regions_of(text: str | None) -> tuple[str, ...]:
    """Read codes of districts, or their beginnings, between commas. Raises Malformed."""
    if text is None:
        return ()
    codes = tuple(part.strip() for part in text.split(","))
    for code in codes:
        said("region", code)
        try:
            region_beginning(code)
        except Malformed as error:
            raise _invalid(field="region", value=code, cure=error.cure) from error
    return codes


def variables_of(text: str | None) -> dict[str, Any]:
    """Read the variables of a query, a JSON object. Raises Malformed."""
    if not text:
        return {}
    try:
        found = decode(text.encode())
    except (Malformed, UnicodeEncodeError) as error:
        raise _invalid(field="variables", value=text[:200], cure="Give a JSON object.") from error
    if not isinstance(found, dict):
        raise _invalid(field="variables", value=text[:200], cure="Give a JSON object.")
    return found


def variable(text: str) -> Any:
    """Read one variable: what is JSON is that value, everything else is a text."""
    try:
        return decode(text.encode())
    except (Malformed, UnicodeEncodeError):
        return text


def wanted_of(given: Mapping[str, str], origin: str = "") -> Wanted:
    """Read what all tables have in common. Raises Malformed."""
    return Wanted(
        times=times_of(given.get("known"), given.get("known_position"), given.get("on")),
        limit=limit_of(given.get("limit")),
        names=truth("names", given.get("names", "true")),
        origin=origin,
    )


def _invalid(*, field: str, value: str, cure: str) -> Malformed:
    return Malformed(code="invalid_value", field=field, value=value, cure=cure)
