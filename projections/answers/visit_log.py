"""Visits on the spot (现场办公): of one project, and week by week over a region."""

from projections.answers.joint_reviews import held
from projections.judging.service_places import between, in_places
from projections.terms.periods import periods
from projections.terms.persons import name_of
from projections.terms.relation import Arguments, Field, Many, One, Page, Relation, Value
from projections.terms.seen import seen


def _of_project(_: Arguments) -> str:
    """Select the visits to the parent project, each as last told."""
    return f"""SELECT DISTINCT ON (v.visit_id) v.* FROM read.visits v
        WHERE v.stream = 'project/' || $parent.id AND {seen("v")}
        ORDER BY v.visit_id, v.order_key DESC"""


def _officers(_: Arguments) -> str:
    """Give the officers of a visit in their order."""
    return f"""SELECT u.officer AS id, {name_of("u.officer")} AS name, NULL::text AS org,
            NULL::text AS role, u.place
        FROM unnest($parent.officers) WITH ORDINALITY AS u (officer, place)"""


SITE_VISIT = Relation(
    "SiteVisit",
    row={
        "visit_id": "text",
        "occurred_on": "text",
        "order_key": "text",
        "team": "text",
        "officers": "text[]",
        "topics": "text[]",
        "requests": "text[]",
    },
    fields={
        "id": Value("$self.visit_id", "id"),
        "on": Value("$self.occurred_on", "flexdate"),
        "team": Value("$self.team", "text"),
        "officers": Many("Actor", _officers, "$self.place"),
        "topics": Value("$self.topics", "texts"),
        "requests_raised": Value("$self.requests", "texts"),
    },
)


def _log(arguments: Arguments) -> str:
    """Count visits and meetings in every period from the first to the last of them."""
    given = str(arguments.choice("every")).lower() if arguments.given("every") else "weekly"
    every = f"'{given.replace('_', '-')}'"
    visits = f"""SELECT DISTINCT ON (v.stream, v.visit_id) v.* FROM read.visits v
        WHERE {seen("v")} AND {between("v.day_to", arguments)}
            AND {in_places("v.stream", "v.district", arguments)}
        ORDER BY v.stream, v.visit_id, v.order_key DESC"""
    return f"""WITH visits AS MATERIALIZED ({visits}),
        meetings AS MATERIALIZED ({held(arguments, between("v.day_to", arguments))}),
        span AS (SELECT min(d.day) AS since, max(d.day) AS until FROM (
            SELECT v.day_to FROM visits v UNION ALL SELECT m.day_to FROM meetings m) d (day))
        SELECT p.first, p.last,
            (SELECT count(*) FROM meetings m WHERE m.day_to BETWEEN p.first AND p.last) AS reviews,
            w.visits, w.places, w.officers, w.topics
        FROM span s CROSS JOIN LATERAL ({periods(every, "s.since", "s.until")}) p
        CROSS JOIN LATERAL (SELECT count(DISTINCT (v.stream, v.visit_id)) AS visits,
                count(DISTINCT v.stream) AS places,
                count(DISTINCT coalesce({name_of("o.officer")}, o.officer)) AS officers,
                coalesce(array_agg(DISTINCT t.topic COLLATE "C")
                    FILTER (WHERE t.topic IS NOT NULL), '{{}}') AS topics
            FROM visits v CROSS JOIN LATERAL unnest(v.officers) AS o (officer)
            LEFT JOIN LATERAL unnest(v.topics) AS t (topic) ON true
            WHERE v.day_to BETWEEN p.first AND p.last) w"""


DISPATCH_LOG_ENTRY = Relation(
    "DispatchLogEntry",
    row={
        "first": "date",
        "last": "date",
        **dict.fromkeys(("visits", "places", "officers", "reviews"), "bigint"),
        "topics": "text[]",
    },
    fields={
        "from": Value("$self.first", "date"),
        "to": Value("$self.last", "date"),
        "visits": Value("$self.visits", "int"),
        "visited": Value("$self.places", "int"),
        "officers": Value("$self.officers", "int"),
        "reviews": Value("$self.reviews", "int"),
        "topics": Value("$self.topics", "texts"),
    },
)

RELATIONS = (SITE_VISIT, DISPATCH_LOG_ENTRY)
PROJECT_FIELDS: dict[str, Field] = {"visits": Many("SiteVisit", _of_project, "$self.order_key")}
ROOTS: dict[str, One | Many | Page] = {
    "dispatch_log": Many("DispatchLogEntry", _log, "$self.first"),
}
