"""The pipeline (在谈, 在手, 在建 …): projects by phase and by size of their total investment."""

from domain.phase import RANK
from projections.answers.project_filter import filtered_lives
from projections.spans.spans import phases_on_day
from projections.terms.quantities import money
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value

BOUNDS = "ARRAY[1, 10, 100]::numeric[]"
"""The usual bounds between sizes, in 亿元."""

_RANKS = ", ".join(f"('{phase}', {rank})" for phase, rank in RANK.items())


def _pipeline(arguments: Arguments) -> str:
    """Count projects by the furthest of their phases and by the band that their total lies in.

    A band holds its lower bound and not its upper one; of some projects no total is known.
    """
    bounds = arguments.bind("bounds", "numeric[]") if arguments.given("bounds") else BOUNDS
    return f"""WITH found AS MATERIALIZED ({filtered_lives(arguments)}),
        bounds AS (SELECT ARRAY(SELECT DISTINCT b.bound
            FROM unnest({bounds}) AS b (bound) ORDER BY 1) AS list),
        counted AS (SELECT s.furthest AS phase, b.list, p.total,
                width_bucket(p.total / 100000000.0, b.list) AS band
            FROM ({phases_on_day("found")}) s
            JOIN found p ON p.project = s.project
            CROSS JOIN bounds b)
        SELECT c.phase, k.rank, c.band, c.list[c.band] AS low, c.list[c.band + 1] AS high,
            count(*) AS projects, coalesce(sum(c.total), 0) AS total
        FROM counted c JOIN (VALUES {_RANKS}) AS k (phase, rank) ON k.phase = c.phase
        GROUP BY c.phase, k.rank, c.band, c.list"""


PIPELINE_CELL = Relation(
    "PipelineCell",
    row={
        "phase": "text",
        "rank": "integer",
        "band": "integer",
        "low": "numeric",
        "high": "numeric",
        "projects": "bigint",
        "total": "numeric",
    },
    fields={
        "phase": Value("$self.phase", "enum"),
        "from_yi": Value(
            "CASE WHEN $self.band = 0 THEN 0 ELSE trim_scale($self.low) END", "decimal"
        ),
        "below_yi": Value("CASE WHEN $self.band >= 0 THEN trim_scale($self.high) END", "decimal"),
        "projects": Value("$self.projects", "int"),
        "total_investment": money("$parent.total"),
    },
)

RELATIONS = (PIPELINE_CELL,)
ROOTS: dict[str, One | Many | Page] = {
    "pipeline": Many("PipelineCell", _pipeline, "$self.rank, $self.band")
}
