"""What became of requests in SQL, as `domain.requests` defines it.

A scope is a SELECT of (stream, request_id); the rules of one policy judge all of its requests.
"""

from projections.judging.reach import whole
from projections.terms.calendar import shifted
from projections.terms.seen import seen


def _nth(act: str, order: str, also: str = "true") -> str:
    """Give the first step of a kind in an order, with all of its columns."""
    return (
        f"(array_agg(t.step ORDER BY t.order_key {order})"
        f" FILTER (WHERE t.act = '{act}' AND {also}))[1]"
    )


_FOLDED = f"""SELECT t.n,
        {_nth("received", "ASC")} AS first_receipt,
        {_nth("received", "DESC")} AS receipt,
        {_nth("dispatched", "ASC")} AS first_dispatch,
        {_nth("dispatched", "DESC")} AS dispatch,
        count(DISTINCT t.department) AS departments,
        {_nth("answered", "DESC")} AS answer,
        {_nth("followed_up", "DESC", "t.satisfied <> 'unreached'")} AS word,
        max(t.order_key) FILTER (WHERE t.reopened) AS reopened_key,
        1 + count(*) FILTER (WHERE t.reopened) AS rounds,
        bool_or(t.act = 'followed_up') AS followed_up
    FROM told t GROUP BY t.n"""

_SPREAD = """SELECT (f.first_receipt).at AS received_at,
        (f.first_receipt).day_to AS received_to, (f.receipt).category, (f.receipt).channel,
        (f.first_dispatch).at AS dispatched_at, f.departments, (f.dispatch).due_at,
        (f.dispatch).due_to, (f.answer).order_key AS answered_key, (f.answer).outcome,
        (f.answer).at AS answered_at, (f.answer).day_from AS answered_from,
        (f.answer).day_to AS answered_to, f.reopened_key, (f.word).order_key AS reached_key,
        (f.word).satisfied, (f.word).solved AS said, f.followed_up{}
    FROM folded f WHERE {}"""

_DETAILS = """, (f.first_receipt).stream, (f.first_receipt).request_id,
        (f.first_receipt).occurred_on AS received_on, (f.receipt).enterprise, (f.receipt).urgency,
        (f.dispatch).department, (f.first_dispatch).occurred_on AS dispatched_on,
        (f.answer).occurred_on AS answered_on, f.rounds"""
"""What a list of requests shows and a count of them does not need."""

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
    FROM spread f CROSS JOIN rules LEFT JOIN LATERAL (
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


def judged(scope: str, rules: str, wanted: str, *, detailed: bool = False) -> str:
    """Give the expressions from a scope to `judged`, one row a request, after WITH.

    `rules` selects one row (policy, rules); `wanted` is a condition on the folded request (`f`). A
    scope that the planner can count is read in one go, which the first receipt of each is not. Of
    a request in the scope all steps count, whatever place they state.
    """
    return f"""rules AS MATERIALIZED ({rules}),
        scope AS MATERIALIZED (SELECT row_number() OVER () AS n, w.* FROM ({scope}) w),
        told AS (SELECT s.n, q.act, q.order_key, q.department, q.satisfied,
                q.reopened, q AS step
            FROM scope s JOIN {whole("read.requests")} q
            ON q.stream = s.stream AND q.request_id = s.request_id WHERE {seen("q")}),
        folded AS ({_FOLDED}), spread AS ({_SPREAD.format(_DETAILS if detailed else "", wanted)}),
        clocked AS MATERIALIZED ({_CLOCKED}), judged AS MATERIALIZED ({_JUDGED})"""
