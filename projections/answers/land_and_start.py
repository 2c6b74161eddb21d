"""The projects that started as soon as they had their land, as `domain.land_and_start` says."""

from projections.judging.phase_states import PHASES
from projections.judging.project_scope import numbered
from projections.spans.lives import lives
from projections.terms.calendar import workdays_between
from projections.terms.policy_choice import chosen
from projections.terms.relation import Arguments, Many, One, Page, Relation
from projections.terms.seen import believed, seen

_LANDED = f"""FROM read.lifecycle l WHERE l.mark IN ('land_awarded', 'land_delivered')
    AND l.day_to BETWEEN make_date({{year}}, 1, 1) AND make_date({{year}}, 12, 31)
    AND {seen("l")}"""


def _land_and_start(arguments: Arguments) -> str:
    """Select the projects with a landing in the year that was surely followed in time.

    Each landing is judged under the policy of its own date.
    """
    year = arguments.bind("year", "integer")
    limit = "c.within_workdays"
    if arguments.given("within_workdays"):
        limit = arguments.bind("within_workdays", "integer")
    # The phases of projects without land in that year need not be known.
    landed = _LANDED.format(year=year)
    projects = f"""SELECT r.project, r.district FROM ({lives(arguments, "region")}) r
        WHERE r.project IN (SELECT l.project {landed})"""
    rules = chosen(
        "land-and-start",
        "d.district",
        "d.day_to",
        "p.rules ->> 'since' AS since, p.rules ->> 'until' AS until,"
        " (p.rules ->> 'within_workdays')::integer AS within_workdays",
    )
    return f"""WITH scope AS ({numbered(projects)}), {PHASES},
        landings AS MATERIALIZED (
            SELECT s.n, s.project, s.district, s.cut, s.first_phase, l.mark, l.day_from, l.day_to,
                coalesce(l.phase_id, s.first_phase) AS phase_id
            FROM placed s JOIN (SELECT l.* {landed}) l ON l.project = s.project),
        ruled AS MATERIALIZED (
            SELECT d.district, d.day_to, c.*
            FROM (SELECT DISTINCT l.district, l.day_to FROM landings l) d
            CROSS JOIN LATERAL ({rules}) c)
        SELECT DISTINCT l.project AS id, '' AS sort_up, '' AS sort_down
        FROM landings l JOIN ruled c ON c.district = l.district AND c.day_to = l.day_to
        JOIN read.lifecycle u ON u.project = l.project AND u.mark = c.until
        WHERE l.mark = c.since AND {believed("u")} AND u.day_to <= l.cut
            AND coalesce(u.phase_id, l.first_phase) = l.phase_id AND u.day_from >= l.day_to
            AND {workdays_between("l.day_from", "u.day_to")} <= {limit}"""


RELATIONS: tuple[Relation, ...] = ()
ROOTS: dict[str, One | Many | Page] = {
    "land_and_start": Page(
        "Project", _land_and_start, ("sort_up", "-sort_down", "id"), is_dear=True
    )
}
