"""Say in SQL from which day to which day every node is reached.

`eras (n, next_day)` names the questions that begin an era of a project: the days in which nothing
is first seen but marks and plans. The marks are followed here through an era, each from the day on
which it is seen. The first mark in fold order reaches a node; one that is seen later takes its
place only if it comes before it in fold order, as one with a coarser date may.
"""

from typing import Final

from projections.judging.node_states import ANYBODY, issued, marked

_SEEN = "greatest({}.day_to, s.day) AS seen_on"
_PERMIT = f"s.order_key, s.day_to AS done_on, s.occurred_on, {_SEEN.format('s')}"
_MARK = f"l.order_key, l.day_to AS done_on, l.occurred_on, {_SEEN.format('l')}"


def _first_so_far(what: str, by: str) -> str:
    """Select the rows of `what` that are the first in fold order, by the key `by`, once seen."""
    return f"""SELECT f.* FROM (
            SELECT w.*, min(w.order_key) OVER (PARTITION BY {by} ORDER BY w.seen_on, w.order_key
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
            FROM {what} w) f
        WHERE f.before IS NULL OR f.order_key < f.before"""


_COMPLETED = f"""firsts AS MATERIALIZED (
    SELECT o.*, lead(o.seen_on) OVER (PARTITION BY o.key, o.kind ORDER BY o.seen_on) AS seen_to
    FROM ({_first_so_far("issued", "w.key, w.kind")}) o),
filled AS (
    SELECT k.key, max(k.seen_on) AS since FROM (
        SELECT f.key, f.kind, f.kinds, min(f.seen_on) AS seen_on FROM firsts f GROUP BY 1, 2, 3) k
    GROUP BY k.key, k.kinds HAVING count(*) = k.kinds),
completed AS (
    SELECT t.key, t.day, max(ARRAY[f.order_key, f.occurred_on, f.done_on::text]) AS first
    FROM (SELECT DISTINCT f.key, greatest(f.seen_on, c.since) AS day
        FROM filled c JOIN firsts f ON f.key = c.key) t
    JOIN firsts f ON f.key = t.key AND f.seen_on <= t.day
        AND (f.seen_to > t.day OR f.seen_to IS NULL)
    GROUP BY t.key, t.day)"""

_COMPLETED_MARK = """SELECT c.key, true, c.first[1], c.first[3]::date, c.first[2], c.day
        FROM completed c"""

REACHED: Final = f"""reached AS MATERIALIZED (
    WITH ruled AS (
        SELECT r.n, r.project, r.district, r.day, r.first_phase, e.next_day - 1 AS cut
        FROM ruled r JOIN eras e ON e.n = r.n),
    {issued(ANYBODY, _PERMIT)},
    {_COMPLETED},
    marked AS (
        SELECT m.*, min(m.seen_on) FILTER (WHERE m.own) OVER (PARTITION BY m.key) AS own_since
        FROM ({marked(_MARK, _COMPLETED_MARK)}) m)
    SELECT r.key, r.done_on, r.occurred_on AS actual, r.seen_on AS day, r.own_since,
        coalesce(lead(r.seen_on) OVER (PARTITION BY r.key ORDER BY r.seen_on),
            'infinity') AS next_day
    FROM ({_first_so_far("marked", "w.key")}) r)"""
"""When nodes are reached, with keys of eras: `reached (key, done_on, actual, day, next_day, …)`.

`own_since` says since when by a mark of their own phase, if ever. The last `next_day` is open: what
was reached stays so until the era ends.
"""
