"""What can be followed: every event in order, and how far the read models are.

Rows come from positions after `$after` up to `$known`, a bounded stretch at a time.
"""

from projections.terms.regions import significant
from projections.terms.relation import Arguments, Field, Stream, Value

STRETCH = 20_000
"""How many positions are looked through at once, however few events in them are wanted."""
PAGE = 200
"""How many events are read at once."""


def _events(arguments: Arguments) -> str:
    """Select the next events of a stretch, by kind, stream, source and district."""
    wanted = ["e.position > $after", f"e.position <= least($known, $after + {STRETCH})"]
    if arguments.given("types"):
        wanted.append(f"e.kind = ANY ({arguments.bind('types', 'text[]')})")
    if arguments.given("stream"):
        stream = arguments.bind("stream", "text")
        wanted.append(f"e.stream IN ({stream}, 'project/' || {stream})")
    if arguments.given("source"):
        wanted.append(f"starts_with(e.source_key, {arguments.bind('source', 'text')} || '/')")
    if arguments.given("region"):
        districts = arguments.bind("region", "text[]")
        wanted.append(
            "EXISTS (SELECT 1 FROM read.projects p WHERE e.stream = 'project/' || p.project"
            " AND p.known_from <= $known AND p.known_to > $known"
            f" AND p.district ^@ ANY (ARRAY(SELECT {significant('w.region')}"
            f" FROM unnest({districts}) AS w (region))))"
        )
    return (
        f"SELECT e.position FROM ledger.events e WHERE {' AND '.join(wanted)}"
        f" ORDER BY e.position LIMIT {PAGE}"
    )


FOLLOWED: dict[str, Field] = {
    "events": Stream("Event", _events),
    "position": Value("$known", "int"),
}
"""What stands behind each field that can be subscribed to."""
