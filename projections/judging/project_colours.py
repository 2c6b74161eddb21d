"""Judge whole projects in SQL, as `domain.project_colour` does: their nodes and their pace."""

from domain.listing import BROADEST_FIRST, RESERVE
from domain.phase import RANK, Phase
from projections.judging.node_colours import KEPT_RED, NO_POLICY, NODES_JUDGED, SEVERITIES
from projections.judging.node_states import COLOUR_RULES, OTHERS, RULES, WHO_PLANS, nodes
from projections.judging.override import OVERRIDDEN
from projections.judging.phase_states import PHASES, halts
from projections.terms.relation import Arguments
from projections.terms.seen import believed

_LEVELS = ", ".join(f"'{level}'" for level in BROADEST_FIRST)
_MEMBERSHIP = "('listed', 'add', 'remove')"
_LIVE = "j.counts AND j.severity > 0"
_MISSED = "(p.plan * p.month - 12 * p.ytd)"

# A project keeps pace with the plan of its year; see `domain.investment` and `domain.listing`. The
# expressions of the lists' side cannot serve, since each question has a day of its own here.
_PACE = f"""paced AS (
    SELECT r.n, r.project, r.cut, extract(year FROM r.day)::integer AS year,
        CASE WHEN extract(year FROM r.day + 1) > extract(year FROM r.day) THEN 12
            ELSE extract(month FROM r.day + 1)::integer - 1 END AS month, c.rules -> 'pace' AS rules
    FROM ruled r JOIN rules c ON c.rule = r.rule WHERE c.paced),
told AS (
    SELECT p.n, p.cut, p.year, l.list_id, max(l.order_key) AS stated,
        (max(ARRAY[l.order_key, l.act]) FILTER (WHERE l.act IN {_MEMBERSHIP}))[2] AS act,
        (max(ARRAY[l.order_key, l.class]) FILTER (WHERE l.class IS NOT NULL))[2] AS class,
        (max(ARRAY[l.order_key, l.annual_plan::text])
            FILTER (WHERE l.annual_plan IS NOT NULL))[2]::numeric AS plan
    FROM paced p JOIN read.listings l ON l.project = p.project
    WHERE coalesce(l.only_year, p.year) = p.year AND {believed("l")} AND l.day_to <= p.cut
    GROUP BY 1, 2, 3, 4),
published AS (
    SELECT DISTINCT ON (t.n, t.list_id) t.*, p.year AS list_year, p.level
    FROM told t JOIN read.lists p ON p.list_id = t.list_id
    WHERE {believed("p")} AND p.day_to <= t.cut ORDER BY t.n, t.list_id, p.order_key DESC),
annual_plans AS (
    SELECT DISTINCT ON (p.n) p.n, p.plan FROM published p
    WHERE p.act <> 'remove' AND p.list_year = p.year AND p.class IS DISTINCT FROM '{RESERVE}'
    ORDER BY p.n, array_position(ARRAY[{_LEVELS}], p.level), p.stated DESC, p.list_id),
spent AS (
    SELECT DISTINCT ON (p.n) p.n, i.ytd::numeric AS ytd
    FROM paced p JOIN read.investments i ON i.project = p.project AND i.year = p.year
    WHERE i.basis = p.rules ->> 'basis' AND i.month_no <= p.month
        AND {believed("i")} AND i.day_to <= p.cut
    ORDER BY p.n, i.month_no DESC, i.order_key DESC),
paces AS (
    SELECT p.n, CASE WHEN p.plan <= 0 OR p.month <= 0 THEN 'grey'
        WHEN {{red}} THEN 'red' WHEN {{yellow}} THEN 'yellow' ELSE 'green' END AS colour
    FROM (SELECT p.n, p.month, p.rules, coalesce(l.plan, 0) AS plan, coalesce(s.ytd, 0) AS ytd
        FROM paced p LEFT JOIN annual_plans l ON l.n = p.n LEFT JOIN spent s ON s.n = p.n) p)"""


def _crossed(colour: str) -> str:
    """Compare the pace with the threshold of a colour, exactly, with both sides multiplied out."""
    threshold = f"(p.rules #>> '{{{colour},threshold}}')::numeric"
    measured = f"""CASE p.rules ->> 'unit' WHEN 'ratio' THEN 1200 * p.ytd
            ELSE 100 * {_MISSED} END"""
    limit = f"""({threshold} * p.plan
            * CASE p.rules ->> 'unit' WHEN 'pp' THEN 12 ELSE p.month END)"""
    return f"""CASE p.rules #>> '{{{colour},comparator}}'
            WHEN 'ge' THEN {measured} >= {limit} WHEN 'gt' THEN {measured} > {limit}
            ELSE {measured} < {limit} END"""


PACES = _PACE.format(red=_crossed("red"), yellow=_crossed("yellow"))
"""The colour of the pace of investment, for the questions whose policy wants it."""

SHOWN = "coalesce(j.decided, j.colour) AS colour"
"""The colour to show: the decided one, or the judged."""

_GATHERED = f"""counted AS (
    SELECT j.n, j.has_windows, j.severity, j.due_on, j.weight, j.aggregate,
        j.has_windows AND (j.done_on IS NULL OR j.reason = {KEPT_RED}) AS counts
    FROM judged j WHERE j.reason <> {NO_POLICY}),
gathered AS (
    SELECT j.n, bool_or(j.has_windows) AS has_plan, bool_or(j.counts) AS has_open,
        coalesce(max(j.severity) FILTER (WHERE j.counts), 0) AS worst,
        min(ARRAY[j.due_on - DATE '2000-01-01', 3 - j.severity])
            FILTER (WHERE {_LIVE} AND j.aggregate = 'next-node') AS next,
        sum(j.weight * (j.severity - 1)) FILTER (WHERE {_LIVE} AND j.aggregate = 'weighted')
            / sum(j.weight) FILTER (WHERE {_LIVE} AND j.aggregate = 'weighted') AS mean
    FROM counted j GROUP BY j.n),
standstill AS (
    SELECT p.n, min(h.halt) AS halt FROM phases p
    LEFT JOIN halted h ON h.n = p.n AND h.phase_id = p.phase_id
    WHERE p.n IN (SELECT n FROM stops) GROUP BY p.n HAVING bool_and(h.halt IS NOT NULL)),
judged_as AS (
    SELECT {{asked}}.n, r.project, r.district, {{asked}}.day, r.policy, CASE
        WHEN r.policy IS NULL OR s.halt < {RANK[Phase.SUSPENDED]} THEN 'grey'
        WHEN s.halt = {RANK[Phase.SUSPENDED]} AND c.rests THEN 'grey'
        ELSE (SELECT v.colour FROM {SEVERITIES} AS v (colour, severity)
            WHERE v.severity = greatest(w.severity, q.severity)) END AS colour, o.colour AS decided
    FROM {{questions}} LEFT JOIN standstill s ON s.n = r.n LEFT JOIN gathered g ON g.n = {{asked}}.n
    LEFT JOIN rules c ON c.rule = r.rule
    LEFT JOIN {SEVERITIES} AS n (colour, severity) ON n.colour = c.no_plan
    LEFT JOIN paces p ON p.n = r.n LEFT JOIN overridden o ON o.n = r.n
    LEFT JOIN {SEVERITIES} AS q (colour, severity) ON q.colour = p.colour
    CROSS JOIN LATERAL (SELECT CASE
        WHEN NOT coalesce(g.has_plan, false) THEN n.severity
        WHEN NOT g.has_open THEN 1
        WHEN c.aggregate = 'weighted' AND g.mean IS NOT NULL THEN CASE
            WHEN g.mean >= (c.rules #>> '{{{{weighted,red_at}}}}')::numeric THEN 3
            WHEN g.mean >= (c.rules #>> '{{{{weighted,yellow_at}}}}')::numeric THEN 2 ELSE 1 END
        WHEN c.aggregate = 'next-node' THEN coalesce(3 - g.next[2], 0)
        ELSE g.worst END AS severity) w),
coloured AS (
    SELECT j.n, j.project, j.district, j.day, j.policy, j.colour AS judged, {SHOWN}
    FROM judged_as j)"""


def gathered(questions: str = "ruled r", asked: str = "r") -> str:
    """Give everything from `judged` to `coloured`.

    `questions` joins the ruled questions `r`; `asked` names what gives the number and the day that
    nodes were judged for.
    """
    return _GATHERED.format(questions=questions, asked=asked)


COLOURED = ", ".join(
    (
        PHASES,
        RULES,
        OTHERS,
        nodes(WHO_PLANS),
        halts("others"),
        NODES_JUDGED,
        PACES,
        OVERRIDDEN,
        gathered(),
    )
)
"""Everything from `scope` to `coloured`."""


def coloured(arguments: Arguments) -> str:
    """Give everything from `scope` to `coloured`, under the policy asked for if one is.

    A policy that the ledger does not know judges nothing, so all is grey.
    """
    if not arguments.given("policy"):
        return COLOURED
    wanted = f"""SELECT p.policy FROM read.policies p
        WHERE p.policy = {arguments.bind("policy", "text")} AND p.policy_kind = 'colour'
            AND p.rules IS NOT NULL AND {believed("p")} LIMIT 1"""
    # What people decided is set aside: the question is what this policy would say.
    return COLOURED.replace(COLOUR_RULES, wanted).replace(SHOWN, "j.colour AS colour")


def colours_of(scope: str, judged: str = COLOURED) -> str:
    """Select the colour of every question of a scope."""
    return (
        f"WITH scope AS ({scope}), {judged}"
        " SELECT c.n, c.project, c.district, c.day, c.policy, c.judged, c.colour FROM coloured c"
    )
