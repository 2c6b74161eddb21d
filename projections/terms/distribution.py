"""Distributions of whole numbers in SQL, as `domain.lead_time.Distribution` defines them."""

from projections.terms.relation import Arguments, Many, Relation, Value

_N = "cardinality($self.values)"
_LOW, _HIGH = "$parent.values[1]", "$parent.values[cardinality($parent.values)]"


def _quantile(percent: int) -> Value:
    """Give the nearest-rank quantile, null without values."""
    rank = f"greatest(({_N} * {percent} + 99) / 100, 1)"
    return Value(f"$self.values[{rank}]::numeric", "decimal")


def _edge(step: str, bins: str) -> str:
    """Give an edge of a bar, rounded for display."""
    width = f"({_HIGH} - {_LOW})::numeric * ({step}) / {bins}"
    return f"trim_scale(round({_LOW} + {width}, 2))"


def _histogram(arguments: Arguments) -> str:
    """Divide the values into bars of equal width; equal values make one bar, none no bars."""
    bins = arguments.bind("bins", "integer") if arguments.given("bins") else "12"
    bins = f"CASE WHEN {_LOW} = {_HIGH} THEN 1 ELSE greatest({bins}, 1) END"
    place = f"(v.value - {_LOW}) * w.bins / nullif({_HIGH} - {_LOW}, 0)"
    return f"""SELECT b.step, {_edge("b.step", "w.bins")} AS low,
            {_edge("b.step + 1", "w.bins")} AS high,
            (SELECT count(*) FROM unnest($parent.values) AS v (value)
                WHERE coalesce(least({place}, w.bins - 1), 0) = b.step)::integer AS count
        FROM (SELECT {bins} AS bins) w CROSS JOIN LATERAL generate_series(0, w.bins - 1) AS b (step)
        WHERE cardinality($parent.values) > 0"""


DISTRIBUTION = Relation(
    "Distribution",
    row={"values": "integer[]", "excluded": "integer", "uncounted": "integer"},
    fields={
        "n": Value(_N, "int"),
        "excluded_for_precision": Value("$self.excluded", "int"),
        "excluded_for_calendar": Value("$self.uncounted", "int"),
        "min": _quantile(0),
        "p25": _quantile(25),
        "median": _quantile(50),
        "p75": _quantile(75),
        "p90": _quantile(90),
        "max": _quantile(100),
        "histogram": Many("HistogramBin", _histogram, "$self.step"),
    },
)

HISTOGRAM_BIN = Relation(
    "HistogramBin",
    row={"step": "integer", "low": "numeric", "high": "numeric", "count": "integer"},
    fields={
        "from": Value("$self.low", "decimal"),
        "to": Value("$self.high", "decimal"),
        "count": Value("$self.count", "int"),
    },
)

RELATIONS = (DISTRIBUTION, HISTOGRAM_BIN)
