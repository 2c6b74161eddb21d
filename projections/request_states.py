"""What became of requests in SQL, as `domain.requests` defines it.

A scope is a SELECT of (stream, request_id); the rules of one policy judge all of its requests.
"""

from projections.calendar import shifted
from projections.seen import seen


def _nth(column: str, act: str, order: str, also: str = "true") -> str:
    """Give the value of a column in the first step of a kind, in an order."""
    return (
        f"(array_agg(t.{column} ORDER BY t.order_key {order})"
        f" FILTER (WHERE t.act = '{act}' AND {also}))[1]"
    )


_REACHED = "t.satisfied <> 'unreached'"

_FOLDED = f"""SELECT t.stream, t.request_id,
        {_nth("at", "received", "ASC")} AS received_at,
        {_nth("day_to", "received", "ASC")} AS received_to,
        {_nth("category", "received", "DESC")} AS category,
        {_nth("channel", "received", "DESC")} AS channel,
        {_nth("at", "dispatched", "ASC")} AS dispatched_at,
        count(DISTINCT t.department) FILTER (WHERE t.act = 'dispatched') AS departments,
        {_nth("due_at", "dispatched", "DESC")} AS due_at,
        {_nth("due_to", "dispatched", "DESC")} AS due_to,
        max(t.order_key) FILTER (WHERE t.act = 'answered') AS answered_key,
        {_nth("outcome", "answered", "DESC")} AS outcome,
        {_nth("at", "answered", "DESC")} AS answered_at,
        {_nth("day_from", "answered", "DESC")} AS answered_from,
        {_nth("day_to", "answered", "DESC")} AS answered_to,
        max(t.order_key) FILTER (WHERE t.reopened) AS reopened_key,
        max(t.order_key) FILTER (WHERE {_REACHED}) AS reached_key,
        {_nth("satisfied", "followed_up", "DESC", _REACHED)} AS satisfied,
        {_nth("solved", "followed_up", "DESC", _REACHED)} AS said,
        bool_or(t.act = 'followed_up') AS followed_up
    FROM told t GROUP BY t.stream, t.request_id"""

_CLOCKED = f"""SELECT f.*, w.clock, (w.clock ->> 'sign_hours')::integer AS sign_hours,
        f.due_to IS NOT NULL OR w.clock IS NOT NULL AS has_due,
        coalesce(f.due_to, {
    shifted(
        "f.received_to",
        "(w.clock ->> 'resolve_days')::integer",
        "(w.clock ->> 'count_days' = 'work')",
    )
}) AS due_day,
        f.answered_key IS NOT NULL
            AND coalesce(f.reopened_key < f.answered_key, true) AS closed
    FROM folded f CROSS JOIN rules LEFT JOIN LATERAL (
        SELECT k.clock FROM jsonb_array_elements(rules.rules -> 'clock') AS k (clock)
        WHERE k.clock ->> 'category' IN (f.category, '*')
        ORDER BY k.clock ->> 'category' = '*' LIMIT 1) w ON true"""

_KEPT = """CASE WHEN c.due_at IS NOT NULL AND c.answered_at IS NOT NULL
        THEN c.answered_at <= c.due_at
    WHEN c.due_at IS NOT NULL AND c.due_day BETWEEN c.answered_from AND c.answered_to THEN NULL
    WHEN c.answered_to <= c.due_day THEN true WHEN c.answered_from > c.due_day THEN false END"""

_OVER = """CASE WHEN c.due_day IS NOT NULL THEN c.due_day < $on
    ELSE NOT EXISTS (SELECT FROM read.calendar k WHERE k.day = $on) END"""

_UNSOLVED = "coalesce(c.reached_key > c.answered_key AND c.said = 'no', false)"


def _seconds(since: str, until: str) -> str:
    """Give the seconds between two moments, null where one is not known or they are reversed."""
    return f"CASE WHEN {until} >= {since} THEN extract(epoch FROM {until} - {since}) END"


_JUDGED = f"""SELECT c.*, c.closed AND c.outcome = 'resolved' AND NOT {_UNSOLVED} AS solved,
        NOT c.closed AND c.has_due AND NOT {_OVER} AS pending,
        CASE WHEN NOT c.has_due OR c.due_day IS NULL THEN NULL WHEN c.closed THEN {_KEPT}
            WHEN c.due_day < $on THEN false END AS in_time,
        CASE WHEN c.closed THEN {_seconds("c.received_at", "c.answered_at")} END AS seconds,
        {_seconds("c.received_at", "c.dispatched_at")} AS until_dispatch
    FROM clocked c"""


def judged(scope: str, rules: str) -> str:
    """Give the expressions from a scope to `judged`, one row a request, after WITH.

    `rules` selects one row (policy, rules).
    """
    return f"""rules AS MATERIALIZED ({rules}), scope AS MATERIALIZED ({scope}),
        told AS (SELECT q.* FROM scope s JOIN read.requests q
            ON q.stream = s.stream AND q.request_id = s.request_id WHERE {seen("q")}),
        folded AS ({_FOLDED}), clocked AS ({_CLOCKED}), judged AS MATERIALIZED ({_JUDGED})"""
