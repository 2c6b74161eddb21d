"""Find in SQL the most permits issued together, as `domain.permit_burst` defines it."""

from projections.terms.policy_choice import chosen
from projections.terms.relation import Arguments, Relation, Value
from projections.terms.seen import last_seen, seen


def permit_burst(_: Arguments) -> str:
    """Select the best window of the parent project's permits under the policy of the judged day."""
    district = last_seen("projects", "district", "$parent.id")
    return f"""WITH rules AS (
            SELECT c.rules, (c.rules ->> 'window_days')::integer AS days
            FROM ({chosen("permit-set", district, "$on", "p.policy, p.rules")}) c),
        issued AS (
            SELECT p.day_to AS day, k.kind, k.place FROM rules r
            CROSS JOIN LATERAL jsonb_array_elements_text(r.rules -> 'kinds')
                WITH ORDINALITY AS k (kind, place)
            JOIN read.permits p ON p.permit_kind = k.kind
            WHERE p.project = $parent.id AND p.status IS NULL AND p.day_from = p.day_to
                AND {seen("p")}),
        windows AS (
            SELECT s.start, count(DISTINCT i.kind)::integer AS count, max(i.day) AS last
            FROM rules r CROSS JOIN (SELECT DISTINCT day AS start FROM issued) s
            JOIN issued i ON i.day BETWEEN s.start AND s.start + r.days
            GROUP BY s.start ORDER BY 2 DESC, 1 LIMIT 1)
        SELECT w.last AS day, w.count,
            (SELECT array_agg(k.kind ORDER BY k.place) FROM (
                SELECT i.kind, min(i.place) AS place FROM issued i
                WHERE i.day BETWEEN w.start AND w.start + r.days GROUP BY i.kind) k) AS kinds,
            CASE WHEN w.count >= (r.rules ->> 'at_least')::integer
                THEN r.rules ->> 'name' END AS set_name
        FROM windows w CROSS JOIN rules r"""


PERMIT_BURST = Relation(
    "PermitBurst",
    row={"day": "date", "count": "integer", "kinds": "text[]", "set_name": "text"},
    fields={
        "on": Value("$self.day", "date"),
        "count": Value("$self.count", "int"),
        "kinds": Value("$self.kinds", "texts"),
        "set": Value("$self.set_name", "text"),
    },
)

RELATIONS = (PERMIT_BURST,)
