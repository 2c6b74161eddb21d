"""The balances of resource pools (集中池), per resource, with their movements."""

from projections.judging.project_scope import in_regions
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import latest_day, seen

_ACTS = {
    "credited": "credit",
    "released": "release",
    "allocated": "allocate",
    "expired": "expire",
    "reserved": "reserve",
}
_UNITS = {
    "energy_tce": "tce",
    "cod_t": "t",
    "nh3n_t": "t",
    "nox_t": "t",
    "so2_t": "t",
    "voc_t": "t",
    "tp_t": "t",
    "tn_t": "t",
    "water_10k_m3": "10k m3",
    "land_quota_mu": "mu",
}
_UNIT = "CASE $self.resource {} END".format(
    " ".join(f"WHEN '{resource}' THEN '{unit}'" for resource, unit in _UNITS.items())
)
_EFFECT = "CASE WHEN {}.act IN ('credit', 'release') THEN {}.quantity ELSE - {}.quantity END"
"""What a movement adds to the available quantity. A reservation takes it away; whoever then
allocates out of it releases it first."""


def effect(alias: str) -> str:
    """Give what a movement adds to the available quantity of its pool."""
    return _EFFECT.format(alias, alias, alias)


_OVER = f"q.valid_until IS NOT NULL AND {latest_day('q.valid_until')} < $on"


def balances(where: str = "true") -> str:
    """Select pool_id, resource, region, the sums, `available`, `lapsed` and `lapsed_reserved`.

    Whatever went, or is set aside, is taken from the credits that end first: what is left of those
    whose validity is over has lapsed, and nobody has recorded it as expired. Likewise what was
    released is taken from the reservations that end first. `where` narrows the sums, as `b`.
    """
    sums = ", ".join(
        f"coalesce(sum(q.quantity) FILTER (WHERE q.act = '{act}'), 0) AS {name}"
        for name, act in _ACTS.items()
    )
    return f"""SELECT b.*, greatest(b.over_credited - b.credited + b.available, 0) AS lapsed,
            greatest(b.over_reserved - b.released, 0) AS lapsed_reserved
        FROM (SELECT q.pool_id, q.resource, max(q.region) AS region, {sums},
                sum({effect("q")}) AS available,
                coalesce(sum(q.quantity) FILTER (WHERE q.act = 'credit' AND {_OVER}), 0)
                    AS over_credited,
                coalesce(sum(q.quantity) FILTER (WHERE q.act = 'reserve' AND {_OVER}), 0)
                    AS over_reserved,
                array_agg(q.position ORDER BY q.order_key, q.position)
                    FILTER (WHERE q.act IN ('credit', 'reserve') AND {_OVER}) AS over_positions
            FROM read.quota_movements q WHERE {seen("q")} GROUP BY q.pool_id, q.resource) b
        WHERE {where}"""


def _pools(arguments: Arguments) -> str:
    """Sum up the movements of each pool and resource; a pool of no known region is everybody's."""
    return balances(f"b.region IS NULL OR {in_regions('b.region', arguments, 'region')}")


def _of_pool(condition: str = "true") -> str:
    """Give the condition that a movement `q` belongs to the parent balance."""
    return (
        "q.pool_id = $parent.pool_id AND q.resource = $parent.resource"
        f" AND {seen('q')} AND {condition}"
    )


def _movements(arguments: Arguments) -> str:
    """Select the latest movements by the days on which they happened."""
    first = arguments.bind("first", "integer") if arguments.given("first") else "50"
    return f"""SELECT q.position, q.order_key FROM read.quota_movements q
        WHERE {_of_pool()} ORDER BY q.order_key DESC LIMIT {first}"""


def _overdrafts(_: Arguments) -> str:
    """Select the movements after which more was gone than there had been."""
    return f"""SELECT m.position, m.order_key FROM (
            SELECT q.position, q.order_key,
                sum({effect("q")}) OVER (ORDER BY q.order_key, q.position) AS left_over
            FROM read.quota_movements q WHERE {_of_pool()}) m WHERE m.left_over < 0"""


POOL_BALANCE = Relation(
    "PoolBalance",
    row={
        "pool_id": "text",
        "resource": "text",
        "region": "text",
        **dict.fromkeys(_ACTS, "numeric"),
        "available": "numeric",
        "lapsed": "numeric",
        "lapsed_reserved": "numeric",
    },
    fields={
        "pool": Value("$self.pool_id", "id"),
        "resource": Value("$self.resource", "code"),
        "unit": Value(_UNIT, "text"),
        "region": Value("$self.region", "id"),
        **{name: Value(f"trim_scale($self.{name})", "decimal") for name in _ACTS},
        "available": Value("trim_scale($self.available)", "decimal"),
        "lapsed": Value("trim_scale($self.lapsed)", "decimal"),
        "lapsed_reserved": Value("trim_scale($self.lapsed_reserved)", "decimal"),
        "movements": Many("Event", _movements, "$self.order_key DESC, $self.position DESC"),
        "overdrafts": Many("Event", _overdrafts, "$self.order_key, $self.position"),
    },
)

RELATIONS = (POOL_BALANCE,)
ROOTS: dict[str, One | Many | Page] = {
    "pools": Many("PoolBalance", _pools, '$self.pool_id COLLATE "C", $self.resource COLLATE "C"')
}
