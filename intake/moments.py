"""Read instants that senders state."""

from datetime import datetime

from domain.errors import Malformed


def moment(text: str, field: str) -> datetime:
    """Read an RFC 3339 time with its offset. Raises Malformed."""
    try:
        instant = datetime.fromisoformat(text.upper())
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Malformed(
            code="invalid_date",
            field=field,
            value=text,
            cure="Send an RFC 3339 time with its offset: 2024-06-11T09:00:00+08:00.",
        )
    return instant
