"""The ledger of idle land in mu (闲置土地台账): what lies idle, what was taken back."""

from projections.project_scope import in_regions
from projections.quantities import area
from projections.relation import Arguments, Many, One, Page, Relation, Value
from projections.seen import last_seen, seen

_ACTS = {
    "declared": "idle-declared",
    "charged": "fee",
    "resumed": "resumed",
    "returned": "returned",
}
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
            ORDER BY a.parcel, a.order_key DESC)
        SELECT {sums}, (SELECT coalesce(sum(p.area_mu), 0) FROM parcels p
                WHERE p.act IN ('idle-declared', 'fee')) AS idle,
            coalesce((SELECT jsonb_agg(to_jsonb(p)) FROM parcels p), '[]') AS parcels
        FROM acts a"""


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
    row={**dict.fromkeys(_ACTS, "numeric"), "idle": "numeric", "parcels": "jsonb"},
    fields={
        **{name: _sum(name) for name in _ACTS},
        "idle": _sum("idle"),
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
        "on": Value("$self.occurred_on", "flexdate"),
        "decision": One("Event", lambda _: "SELECT $parent.position AS position"),
    },
)

RELATIONS = (IDLE_LAND, IDLE_PARCEL)
ROOTS: dict[str, One | Many | Page] = {"idle_land": One("IdleLand", _idle_land)}
