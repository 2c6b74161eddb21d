"""How batches of deliveries are read: what arrived together, and what became of each row."""

from projections.terms.relation import Arguments, Many, One, Relation, Value, ValueKind

STATUSES = ("accepted", "duplicate", "corrected", "superseded", "quarantined", "rejected")
"""In the order in which a part of a batch counts them."""


def _column(expression: str, kind: ValueKind) -> Value:
    """Read a value of a batch that was a delivery of its own."""
    return Value(f"(SELECT {expression} FROM ledger.batches b WHERE b.id = $self.id)", kind)


def _counted(expression: str) -> Value:
    """Count over the parts of a batch."""
    return Value(
        f"(SELECT coalesce(sum({expression}), 0)::bigint FROM ledger.batch_parts p"
        " WHERE p.batch = $self.id)",
        "int",
    )


def _batch(arguments: Arguments) -> str:
    """Find a batch by its id."""
    return f"SELECT b.id FROM ledger.batches b WHERE b.id = {arguments.bind('id', 'text')}"


def _problems(arguments: Arguments) -> str:
    """Give the rows that were not taken, the first ones first."""
    return (
        "SELECT r.request, r.place, r.row_no, r.code, r.field, r.cure, r.payload"
        " FROM ledger.batch_rows r WHERE r.batch = $parent.id"
        " AND r.status IN ('quarantined', 'rejected')"
        f" ORDER BY r.row_no, r.place, r.request LIMIT {arguments.bind('first', 'bigint')}"
    )


IMPORT_BATCH = Relation(
    "ImportBatch",
    row={"id": "text"},
    fields={
        "id": Value("$self.id", "id"),
        "source": _column("b.source", "text"),
        "received_at": _column("b.received_at", "datetime"),
        "file_name": _column("b.file_name", "text"),
        "sha256": Value(
            "(SELECT p.sha256 FROM ledger.batch_parts p WHERE p.batch = $self.id"
            " AND p.sha256 IS NOT NULL ORDER BY p.received_at DESC, p.first DESC LIMIT 1)",
            "text",
        ),
        "rows": _counted(" + ".join(f"p.counts[{place}]" for place in range(1, 7))),
        **{
            status: _counted(f"p.counts[{place}]") for place, status in enumerate(STATUSES, start=1)
        },
        "problems": Many("RowProblem", _problems, "$self.row_no, $self.place, $self.request"),
    },
)

ROW_PROBLEM = Relation(
    "RowProblem",
    row={
        "request": "uuid",
        "place": "bigint",
        "row_no": "bigint",
        "code": "text",
        "field": "text",
        "cure": "text",
        "payload": "jsonb",
    },
    fields={
        "row_no": Value("$self.row_no", "int"),
        "code": Value("$self.code", "text"),
        "message": Value(
            "(coalesce($self.field || ': ', '') || coalesce($self.cure, $self.code))", "text"
        ),
        "payload": Value("$self.payload", "json"),
    },
)

RELATIONS = (IMPORT_BATCH, ROW_PROBLEM)
ROOTS: dict[str, One] = {"batch": One("ImportBatch", _batch)}
