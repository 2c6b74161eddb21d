"""Keep the cosignatures of witnesses, and put them below the checkpoints they belong to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from ledger.checkpoints import Signed
from ledger.note import Note, Verifier
from ledger.reading import Question, Reading, Row


def keep_cosignature(
    connection: Connection[Any], signed: Signed, witness: Verifier, line: str, at: datetime
) -> None:
    """Keep what a witness put below a checkpoint, unless it is kept already."""
    connection.execute(
        "INSERT INTO ledger.cosignatures (origin, size, witness_key, line, received_at)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (signed.checkpoint.origin, signed.checkpoint.size, witness.text, line, at),
    )


@Reading
def cosigners(origin: str, size: int) -> Question[dict[str, str]]:
    """Read the cosignature lines below a checkpoint, by the keys of the witnesses."""
    sql = (
        "SELECT witness_key, line FROM ledger.cosignatures"
        " WHERE origin = %s AND size = %s ORDER BY witness_key"
    )

    def by_key(rows: list[Row]) -> dict[str, str]:
        return dict(rows)

    return Question(sql, [origin, size], by_key)


@Reading
def last_witnessed(origin: str, keys: Sequence[str], quorum: int) -> Question[int]:
    """Find the largest size that enough of some witnesses have signed; 0 if there is none."""
    sql = (
        "SELECT size FROM ledger.cosignatures WHERE origin = %s AND witness_key = ANY (%s)"
        " GROUP BY size HAVING count(*) >= %s ORDER BY size DESC LIMIT 1"
    )

    def first(rows: list[Row]) -> int:
        return int(rows[0][0]) if rows else 0

    return Question(sql, [origin, list(keys), quorum], first)


def cosigned_note(signed: Signed, lines: dict[str, str]) -> str:
    """Give a checkpoint with the lines of its witnesses, where these are what they seem."""
    text = Note.parse(signed.note).text
    good = []
    for key, line in lines.items():
        [signature] = Note.parse(f"{text}\n{line}").signatures
        if Verifier.parse(key).accepts(text, signature):
            good.append(line)
    return signed.note + "".join(good)
