"""Write and read cursors: the ordering columns of a row as a JSON list in URL-safe base64.

Where the caller chose the order, its name comes first, since no other order can go on from there.
"""

import base64
import binascii
import json

from api.errors import BadInput
from projections.terms.seen import quoted

_LONGEST = 2000


def cursor_sql(columns: list[str], order: str = "") -> str:
    """Give the SQL that writes the cursor of a row from its ordering columns."""
    chosen = [quoted(order)] if order else []
    keys = ", ".join(f"{column}::text" for column in [*chosen, *columns])
    return (
        f"translate(encode(convert_to(json_build_array({keys})::text, 'UTF8'), 'base64'),"
        r" E'+/=\n', '-_')"
    )


def read_cursor(value: object, keys: int, order: str = "") -> list[str]:
    """Read the columns out of a cursor, of which there must be as many. Raises BadInput.

    A single number is taken as the only column itself, so that a replica may go on after a position
    it knows.
    """
    message = "This cursor was not given out by this field."
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise BadInput(message)
    if keys == 1 and not order and value.isascii() and value.isdigit():
        return [value]
    try:
        decoded = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
        columns = json.loads(decoded)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadInput(message) from error
    chosen = [order] if order else []
    if (
        not isinstance(columns, list)
        or len(columns) != len(chosen) + keys
        or columns[: len(chosen)] != chosen
        or not all(isinstance(column, str) and "\x00" not in column for column in columns)
    ):
        raise BadInput(message)
    return columns[len(chosen) :]
