"""Write and read cursors: the ordering columns of a row as a JSON list in URL-safe base64."""

import base64
import binascii
import json

from api.errors import BadInput

_LONGEST = 2000


def cursor_sql(columns: list[str]) -> str:
    """Give the SQL that writes the cursor of a row from its ordering columns."""
    keys = ", ".join(f"{column}::text" for column in columns)
    return (
        f"translate(encode(convert_to(json_build_array({keys})::text, 'UTF8'), 'base64'),"
        r" E'+/=\n', '-_')"
    )


def read_cursor(value: object, keys: int) -> list[str]:
    """Read the columns out of a cursor, of which there must be as many. Raises BadInput.

    A single number is taken as the only column itself, so that a replica may go on after a position
    it knows.
    """
    message = "This cursor was not given out by this field."
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise BadInput(message)
    if keys == 1 and value.isascii() and value.isdigit():
        return [value]
    try:
        decoded = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
        columns = json.loads(decoded)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadInput(message) from error
    if (
        not isinstance(columns, list)
        or len(columns) != keys
        or not all(isinstance(column, str) and "\x00" not in column for column in columns)
    ):
        raise BadInput(message)
    return columns
