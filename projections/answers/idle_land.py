"""The ledger of idle land in mu (闲置土地台账): what lies idle, what was taken back."""

from domain.alarm import AlarmKind
from projections.answers.alarms import ORDER, alarms_of
from projections.judging.project_scope import REGISTERED, in_regions, numbered
from projections.terms.quantities import area
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value, named
from projections.terms.seen import last_seen, quoted, seen

_ACTS = {
    "declared": "idle-declared",
    "charged": "fee",
    "resumed": "resumed",
    "returned": "returned",
}
_CLOCKS = (AlarmKind.IDLE_LAND, AlarmKind.STOPPED_LAND)
_IDLE = "('idle-declared', 'fee', 'resumed', 'returned')"


def _idle_land(arguments: Arguments) -> str:
    """Sum up the acts of some days, and what still lies idle on the judged day."""
    first, last = arguments.bind("from", "date"), arguments.bind("to", "date")
    where = in_regions(last_seen("projects", "district", "d.project"), arguments, "region")
    sums = ", ".join(
        f"sum(a.area_mu) FILTER (WHERE a.act = '{act}'"
        f" AND a.day_to BETWEEN {first} AND {last}) AS {name}"
        for name, act in _ACTS.items()
    )
    return f"""WITH acts AS MATERIALIZED (SELECT d.* FROM read.land d
            WHERE d.act IN {_IDLE} AND {seen("d")} AND {where}),
        parcels AS (SELECT DISTINCT ON (a.parcel) a.* FROM acts a
            ORDER BY a.parcel, a.order_key DESC),
        undeclared AS MATERIALIZED ({_undeclared(arguments)})
        SELECT {sums}, (SELECT coalesce(sum(u.area_mu), 0) FROM undeclared u) AS undeclared,
            coalesce((SELECT jsonb_agg(to_jsonb(u)) FROM undeclared u), '[]') AS clocks,
            (SELECT coalesce(sum(p.area_mu), 0) FROM parcels p
                WHERE p.act IN ('idle-declared', 'fee')) AS idle,
            coalesce((SELECT jsonb_agg(to_jsonb(p)) FROM parcels p), '[]') AS parcels
        FROM acts a"""


def _undeclared(arguments: Arguments) -> str:
    """Select the clocks that made land idle by the judged day, where nobody has declared it so."""
    here = in_regions("r.district", arguments, "region")
    scope = numbered(f"SELECT r.project, r.district FROM ({REGISTERED}) r WHERE {here}")
    ran_out = "a.kind IN ({}) AND a.day < $on".format(", ".join(map(quoted, _CLOCKS)))
    return f"""SELECT DISTINCT ON (a.subject) a.*, (SELECT l.area_mu FROM read.land l
            WHERE l.project = a.project AND l.parcel = a.subject AND l.act = 'awarded'
                AND {seen("l")} ORDER BY l.order_key DESC LIMIT 1) AS area_mu
        FROM ({alarms_of(scope, ran_out)}) a
        WHERE NOT EXISTS (SELECT FROM parcels p WHERE p.parcel = a.subject
            AND p.act IN ('idle-declared', 'fee'))
        ORDER BY a.subject, a.day"""


def _clocks(arguments: Arguments) -> str:
    """Select the clocks that ran out, the longest ago first."""
    first = arguments.bind("first", "integer") if arguments.given("first") else "1000"
    return f"""SELECT c.* FROM jsonb_to_recordset($parent.clocks) AS c (project text, kind text,
            subject text, phase_id text, position bigint, day date)
        ORDER BY c.day, c.subject LIMIT {first}"""


def _parcels(arguments: Arguments) -> str:
    """Select the parcels with what was last decided about each."""
    first = arguments.bind("first", "integer") if arguments.given("first") else "1000"
    return f"""SELECT p.parcel, p.project, p.area_mu, p.act, p.occurred_on, p.position, p.order_key
        FROM jsonb_to_recordset($parent.parcels) AS p (parcel text, project text, area_mu numeric,
            act text, occurred_on text, position bigint, order_key text)
        ORDER BY p.order_key, p.parcel LIMIT {first}"""


def _sum(name: str) -> One:
    """Link to a sum of land; of nothing it is zero."""
    return area(f"coalesce($parent.{name}, 0)")


IDLE_LAND = Relation(
    "IdleLand",
    row={
        **dict.fromkeys(_ACTS, "numeric"),
        "idle": "numeric",
        "undeclared": "numeric",
        "parcels": "jsonb",
        "clocks": "jsonb",
    },
    fields={
        **{name: _sum(name) for name in _ACTS},
        "idle": _sum("idle"),
        "undeclared": _sum("undeclared"),
        "undeclared_clocks": Many("Alarm", _clocks, ORDER),
        "parcels": Many("IdleParcel", _parcels, "$self.order_key, $self.parcel"),
    },
)

IDLE_PARCEL = Relation(
    "IdleParcel",
    row={
        "parcel": "text",
        "project": "text",
        "area_mu": "numeric",
        "act": "text",
        "occurred_on": "text",
        "position": "bigint",
    },
    fields={
        "parcel": Value("$self.parcel", "id"),
        "project": One(
            "Project",
            lambda _: "SELECT $parent.project AS id, '' AS sort_up, '' AS sort_down",
        ),
        "area": area("$parent.area_mu"),
        "act": Value("$self.act", "text"),
        "decided": Value(named("$self.act"), "enum"),
        "on": Value("$self.occurred_on", "flexdate"),
        "decision": One("Event", lambda _: "SELECT $parent.position AS position"),
    },
)

RELATIONS = (IDLE_LAND, IDLE_PARCEL)
ROOTS: dict[str, One | Many | Page] = {"idle_land": One("IdleLand", _idle_land)}
