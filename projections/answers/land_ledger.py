"""The ledger of land (批而未供, 供而未用, 闲置, 盘活): where plots stand, and how many mu.

A plot is known by its number across all projects, whatever numbers it bore before. The last turn of
its life says where it stands: offered and not awarded; awarded and not built on; idle, once it was
declared so; in use, once the project that holds it started; recovered, once it was taken or given
back. It is revitalised when it was idle or recovered before and is in use now.
"""

from projections.answers.project_filter import conditions
from projections.judging.entries import any_of
from projections.terms.quantities import area
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import believed, seen
from projections.views.identities import called

STATES = ("offered", "supplied", "idle", "in_use", "recovered")

_BEGUN = f"""EXISTS (SELECT FROM read.lifecycle m WHERE m.project = p.award[2]
    AND m.mark = 'construction_started' AND {seen("m")}
    AND coalesce(m.phase_id = p.award[3], true))"""


def _parcels(arguments: Arguments) -> str:
    """Select one row a plot of the projects that pass the filter."""
    return f"""SELECT p.parcel, p.mu, coalesce(p.award[2], p.last[3]) AS project,
            p.offered_on, p.award[4] AS awarded_on, p.start_due, p.standard, p.was_idle,
            CASE WHEN p.last[2] IN ('resumed', 'returned') THEN 'recovered'
                WHEN p.award IS NULL THEN 'offered' WHEN {_BEGUN} THEN 'in_use'
                WHEN p.last[2] IN ('idle-declared', 'fee') THEN 'idle' ELSE 'supplied' END AS state
        FROM (SELECT l.name AS parcel, bool_or(l.standard) AS standard,
                (max(ARRAY[l.order_key, l.area_mu::text])
                    FILTER (WHERE l.area_mu IS NOT NULL))[2]::numeric AS mu,
                max(ARRAY[l.order_key, l.act, l.project]) AS last,
                max(ARRAY[l.order_key, l.project, l.phase_id, l.occurred_on])
                    FILTER (WHERE l.act = 'awarded') AS award,
                (max(ARRAY[l.order_key, l.occurred_on])
                    FILTER (WHERE l.act = 'offered'))[2] AS offered_on,
                (max(ARRAY[l.order_key, l.start_due])
                    FILTER (WHERE l.act = 'contracted'))[2] AS start_due,
                coalesce(bool_or(l.act IN ('idle-declared', 'fee', 'resumed', 'returned')), false)
                    AS was_idle
            FROM (SELECT l.*, {called("l.parcel", "parcel")} AS name FROM read.land l
                WHERE l.parcel IS NOT NULL AND {seen("l")}
                    AND {conditions(arguments, "l.project")}) l
            GROUP BY l.name) p"""


def _listed(arguments: Arguments) -> str:
    """Select plots in some states, at most so many."""
    first = arguments.bind("first", "integer") if arguments.given("first") else "1000"
    return f"""SELECT p.* FROM ({_parcels(arguments)}) p
        WHERE {any_of("p.state", arguments, "states")} ORDER BY p.parcel LIMIT {first}"""


def _ledger(arguments: Arguments) -> str:
    """Add up the plots of each state."""
    sums = ", ".join(
        f"coalesce(sum(p.mu) FILTER (WHERE p.state = '{state}'), 0) AS {state}" for state in STATES
    )
    return f"""SELECT count(*) AS parcels, {sums}, coalesce(sum(p.mu)
            FILTER (WHERE p.state = 'in_use' AND p.was_idle), 0) AS revitalised
        FROM ({_parcels(arguments)}) p"""


PARCEL = Relation(
    "Parcel",
    row={
        "parcel": "text",
        "mu": "numeric",
        "project": "text",
        "offered_on": "text",
        "awarded_on": "text",
        "start_due": "text",
        "standard": "boolean",
        "was_idle": "boolean",
        "state": "text",
    },
    fields={
        "id": Value("$self.parcel", "id"),
        "state": Value("$self.state", "enum"),
        "area": area("$parent.mu"),
        "project": One(
            "Project",
            lambda _: (
                "SELECT p.project AS id, '' AS sort_up, '' AS sort_down FROM read.projects p"
                f" WHERE p.project = $parent.project AND {seen('p')} LIMIT 1"
            ),
        ),
        "offered_on": Value("$self.offered_on", "flexdate"),
        "awarded_on": Value("$self.awarded_on", "flexdate"),
        "start_due": Value("$self.start_due", "flexdate"),
        "standard_land": Value("$self.standard", "boolean"),
        "was_idle": Value("$self.was_idle", "boolean"),
        "turns": Many(
            "Event",
            lambda _: (
                "SELECT l.position, l.order_key FROM read.land l"
                f" WHERE {called('l.parcel', 'parcel')} = $parent.parcel AND {believed('l')}"
                " AND l.day_to <= $on"
            ),
            "$self.order_key",
        ),
    },
)

LAND_LEDGER = Relation(
    "LandLedger",
    row={"parcels": "bigint", "revitalised": "numeric"} | dict.fromkeys(STATES, "numeric"),
    fields={
        "parcels": Value("$self.parcels", "int"),
        **{state: area(f"$parent.{state}") for state in (*STATES, "revitalised")},
    },
)

RELATIONS = (PARCEL, LAND_LEDGER)
ROOTS: dict[str, One | Many | Page] = {
    "parcels": Many("Parcel", _listed, '$self.parcel COLLATE "C"'),
    "land_ledger": One("LandLedger", _ledger),
}
