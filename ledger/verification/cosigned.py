"""Check the kept cosignatures: each over a checkpoint that was signed, by the key it names."""

from typing import Any

from psycopg import Connection

from domain.errors import LedgerError
from ledger.note import Note, Verifier
from ledger.verification.finding import Findings

_SELECT = """
SELECT w.size, w.witness_key, w.line, (
    SELECT c.note FROM ledger.checkpoints AS c
    WHERE c.origin = w.origin AND c.size = w.size ORDER BY c.number LIMIT 1)
FROM ledger.cosignatures AS w ORDER BY w.size, w.witness_key
"""


def check_cosignatures(connection: Connection[Any], findings: Findings) -> int:
    """Check all of them, and give how many there are."""
    rows = connection.execute(_SELECT).fetchall()
    for size, key, line, note in rows:
        try:
            is_good = note is not None and _fits(note, Verifier.parse(key), line)
        except (LedgerError, ValueError):
            is_good = False
        if not is_good:
            message = f"the cosignature by {key} is not over the checkpoint"
            findings.add("cosignatures", message, size)
    return len(rows)


def _fits(note: str, key: Verifier, line: str) -> bool:
    """Tell whether a line below a checkpoint is a witness's."""
    text = Note.parse(note).text
    [signature] = Note.parse(f"{text}\n{line}").signatures
    return key.accepts(text, signature)
