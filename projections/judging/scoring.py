"""Score agreed against delivered in SQL, exactly as `domain.attainment` defines it.

The functions read an evaluation behind an alias: its project, last day, agreed and actual values,
recorded scores and policy. Shares stay numerator and denominator, so nothing is rounded early.
"""

from domain.attainment import LOWER_IS_BETTER, TOTAL_DIGITS
from projections.terms.quantities import cut, half_up
from projections.terms.seen import believed, seen

_LOWER = ", ".join(f"'{code}'" for code in sorted(LOWER_IS_BETTER))

_FENCE = "OFFSET 0"
"""Keeps the planner from copying the expressions of a step into every use of them."""

_UPPER = """CASE WHEN t.actual IS NULL THEN NULL
    WHEN t.direction = 'range' THEN CASE WHEN t.actual < t.low THEN greatest(t.actual, 0)
        WHEN t.actual > t.high THEN greatest(t.high, 0)
        WHEN t.actual BETWEEN t.low AND t.high THEN 1 END
    WHEN t.agreed <= 0 OR t.agreed IS NULL THEN NULL
    WHEN t.direction = 'lower' THEN CASE WHEN t.actual <= 0 THEN 1 ELSE t.agreed END
    ELSE greatest(t.actual, 0) END"""
"""The numerator of an attainment, null where it cannot be told."""

_UNDER = """CASE WHEN t.direction = 'range' THEN CASE WHEN t.actual < t.low THEN t.low
        WHEN t.actual > t.high THEN t.actual ELSE 1 END
    WHEN t.direction = 'lower' THEN CASE WHEN t.actual <= 0 THEN 1 ELSE t.actual END
    ELSE t.agreed END"""
"""The denominator of an attainment."""


def _number(value: str) -> str:
    """Give a JSON text as a number; a range or a missing value is none."""
    return f"CASE WHEN jsonb_typeof({value}) = 'string' THEN ({value} #>> '{{}}')::numeric END"


def _rules(evaluation: str) -> str:
    """Select the rules of the policy that an evaluation is judged under."""
    return f"""SELECT p.rules FROM read.policies p WHERE p.policy = {evaluation}.policy
        AND p.policy_kind = 'post-evaluation' AND {believed("p")}
        ORDER BY p.order_key DESC LIMIT 1"""


def _codes(evaluation: str) -> str:
    """Select what is evaluated: what was agreed by its own account, else by all agreements."""
    return f"""SELECT jsonb_object_keys({evaluation}.agreed) AS code
        UNION SELECT jsonb_object_keys(g.indicators) FROM read.agreements g
        WHERE {evaluation}.agreed = '{{}}' AND {_in_force(evaluation)}"""


def _in_force(evaluation: str) -> str:
    """Give the condition that an agreement `g` was in force on the day of an evaluation."""
    return (
        f"g.project = {evaluation}.project AND {believed('g')}"
        f" AND g.day_to <= {evaluation}.completed AND NOT EXISTS (SELECT FROM read.agreements l"
        " WHERE l.project = g.project AND l.agreement_id = g.agreement_id"
        " AND l.version IS NOT NULL"
        f" AND l.order_key > g.order_key AND {believed('l')}"
        f" AND l.day_to <= {evaluation}.completed)"
    )


def _terms(evaluation: str) -> str:
    """Select one row an indicator: what the evaluation says, completed by the agreement."""
    given = f"coalesce({evaluation}.agreed -> k.code, '{{}}')"
    delivered = f"{evaluation}.actual -> k.code -> 'value'"
    return f"""SELECT k.code, c.position AS agreed_from, c.term ->> 'unit' AS unit,
            {_number("c.wanted")} AS agreed, {_number("c.wanted -> 'min'")} AS low,
            {_number("c.wanted -> 'max'")} AS high, {_number(delivered)} AS actual,
            coalesce(c.term ->> 'direction', CASE
                WHEN jsonb_typeof(c.wanted) = 'object' THEN 'range'
                WHEN k.code IN ({_LOWER}) THEN 'lower' ELSE 'higher' END) AS direction,
            coalesce(c.term ->> 'weight', r.rules -> 'weights' ->> k.code,
                r.rules ->> 'default_weight')::numeric AS weight,
            ({evaluation}.scores -> k.code ->> 'points')::numeric AS recorded, r.rules
        FROM ({_codes(evaluation)}) k LEFT JOIN LATERAL ({_rules(evaluation)}) r ON true
        LEFT JOIN LATERAL (SELECT g.position, g.indicators -> k.code AS term
            FROM read.agreements g
            WHERE {_in_force(evaluation)} AND g.indicators -> k.code IS NOT NULL
            ORDER BY g.order_key DESC LIMIT 1) a ON true
        CROSS JOIN LATERAL (SELECT a.position, m.term,
                coalesce(m.term -> 'value', m.term -> 'target') AS wanted
            FROM (SELECT coalesce(a.term, '{{}}') || {given} AS term) m {_FENCE}) c {_FENCE}"""


def ratios(evaluation: str) -> str:
    """Add the uncapped attainment and, as `upper` over `under`, the one capped by the policy."""
    cap = "(a.rules ->> 'cap')::numeric"
    capped = f"a.attained > {cap} * nullif(a.wanted, 0)"
    return f"""SELECT a.*, CASE WHEN a.wanted <> 0 THEN
                CASE WHEN {capped} THEN {cap} ELSE a.attained END END AS upper,
            CASE WHEN {capped} THEN 1 ELSE a.wanted END AS under
        FROM (SELECT t.*, {_UPPER} AS attained, {_UNDER} AS wanted
            FROM ({_terms(evaluation)}) t {_FENCE}) a {_FENCE}"""


def _peers(evaluation: str) -> str:
    """Give the mean capped attainment of other projects at the same checkpoint."""
    return f"""(SELECT round(sum({cut("i.upper", "nullif(i.under, 0)")}) / count(i.upper), 25)
        FROM (SELECT o.project, o.day_to AS completed, o.agreed, o.actual, o.scores,
                {evaluation}.policy AS policy FROM read.evaluations o
            WHERE o.checkpoint = {evaluation}.checkpoint AND o.project <> {evaluation}.project
                AND {seen("o")}) peer
        CROSS JOIN LATERAL ({ratios("peer")}) i WHERE i.code = s.code)"""


def scored(evaluation: str) -> str:
    """Select all indicators of an evaluation with their points under its policy.

    A missing actual value counts nothing, is left out or takes the mean of its peers, as the policy
    says; an indicator of which nothing above zero was agreed is left out. Without a policy there
    are no points.
    """
    left_out = "s.actual IS NOT NULL OR s.rules ->> 'missing' = 'excluded'"
    share = f"""CASE WHEN s.rules IS NULL THEN NULL WHEN s.upper IS NOT NULL THEN s.upper
        WHEN {left_out} THEN NULL WHEN s.rules ->> 'missing' = 'zero' THEN 0
        ELSE {_peers(evaluation)} END"""
    return f"""SELECT w.*, sum(w.weight) FILTER (WHERE w.share IS NOT NULL) OVER () AS weights
        FROM (SELECT s.*, {share} AS share,
                CASE WHEN s.upper IS NULL THEN 1 ELSE s.under END AS share_under
            FROM ({ratios(evaluation)}) s) w"""


def points(indicator: str, digits: str) -> str:
    """Give the points of a scored indicator, out of 100 over all of them."""
    return half_up(
        f"({indicator}.weight * {indicator}.share * 100)",
        f"({indicator}.share_under * {indicator}.weights)",
        digits,
    )


def total(evaluation: str) -> str:
    """Select the total under the policy of an evaluation and the grade it reaches."""
    exact = cut("(i.weight * i.share * 100)", "nullif(i.share_under * i.weights, 0)")
    # The cut digits are far behind the rounded ones; rounding in between restores a true tie.
    return f"""SELECT t.total, coalesce((
            SELECT g.step ->> 'grade' FROM jsonb_array_elements(t.rules -> 'grades')
                WITH ORDINALITY AS g (step, place)
            WHERE t.total >= (g.step ->> 'at_least')::numeric ORDER BY g.place LIMIT 1),
            t.rules -> 'grades' -> -1 ->> 'grade') AS grade
        FROM (SELECT round(round(sum({exact}), 25), {TOTAL_DIGITS}) AS total,
                (array_agg(i.rules))[1] AS rules
            FROM ({scored(evaluation)}) i) t WHERE t.total IS NOT NULL"""
