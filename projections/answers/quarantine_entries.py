"""How the quarantine is read: what was kept, why, and what was decided about it."""

from projections.judging.reach import whole
from projections.terms.relation import Arguments, One, Page, Relation, Value, ValueKind


def _column(expression: str, kind: ValueKind) -> Value:
    """Read a value of an entry."""
    return Value(
        whole(f"(SELECT {expression} FROM ledger.quarantine q WHERE q.number = $self.number)"), kind
    )


def _decision(expression: str, kind: ValueKind) -> Value:
    """Read a value of the decision about an entry, if there is one."""
    return Value(
        f"(SELECT {expression} FROM ledger.quarantine_decisions d WHERE d.number = $self.number)",
        kind,
    )


def _event(expression: str) -> Value:
    """Read a value of the event that records a person's decision."""
    return Value(
        f"(SELECT {expression} FROM ledger.events v"
        " WHERE v.source_key = 'ledger/quarantine/' || $self.number ORDER BY v.position LIMIT 1)",
        "text",
    )


def _delivery(path: str) -> str:
    """Give a part of the delivery as it was kept: without the names of persons."""
    return f"(convert_from(q.delivery, 'UTF8')::jsonb {path})"


_BODY = "(convert_from(v.bytes, 'UTF8')::jsonb -> 'body')"
_DECIDER = f"ledger.resolved(v.id, {_BODY} -> 'actor', 'actor')"


def _entries(arguments: Arguments) -> str:
    """Select entries by whether somebody has decided about them, and by where they came from."""
    wanted = ["true"]
    if not (arguments.given("decided") and arguments.choice("decided")):
        wanted.append(
            "NOT EXISTS (SELECT 1 FROM ledger.quarantine_decisions d WHERE d.number = q.number)"
        )
    if arguments.given("source"):
        wanted.append(f"starts_with(q.source_key, {arguments.bind('source', 'text')} || '/')")
    if arguments.given("code"):
        wanted.append(f"q.code = {arguments.bind('code', 'text')}")
    if arguments.given("batch"):
        batch = _delivery("->> 'batch_id'")
        wanted.append(f"{batch} = {arguments.bind('batch', 'text')}")
    return whole(f"SELECT q.number FROM ledger.quarantine q WHERE {' AND '.join(wanted)}")


def _entry(arguments: Arguments) -> str:
    """Find one entry."""
    number = arguments.bind("number", "bigint")
    return whole(f"SELECT q.number FROM ledger.quarantine q WHERE q.number = {number}")


QUARANTINE_ENTRY = Relation(
    "QuarantineEntry",
    row={"number": "bigint"},
    fields={
        "number": Value("$self.number", "int"),
        "received_at": _column("q.received_at", "datetime"),
        "type": _column("q.kind", "text"),
        "subject": _column("q.subject", "text"),
        "occurred_on": _column("q.occurred_on", "text"),
        "system": _column("split_part(q.source_key, '/', 1)", "text"),
        "record_id": _column(
            "substr(q.source_key, length(split_part(q.source_key, '/', 1)) + 2)", "text"
        ),
        "record_version": _column("q.record_version", "text"),
        "batch_id": _column(_delivery("->> 'batch_id'"), "text"),
        "row_no": _column(_delivery("->> 'row_no'") + "::integer", "int"),
        "payload": _column(_delivery("-> 'payload'"), "json"),
        "code": _column("q.code", "text"),
        "field": _column("q.field", "text"),
        "value": _column("q.value", "text"),
        "cure": _column("q.cure", "text"),
        "waiting_for": _column("q.waiting_for", "text"),
        "decision": _decision("d.decision", "code"),
        "decided_at": _decision("d.decided_at", "datetime"),
        "event_id": _decision("d.event", "id"),
        "decided_by": _event(f"coalesce({_DECIDER} ->> 'name', {_DECIDER} ->> 'id')"),
        "decision_reason": _event(f"{_BODY} ->> 'reason'"),
    },
)

RELATIONS = (QUARANTINE_ENTRY,)
ROOTS: dict[str, One | Page] = {
    "quarantine": Page("QuarantineEntry", _entries, ("-number",)),
    "quarantined": One("QuarantineEntry", _entry),
}
