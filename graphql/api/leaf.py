"""Write single values as JSON text in SQL, kind by kind."""

from projections.terms.relation import ValueKind

ABSENT = "E'\\x01'"
"""Marks, in a compiled answer, a null where the schema promises a value.

Raw control characters cannot occur in JSON, so the mark is found by looking for one byte; plain
execution then says what is missing and where, as the specification wants it.
"""
ABSENT_BYTE = b"\x01"
_MOVED = "E'\\x02'"
MOVED = b"\x02"
"""What is answered instead of anything where more has happened than was known of."""


def json_text(kind: ValueKind, expression: str) -> str:
    """Give the SQL that writes a value as JSON text, or NULL where the value is NULL."""
    return _WRITTEN[kind].format(f"({expression})")


_WRITTEN: dict[ValueKind, str] = {
    "text": "to_json({}::text)::text",
    "id": "to_json({}::text)::text",
    "texts": "to_json({}::text[])::text",
    "int": "{}::text",
    "boolean": "{}::text",
    "json": "{}::text",
    "float": "to_json({}::float8)::text",
    # What these kinds are made of needs no escaping, and enums no rules of any language.
    "enum": "'\"' || upper({}::text COLLATE \"C\") || '\"'",
    "code": "'\"' || {}::text || '\"'",
    "date": "'\"' || {}::text || '\"'",
    "decimal": "'\"' || {}::text || '\"'",
    "flexdate": "'\"' || {}::text || '\"'",
    "datetime": (
        "'\"' || to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') || '\"'"
    ),
}


def unless_moved(text: str, seen: str) -> str:
    """Write a text if no transaction has ended since what was `seen`; always, if that is empty."""
    return (
        f"CASE WHEN {seen} = '' OR {seen} = pg_current_snapshot()::text THEN {text}"
        f" ELSE {_MOVED} END"
    )


def or_null(text: str, *, nullable: bool) -> str:
    """Write `null` where a text is missing, or the mark where that is not allowed."""
    fallback = "'null'" if nullable else ABSENT
    return f"coalesce({text}, {fallback})"


class Fixed(str):
    """JSON text that is known when the statement is built."""

    __slots__ = ()


def glued(pieces: list[str]) -> str:
    """Concatenate fixed and computed pieces of JSON text into one SQL expression."""
    parts: list[str] = []
    fixed = ""
    for piece in pieces:
        if isinstance(piece, Fixed):
            fixed += piece
            continue
        if fixed:
            parts.append(_quoted(fixed))
            fixed = ""
        parts.append(piece)
    if fixed or not parts:
        parts.append(_quoted(fixed))
    return " || ".join(parts)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def json_object(members: list[tuple[str, str]]) -> str:
    """Build a JSON object from response keys, which are GraphQL names, and the texts of values."""
    pieces: list[str] = []
    opening = "{"
    for key, text in members:
        pieces += [Fixed(f'{opening}"{key}":'), text]
        opening = ","
    return glued([*pieces, Fixed("}" if members else "{}")])
