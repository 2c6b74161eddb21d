"""Judge in SQL the order of facts, as `domain.order` does, from the same `RULES`.

Each rule is a row of data here: which marks are earlier and later, where it applies, how grave it
is. Exemptions are looked for only where a rule is not kept.
"""

from domain.industry import FIRST_DIVISION, INDUSTRIAL_SECTIONS, LAST_DIVISION
from domain.order import OWN_LAND, STAGES
from domain.order_rules import RULES, Moment, OrderRule, Result
from projections.judging.phase_states import MARKS, PHASES
from projections.judging.reach import whole
from projections.terms.seen import believed, quoted


def _patterns(moment: Moment) -> str:
    """Write the details that a moment allows as patterns of LIKE, null where all are allowed."""
    if not moment.details:
        return "NULL::text[]"
    escaped = (detail.replace("_", r"\_").replace("*", "%") for detail in moment.details)
    return f"ARRAY[{', '.join(map(quoted, escaped))}]"


def _row(rule: OrderRule) -> str:
    """Write one rule as a row of values."""
    words = (rule.earlier.words, rule.later.words)
    texts = (rule.id, rule.severity, rule.scope, rule.earlier.mark, rule.later.mark)
    told = (text for pair in words for text in (pair.zh, pair.en))
    literals = ", ".join(quoted(text) for text in (*texts, *told))
    return f"({literals}, {_patterns(rule.earlier)}, {_patterns(rule.later)})"


_RULES = f"""(VALUES {", ".join(map(_row, RULES))}) AS r (rule, severity, scope, earlier, later,
    earlier_zh, earlier_en, later_zh, later_en, earlier_details, later_details)"""

_ASKED = sorted({moment.mark for rule in RULES for moment in (rule.earlier, rule.later)})
_REPORTED = "investment_reported"

# Of reports, of which there are many, only the first can make a case; none comes before anything.
assert all(rule.earlier.mark != _REPORTED for rule in RULES)
_ALL_MARKS = f"""ordered AS (
    SELECT m.n, m.mark, m.phase_id, m.detail, m.occurred_on, m.day_from, m.day_to, m.order_key,
        m.position FROM marks m WHERE m.mark IN ({", ".join(map(quoted, _ASKED))})
    UNION ALL
    SELECT s.n, 'listed', l.phase_id, NULL, l.occurred_on, l.day_from, l.day_to, l.order_key,
        l.position FROM scope s JOIN read.listings l ON l.project = s.project
    WHERE l.act = 'listed' AND {believed("l")} AND l.day_to <= s.cut
    UNION ALL
    (SELECT DISTINCT ON (s.n, l.phase_id) s.n, '{_REPORTED}', l.phase_id, NULL, l.occurred_on,
        l.day_from, l.day_to, l.order_key, l.position
    FROM scope s JOIN read.investments l ON l.project = s.project
    WHERE NOT l.passed AND {believed("l")} AND l.day_to <= s.cut
    ORDER BY s.n, l.phase_id, l.order_key))"""

_CASE = """c.n, c.project, c.cut, c.first_phase, c.rule, c.phase_id, c.later_detail, c.later_on,
    c.later_from, c.later_to, c.later_position"""
_TOLD = "r.severity, r.earlier_zh, r.earlier_en, r.later_zh, r.later_en"

# Cases are judged in the join that finds their earlier facts. Joined to its own results they would
# be compared pair by pair, since the planner cannot know how many there are.
_CASES = f"""rules AS (SELECT r.* FROM {_RULES} WHERE {{rule}}),
cases AS (
    SELECT DISTINCT ON (s.n, r.rule, c.phase_id) s.n, s.project, s.cut, s.first_phase, r.rule,
        c.phase_id, m.detail AS later_detail, m.occurred_on AS later_on, m.day_from AS later_from,
        m.day_to AS later_to, m.position AS later_position
    FROM ordered m JOIN rules r ON r.later = m.mark
        AND (r.later_details IS NULL OR coalesce(m.detail, '') LIKE ANY (r.later_details))
    JOIN placed s ON s.n = m.n
    CROSS JOIN LATERAL (SELECT CASE r.scope WHEN 'phase'
        THEN coalesce(m.phase_id, s.first_phase) END AS phase_id) c
    ORDER BY s.n, r.rule, c.phase_id, m.order_key),
judged AS (
    SELECT e.*, {_TOLD}, e.first[2] AS earlier_on, e.first[3]::bigint AS earlier_position, CASE
        WHEN e.first IS NULL THEN '{Result.MISSING_PREDECESSOR}' WHEN e.kept THEN '{Result.OK}'
        WHEN e.broken THEN '{Result.VIOLATED}' ELSE '{Result.UNDECIDABLE}' END AS result
    FROM (SELECT {_CASE}, bool_or(m.day_to <= c.later_from) AS kept,
            bool_and(m.day_from > c.later_to) AS broken,
            min(ARRAY[m.order_key, m.occurred_on, m.position::text]) FILTER (WHERE m.n IS NOT NULL)
                AS first
        FROM cases c JOIN rules r ON r.rule = c.rule
        LEFT JOIN ordered m ON m.n = c.n AND m.mark = r.earlier
            AND (r.earlier_details IS NULL OR coalesce(m.detail, '') LIKE ANY (r.earlier_details))
            AND (c.phase_id IS NULL OR coalesce(m.phase_id, c.phase_id) = c.phase_id)
        GROUP BY {_CASE}) e JOIN rules r ON r.rule = e.rule)"""

# Where a case has no phase, marks of all phases are looked at, as in `domain.order`.
_MINE = f"""m.project = j.project AND {believed("m")} AND m.day_to <= j.cut
    AND (j.phase_id IS NULL OR coalesce(m.phase_id, j.phase_id) = j.phase_id)"""


def _marked(mark: str, more: str = "true") -> str:
    """Give the condition that the case has a mark."""
    return f"EXISTS (SELECT 1 FROM read.lifecycle m WHERE {_MINE} AND m.mark = '{mark}' AND {more})"


def _among(names: frozenset[str]) -> str:
    return f"({', '.join(quoted(name) for name in sorted(names))})"


_EXISTING = f"""({_marked("premises_secured")} OR coalesce((
    SELECT p.uses_existing_premises FROM read.phases p WHERE p.project = j.project
        AND p.phase_id = coalesce(j.phase_id, j.first_phase) AND {believed("p")}
        AND p.day_to <= j.cut ORDER BY p.order_key DESC LIMIT 1), false))"""
_FIRST_SIGNED = f"""(SELECT m.day_from FROM read.lifecycle m WHERE {_MINE}
    AND m.mark = 'signed' ORDER BY m.order_key LIMIT 1)"""
_INDUSTRY = f"""(SELECT m.industry FROM read.projects m WHERE m.project = j.project
    AND {believed("m")} AND m.day_to <= j.cut ORDER BY m.order_key DESC LIMIT 1)"""

EXCUSES = {
    "assessment-first": _marked("pre_assessed", f"m.day_to <= {_FIRST_SIGNED}"),
    "existing-premises": _EXISTING,
    "own-land": _marked("premises_secured", f"m.detail IN {_among(OWN_LAND)}"),
    "equipment-only": f"({_EXISTING} AND NOT {_marked('land_awarded')})",
    "non-industrial": f"""(SELECT CASE WHEN i.code ~ '^[A-Za-z]'
        THEN left(i.code, 1) NOT IN {_among(INDUSTRIAL_SECTIONS)}
        ELSE left(i.code, 2) NOT BETWEEN '{FIRST_DIVISION}' AND '{LAST_DIVISION}' END
        FROM (SELECT {_INDUSTRY} COLLATE "C" AS code) i)""",
    "staged-permit": f"""(j.later_detail = 'staged-permit'
        OR {_marked("construction_permit", f"m.stage IN {_among(STAGES)}")})""",
    "below-threshold": "j.later_detail = 'filing'",
    "unit-acceptance": _marked(
        "completion_accepted", "m.detail = 'unit' AND m.day_to <= j.later_from"
    ),
    "trial-production": _marked("trial_production", "m.day_to <= j.later_from"),
}
"""When each exemption applies to a judged case `j`, as in `domain.order.EXCUSES`."""


def _excuse(rule: OrderRule) -> str:
    """Try the exemptions of a rule in their order."""
    tried = " ".join(f"WHEN {EXCUSES[code]} THEN '{code}'" for code in rule.exemptions)
    return f"WHEN '{rule.id}' THEN CASE {tried} END"


EXEMPTION = f"""CASE WHEN j.result <> '{Result.OK}' THEN CASE j.rule
    {" ".join(_excuse(rule) for rule in RULES if rule.exemptions)} END END"""
"""The code of the exemption that excuses a judged case `j`, or null."""


def cases_of(scope: str, rule: str = "true") -> str:
    """Give the expressions from a scope to `judged`, a row a case; `rule` narrows the rules `r`.

    The scope says which projects may be seen; of these every fact is looked at.
    """
    judged = whole(f"{MARKS}, {PHASES}, {_ALL_MARKS}, {_CASES.format(rule=rule)}")
    return f"scope AS ({scope}), {judged}"
