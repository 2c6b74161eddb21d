"""The requests of enterprises in one card (接诉即办): how many, how soon, how well."""

from projections.judging.request_states import judged
from projections.judging.service_places import between, in_places
from projections.terms.policy_choice import chosen
from projections.terms.quantities import half_up, ratio
from projections.terms.relation import Arguments, Field, Many, One, Page, Relation, Value
from projections.terms.seen import last_seen, seen
from projections.terms.summary_policy import rules_or_defaults, summary_policy

AN_HOUR = 3600

_FIGURES = """SELECT count(*) AS received,
        count(j.answered_key) AS answered,
        count(*) FILTER (WHERE j.closed) AS closed,
        count(*) FILTER (WHERE j.solved) AS resolved,
        count(*) FILTER (WHERE j.pending) AS pending,
        count(*) FILTER (WHERE j.has_due AND j.due_day IS NULL) AS beyond,
        count(*) FILTER (WHERE j.reopened_key IS NOT NULL) AS reopened,
        count(*) FILTER (WHERE j.in_time) AS in_time,
        count(j.in_time) AS timed,
        count(*) FILTER (WHERE j.satisfied = 'yes') AS satisfied,
        count(j.satisfied) AS asked,
        count(*) FILTER (WHERE j.followed_up AND j.answered_key IS NOT NULL) AS followed_up,
        count(*) FILTER (WHERE j.departments > 0) AS dispatched,
        count(*) FILTER (WHERE j.departments = 1) AS at_once,
        count(*) FILTER (WHERE j.until_dispatch <= j.sign_hours * 3600) AS signed,
        count(j.until_dispatch + j.sign_hours) AS to_sign,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY j.until_dispatch) AS until_dispatch,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY j.seconds) AS seconds,
        count(*) FILTER (WHERE j.closed AND j.seconds IS NULL) AS undated
    FROM judged j"""


def _parts(column: str) -> str:
    """Gather how many requests there are of each value of a column, as JSON."""
    return f"""(SELECT coalesce(jsonb_agg(to_jsonb(p)), '[]') FROM (
        SELECT j.{column} AS key, count(*) AS count, count(*) FILTER (WHERE j.solved) AS resolved
        FROM judged j GROUP BY j.{column}) p)"""


def _known(rules: str) -> str:
    """Put what the kind of policy says by itself where no policy holds."""
    return f"""SELECT k.policy, {rules_or_defaults("requests", "k.rules")} AS rules
        FROM ({rules}) k"""


def _summed(scope: str, rules: str, visits: str, wanted: str = "true") -> str:
    """Select the one row of figures over those requests of a scope that are wanted."""
    return f"""WITH {judged(scope, rules, wanted)}
        SELECT f.*, ({visits}) AS visits, {_parts("category")} AS categories,
            {_parts("channel")} AS channels, r.policy,
            r.rules ->> 'denominator' AS denominator,
            (r.rules ->> 'follow_up_percent_min')::numeric AS follow_up_min
        FROM ({_FIGURES}) f CROSS JOIN rules r"""


def asked_about(arguments: Arguments) -> tuple[str, str, str]:
    """Give scope, rules and condition of the requests first received in a span of days."""
    scope = f"""SELECT DISTINCT q.stream, q.request_id FROM read.requests q
        WHERE q.act = 'received' AND {seen("q")} AND {between("q.day_to", arguments)}
            AND {in_places("q.stream", "q.district", arguments)}"""
    rules = _known(summary_policy("requests", arguments, "region"))
    return scope, rules, between("(f.first_receipt).day_to", arguments)


def _requests(arguments: Arguments) -> str:
    """Sum the requests first received in a span of days."""
    scope, rules, first = asked_about(arguments)
    visits = f"""SELECT count(DISTINCT (v.stream, v.visit_id)) FROM read.visits v
        WHERE {seen("v")} AND {between("v.day_to", arguments)}
            AND {in_places("v.stream", "v.district", arguments)}"""
    return _summed(scope, rules, visits, first)


def _of_project(_: Arguments) -> str:
    """Sum the requests of the parent project."""
    stream = "'project/' || $parent.id"
    scope = f"""SELECT DISTINCT q.stream, q.request_id FROM read.requests q
        WHERE q.stream = {stream} AND q.act = 'received' AND {seen("q")}"""
    district = last_seen("projects", "district", "$parent.id")
    rules = f"""SELECT c.policy, c.rules FROM (SELECT) one LEFT JOIN LATERAL (
        {chosen("requests", district, "$on", "p.policy, p.rules")}) c ON true"""
    visits = f"""SELECT count(DISTINCT v.visit_id) FROM read.visits v
        WHERE v.stream = {stream} AND {seen("v")}"""
    return _summed(scope, _known(rules), visits)


def _share(numerator: str, denominator: str) -> One:
    """Link to a share that no rule chose the sides of."""
    return ratio(f"$parent.{numerator}", f"$parent.{denominator}")


def _hours(seconds: str) -> Value:
    """Show seconds as hours with two decimal places at most."""
    return Value(f"trim_scale({half_up(f'$self.{seconds}', str(AN_HOUR), '2')})", "decimal")


def _counted(column: str) -> Many:
    """Link to the counts by the values of a column."""
    return Many(
        "CategoryCount",
        lambda _: (
            f"SELECT p.key, p.count, p.resolved FROM jsonb_to_recordset($parent.{column})"
            " AS p (key text, count integer, resolved integer)"
        ),
        '$self.count DESC, $self.key COLLATE "C"',
    )


_DUE = "$parent.received - $parent.pending"
_CHOSEN = f"CASE $parent.denominator WHEN 'received' THEN $parent.received ELSE {_DUE} END"

REQUEST_STATS = Relation(
    "RequestStats",
    row={
        **dict.fromkeys(
            (
                "received",
                "answered",
                "closed",
                "resolved",
                "pending",
                "beyond",
                "reopened",
                "in_time",
                "timed",
                "satisfied",
                "asked",
                "followed_up",
                "dispatched",
                "at_once",
                "signed",
                "to_sign",
                "undated",
                "visits",
            ),
            "bigint",
        ),
        **dict.fromkeys(("until_dispatch", "seconds", "follow_up_min"), "numeric"),
        **dict.fromkeys(("categories", "channels"), "jsonb"),
        **dict.fromkeys(("policy", "denominator"), "text"),
    },
    fields={
        **{
            name: Value(f"$self.{name}", "int")
            for name in ("received", "answered", "closed", "resolved", "reopened", "dispatched")
        },
        "not_yet_due": Value("$self.pending", "int"),
        "due_unknown": Value("$self.beyond", "int"),
        "closed_rate": ratio("$parent.closed", _CHOSEN, "$parent.policy"),
        "resolution_rate": ratio("$parent.resolved", _CHOSEN, "$parent.policy"),
        "resolution_of_due": ratio("$parent.resolved", f"({_DUE})", "$parent.policy"),
        "resolution_of_received": ratio("$parent.resolved", "$parent.received", "$parent.policy"),
        "on_time_rate": ratio("$parent.in_time", "$parent.timed", "$parent.policy"),
        "satisfaction": _share("satisfied", "asked"),
        "follow_up_rate": ratio("$parent.followed_up", "$parent.answered", "$parent.policy"),
        "follow_up_met": Value(
            "CASE WHEN $self.answered > 0 THEN"
            " $self.followed_up * 100 >= $self.follow_up_min * $self.answered END",
            "boolean",
        ),
        "median_hours": _hours("seconds"),
        "excluded_for_precision": Value("$self.undated", "int"),
        "dispatch_accuracy": _share("at_once", "dispatched"),
        "dispatch_on_time_rate": ratio("$parent.signed", "$parent.to_sign", "$parent.policy"),
        "median_dispatch_hours": _hours("until_dispatch"),
        "resolved_per_visit": _share("resolved", "visits"),
        "site_visits": Value("$self.visits", "int"),
        "by_category": _counted("categories"),
        "by_channel": _counted("channels"),
    },
)

CATEGORY_COUNT = Relation(
    "CategoryCount",
    row={"key": "text", "count": "integer", "resolved": "integer"},
    fields={
        "key": Value("$self.key", "text"),
        "count": Value("$self.count", "int"),
        "resolved": Value("$self.resolved", "int"),
    },
)

RELATIONS = (REQUEST_STATS, CATEGORY_COUNT)
PROJECT_FIELDS: dict[str, Field] = {"requests": One("RequestStats", _of_project)}
ROOTS: dict[str, One | Many | Page] = {"requests": One("RequestStats", _requests)}
