"""How recorded events are read: from the ledger itself, up to the known position.

Every row of an event has been found to be within the caller's reach, so nothing here asks again.
"""

from projections.judging.reach import whole
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value, ValueKind
from projections.terms.seen import believed, latest_day
from projections.views.identities import among, streams_of

CORRECTIONS = "('EventCorrected', 'EventRetracted')"


def _column(expression: str, kind: ValueKind) -> Value:
    """Read a value of an event from its row `e` in the ledger."""
    return Value(
        whole(f"(SELECT {expression} FROM ledger.events e WHERE e.position = $self.position)"), kind
    )


def _body(path: str) -> str:
    """Give a part of the body of the event `e` as JSON."""
    return f"(convert_from(e.bytes, 'UTF8')::jsonb -> 'body' {path})"


def _resolved(part: str) -> str:
    """Give a part of the body of the event `e` with the names of persons in place."""
    stored = _body(f"-> '{part}'")
    return f"ledger.resolved(e.id, {stored}, '{part}')"


_RECORDED_DAY = "(e.recorded_at AT TIME ZONE INTERVAL '+08:00')::date"
_OCCURRED = _body("->> 'occurred_on'")
_LATENESS = whole(
    f"(SELECT greatest(0, r.recorded - {latest_day('r.occurred')})"
    f" FROM (SELECT {_RECORDED_DAY} AS recorded, {_OCCURRED} AS occurred"
    " FROM ledger.events e WHERE e.position = $self.position) r)"
)


_RETRACTED = (
    "EXISTS (SELECT 1 FROM read.amendments r WHERE r.target = e.id AND r.retracted"
    " AND r.known_from <= $known AND r.known_to > $known)"
)


def _of_parent(columns: str) -> str:
    """Select parts of the event from whose row the link starts."""
    return whole(f"SELECT {columns} FROM ledger.events e WHERE e.position = $parent.position")


def _actor(_: Arguments) -> str:
    """Read the actor once and spread it over columns."""
    return (
        "SELECT a.actor ->> 'id' AS id, a.actor ->> 'name' AS name, a.actor ->> 'org' AS org,"
        f" a.actor ->> 'role' AS role FROM ({_of_parent(_resolved('actor') + ' AS actor')}) a"
    )


def _source(_: Arguments) -> str:
    """Read the source once and spread it over columns."""
    source = _body("-> 'source'") + " AS source"
    return (
        "SELECT s.source ->> 'system' AS system, s.source ->> 'record_id' AS record_id,"
        " s.source ->> 'record_version' AS record_version, s.source ->> 'batch_id' AS batch_id,"
        f" (s.source ->> 'row_no')::integer AS row_no FROM ({_of_parent(source)}) s"
    )


def _evidence(_: Arguments) -> str:
    """Give one row a piece of evidence, numbered as it was sent."""
    items = _body("-> 'evidence'")
    return whole(
        "SELECT x.number, x.item ->> 'id' AS id, x.item ->> 'title' AS title,"
        " x.item ->> 'sha256' AS sha256, x.item ->> 'uri' AS uri,"
        " (x.item ->> 'page')::integer AS page FROM ledger.events e CROSS JOIN LATERAL"
        f" jsonb_array_elements({items}) WITH ORDINALITY AS x (item, number)"
        " WHERE e.position = $parent.position"
    )


def _attestation(_: Arguments) -> str:
    """Read the signature of the source, if there is one."""
    told = _body("-> 'attestation'") + " AS told"
    return (
        "SELECT a.told ->> 'key' AS key, a.told ->> 'sha256' AS sha256,"
        f" a.told ->> 'signature' AS signature FROM ({_of_parent(told)}) a WHERE a.told IS NOT NULL"
    )


def _corrects(_: Arguments) -> str:
    """Find the event that this one amends, once it is there."""
    return whole(
        "SELECT t.position FROM ledger.events e JOIN ledger.events t ON t.id = e.corrects"
        " WHERE e.position = $parent.position AND t.position <= $known"
    )


def _corrected_by(_: Arguments) -> str:
    """Find the corrections and retractions that name this event."""
    return whole(
        "SELECT t.position FROM ledger.events e JOIN ledger.events t ON t.corrects = e.id"
        " WHERE e.position = $parent.position AND t.position <= $known"
    )


def _streams(arguments: Arguments) -> str:
    """Give the streams that a reference may mean: a stream, a bare project id or an alias."""
    wanted = arguments.bind("stream", "text")
    return (
        f"(SELECT {wanted} UNION SELECT 'project/' || {wanted}"
        f" UNION SELECT a.stream FROM ledger.aliases a WHERE a.alias = {wanted}"
        " AND a.position <= $known)"
    )


def recorded_between(arguments: Arguments, alias: str, first: str, last: str) -> list[str]:
    """Bound positions by times of recording, which never decrease along positions.

    Both ends are inclusive; an end without a fraction covers its whole second.
    """
    bounds = []
    if arguments.given(first):
        bounds.append(
            f"{alias}.position > coalesce((SELECT h.size FROM ledger.heads h"
            f" WHERE h.recorded_at < {arguments.bind(first, 'timestamptz')}"
            " ORDER BY h.recorded_at DESC, h.size DESC LIMIT 1), 0)"
        )
    if arguments.given(last):
        end = arguments.bind(last, "timestamptz")
        bounds.append(
            f"{alias}.position <= coalesce((SELECT h.size FROM ledger.heads h"
            f" WHERE h.recorded_at < {end} + CASE WHEN date_trunc('second', {end}) = {end}"
            " THEN INTERVAL '1 second' ELSE INTERVAL '1 microsecond' END"
            " ORDER BY h.recorded_at DESC, h.size DESC LIMIT 1), 0)"
        )
    return bounds


_WISHES = ("recorded_from", "recorded_to", "stream", "types", "source", "corrections_only")
"""The arguments that leave events out."""


def _events(arguments: Arguments) -> str:
    """Select recorded events by where, what and when."""
    recorded = recorded_between(arguments, "e", "recorded_from", "recorded_to")
    wanted = ["e.position <= $known", *recorded]
    if arguments.given("stream"):
        wanted.append(f"e.stream IN {_streams(arguments)}")
    if arguments.given("types"):
        wanted.append(f"e.kind = ANY ({arguments.bind('types', 'text[]')})")
    if arguments.given("source"):
        wanted.append(f"starts_with(e.source_key, {arguments.bind('source', 'text')} || '/')")
    if arguments.given("corrections_only") and arguments.choice("corrections_only"):
        wanted.append(f"e.kind IN {CORRECTIONS}")
    return whole(f"SELECT e.position FROM ledger.events e WHERE {' AND '.join(wanted)}")


def _count(arguments: Arguments) -> str | None:
    """Count recorded events by the last position, which has no gaps before it, unless limited."""
    if any(arguments.given(name) for name in _WISHES):
        return None
    return "least($known, (SELECT coalesce(max(e.position), 0) FROM ledger.events e))"


def project_events(arguments: Arguments) -> str:
    """Select the events of a project's stream and those elsewhere that are about it.

    A meeting says itself which projects it was about, or decides about their issues.
    """
    types = ""
    if arguments.given("types"):
        types = f" AND e.kind = ANY ({arguments.bind('types', 'text[]')})"
    return whole(
        "SELECT e.position FROM ledger.events e WHERE e.position <= $known"
        f" AND e.stream IN ({streams_of('$parent.id')}){types}"
        " UNION SELECT e.position FROM ledger.mentions m"
        " JOIN ledger.events e ON e.position = m.position WHERE m.position <= $known"
        f" AND m.stream IN ({streams_of('$parent.id')}){types}"
        " UNION SELECT e.position FROM read.issues i"
        " JOIN read.decisions d ON d.issue_id = i.issue_id"
        " JOIN ledger.events e ON e.stream = d.stream WHERE e.position <= $known"
        f" AND i.project = $parent.id AND {believed('i')} AND {believed('d')}"
        f" AND {among('i.project', 'd.projects')}{types}"
    )


def project_evidence(_: Arguments) -> str:
    """Give each document once that supports a fact of the parent project which still counts."""
    items = _body("-> 'evidence'")
    return (
        "SELECT min(e.position * 1000 + x.number) AS number, x.item ->> 'id' AS id,"
        " x.item ->> 'title' AS title, x.item ->> 'sha256' AS sha256, x.item ->> 'uri' AS uri,"
        " (x.item ->> 'page')::integer AS page FROM ledger.events e CROSS JOIN LATERAL"
        f" jsonb_array_elements({items}) WITH ORDINALITY AS x (item, number)"
        f" WHERE e.stream IN ({streams_of('$parent.id')}) AND e.position <= $known"
        f" AND NOT {_RETRACTED}"
        " GROUP BY 2, 3, 4, 5, 6"
    )


EVENT = Relation(
    "Event",
    row={"position": "bigint"},
    fields={
        "id": _column("e.id", "id"),
        "stream": _column("e.stream", "id"),
        "version": _column("e.version", "int"),
        "position": Value("$self.position", "int"),
        "type": _column("e.kind", "text"),
        "occurred_on": _column(_OCCURRED, "flexdate"),
        "recorded_at": _column("e.recorded_at", "datetime"),
        "lateness_days": Value(_LATENESS, "int"),
        "actor": One("Actor", _actor),
        "reason": _column(_body("->> 'reason'"), "text"),
        "source": One("Source", _source),
        "evidence": Many("Evidence", _evidence, "$self.number"),
        "payload": _column(_resolved("payload"), "json"),
        "corrects": One("Event", _corrects),
        "corrected_by": Many("Event", _corrected_by, "$self.position"),
        "attestation": One("Attestation", _attestation),
        "retracted": _column(_RETRACTED, "boolean"),
        "leaf_hash": _column("encode(e.leaf_hash, 'hex')", "text"),
    },
)

ACTOR = Relation(
    "Actor",
    row={"id": "text", "name": "text", "org": "text", "role": "text"},
    fields={
        "id": Value("$self.id", "id"),
        "name": Value("$self.name", "text"),
        "org": Value("$self.org", "text"),
        "role": Value("$self.role", "text"),
    },
)

SOURCE = Relation(
    "Source",
    row={
        "system": "text",
        "record_id": "text",
        "record_version": "text",
        "batch_id": "text",
        "row_no": "integer",
    },
    fields={
        "system": Value("$self.system", "text"),
        "record_id": Value("$self.record_id", "text"),
        "record_version": Value("$self.record_version", "text"),
        "batch": One(
            "ImportBatch",
            lambda _: "SELECT $parent.batch_id AS id WHERE $parent.batch_id IS NOT NULL",
        ),
        "row_no": Value("$self.row_no", "int"),
    },
)

EVIDENCE = Relation(
    "Evidence",
    row={
        "number": "bigint",
        "id": "text",
        "title": "text",
        "sha256": "text",
        "uri": "text",
        "page": "integer",
    },
    fields={
        "id": Value("$self.id", "id"),
        "title": Value("$self.title", "text"),
        "sha256": Value("$self.sha256", "text"),
        "uri": Value("$self.uri", "text"),
        "page": Value("$self.page", "int"),
    },
)

ATTESTATION = Relation(
    "Attestation",
    row={"key": "text", "sha256": "text", "signature": "text"},
    fields={
        "key": Value("$self.key", "id"),
        "sha256": Value("$self.sha256", "text"),
        "signature": Value("$self.signature", "text"),
    },
)

RELATIONS = (EVENT, ACTOR, SOURCE, EVIDENCE, ATTESTATION)
ROOTS: dict[str, One | Many | Page] = {
    "events": Page("Event", _events, ("position",), count=_count)
}
