"""Find in SQL plots that were awarded to a project while another one held them."""

from domain.contradictions import HELD_TWICE
from projections.terms.seen import believed, seen_of
from projections.views.identities import called


def _visible(alias: str) -> str:
    """Give the condition that a row of any project is seen on the day of the scope `s`."""
    return f"{believed(alias)} AND {alias}.day_to <= s.cut"


_NAMES = f"""SELECT w.name UNION ALL SELECT i.absorbed FROM read.identities i
    WHERE i.keep = w.name AND i.subject_kind = 'parcel' AND {believed("i")}"""
_AWARDS = f"""scope s CROSS JOIN LATERAL (
        SELECT l.*, {called("l.parcel", "parcel")} AS name FROM read.land l
        WHERE {seen_of("l")} AND l.act = 'awarded' OFFSET 0) w"""

SHARED_PLOTS = """SELECT w.project FROM read.land w WHERE w.act = 'awarded' AND (
    w.parcel IN (SELECT o.parcel FROM read.land o WHERE o.act = 'awarded'
        GROUP BY o.parcel HAVING min(o.project) <> max(o.project))
    OR w.parcel IN (SELECT n.name FROM read.identities i
        CROSS JOIN LATERAL (VALUES (i.keep), (i.absorbed)) AS n (name)
        WHERE i.subject_kind = 'parcel'))"""
"""Selects the projects that were ever awarded a plot that another one was awarded too, perhaps
under another name."""

# A holder lets go of a plot by giving it back, by having it taken, or by coming to its end.
TWO_HOLDERS = f"""SELECT s.project, '{HELD_TWICE.id}', w.phase_id, ARRAY[o.position, w.position]
    FROM {_AWARDS}
    JOIN read.land o ON o.parcel IN ({_NAMES}) AND o.act = 'awarded'
        AND o.project <> w.project AND {_visible("o")}
        AND (o.order_key, o.position) < (w.order_key, w.position)
    WHERE NOT EXISTS (SELECT FROM read.land r WHERE r.parcel IN ({_NAMES}) AND {_visible("r")}
            AND r.act IN ('resumed', 'returned')
            AND r.order_key BETWEEN o.order_key AND w.order_key)
        AND NOT EXISTS (SELECT FROM read.lifecycle e WHERE e.project = o.project
            AND e.mark IN ('terminated', 'withdrawn') AND {_visible("e")}
            AND e.order_key < w.order_key)"""
"""Selects (project, rule, phase_id, positions): the award before, and the one of the project."""
