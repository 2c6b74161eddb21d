"""What new premises changed (工业上楼, 低效用地改造): floor area ratio and yield per mu.

The ratio before is what the fact says, else that of the premises before. Tax and output a year are
taken from the last year reported before the year of the premises and from the last one after it,
over all phases, in 万元 a mu rounded to four places.
"""

from projections.terms.quantities import half_up
from projections.terms.relation import Arguments, Field, One, Relation, Value, named
from projections.terms.seen import seen
from projections.terms.wording import wording

_WAN_YUAN = 10_000

_LAST = f"""SELECT s.* FROM read.premises s WHERE s.project = $parent.id AND {seen("s")}
    ORDER BY s.order_key DESC LIMIT 1"""

_EARLIER = f"""(SELECT e.floor_area_ratio FROM read.premises e
    WHERE e.project = s.project AND e.order_key < s.order_key AND e.floor_area_ratio IS NOT NULL
        AND {seen("e")} ORDER BY e.order_key DESC LIMIT 1)"""

_YEARS = f"""SELECT y.year, sum(y.tax) AS tax, sum(y.output) AS output,
        sum(y.land_occupied_mu) AS mu
    FROM (SELECT DISTINCT ON (o.year, o.phase_id) o.* FROM read.operating_results o
        WHERE o.project = $parent.id AND {seen("o")}
        ORDER BY o.year, o.phase_id, o.order_key DESC) y GROUP BY y.year"""


def _per_mu(amount: str, year: str) -> str:
    """Give an amount of a year over the land of that year."""
    return half_up(f"{year}.{amount}", f"({year}.mu * {_WAN_YUAN})", "4")


def _change(_: Arguments) -> str:
    """Select the last premises of the parent project with both sides of every change."""
    before = "SELECT y.* FROM years y WHERE y.year < extract(year FROM s.day_from)"
    after = "SELECT y.* FROM years y WHERE y.year > extract(year FROM s.day_to)"
    return f"""WITH years AS ({_YEARS})
        SELECT s.occurred_on, s.premises_kind, s.storeys, s.floor_area_ratio AS far,
            coalesce(s.ratio_before, {_EARLIER}) AS far_before,
            {_per_mu("tax", "b")} AS tax_before, {_per_mu("tax", "a")} AS tax,
            {_per_mu("output", "b")} AS output_before, {_per_mu("output", "a")} AS output
        FROM ({_LAST}) s
        LEFT JOIN LATERAL ({before} ORDER BY y.year DESC LIMIT 1) b ON true
        LEFT JOIN LATERAL ({after} ORDER BY y.year DESC LIMIT 1) a ON true"""


PREMISES_CHANGE = Relation(
    "PremisesChange",
    row={
        "occurred_on": "text",
        "premises_kind": "text",
        "storeys": "integer",
        **dict.fromkeys(
            ("far", "far_before", "tax", "tax_before", "output", "output_before"), "numeric"
        ),
    },
    fields={
        "on": Value("$self.occurred_on", "flexdate"),
        "kind": Value("$self.premises_kind", "text"),
        "premises": Value(named("$self.premises_kind"), "enum"),
        "storeys": Value("$self.storeys", "int"),
        "far": wording("$parent.far_before", "$parent.far"),
        "tax_per_mu": wording("$parent.tax_before", "$parent.tax"),
        "output_per_mu": wording("$parent.output_before", "$parent.output"),
    },
)

RELATIONS = (PREMISES_CHANGE,)
PROJECT_FIELDS: dict[str, Field] = {"premises_change": One("PremisesChange", _change)}
