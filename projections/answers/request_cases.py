"""The requests themselves, one by one: who asked for what, who has it, and how it stands."""

from projections.answers.request_measures import AN_HOUR, asked_about
from projections.judging.request_states import judged
from projections.terms.quantities import half_up
from projections.terms.relation import Arguments, One, Page, Relation, Value
from projections.views.identities import kept_projects

PAGED = ("received_to", "stream", "request_id")


def _cases(arguments: Arguments) -> str:
    """Select the requests first received in a span of days that are as wanted."""
    wanted = ["true"]
    if arguments.given("open"):
        wanted.append("NOT j.closed" if arguments.choice("open") else "j.closed")
    if arguments.given("late"):
        wanted.append("j.in_time IS FALSE" if arguments.choice("late") else "j.in_time")
    if arguments.given("category"):
        wanted.append(f"j.category = {arguments.bind('category', 'text')}")
    if arguments.given("subject"):
        subject = arguments.bind("subject", "text")
        kept = kept_projects(f"SELECT {subject} UNION ALL SELECT substr({subject}, 9)")
        wanted.append(
            f"(j.stream = {subject} OR substr(j.stream, 9) IN ({kept})"
            " AND starts_with(j.stream, 'project/'))"
        )
    return f"""WITH {judged(*asked_about(arguments), detailed=True)}
        SELECT j.* FROM judged j WHERE {" AND ".join(wanted)}"""


_PROJECT = """SELECT substr($parent.stream, 9) AS id, '' AS sort_up, '' AS sort_down
    WHERE starts_with($parent.stream, 'project/')"""

REQUEST_CASE = Relation(
    "RequestCase",
    row={
        **dict.fromkeys(("stream", "request_id", "received_on", "enterprise", "urgency"), "text"),
        **dict.fromkeys(("category", "channel", "department", "dispatched_on"), "text"),
        **dict.fromkeys(("answered_on", "outcome", "satisfied"), "text"),
        **dict.fromkeys(("received_to", "due_day"), "date"),
        **dict.fromkeys(("closed", "solved", "in_time", "has_due"), "boolean"),
        "seconds": "numeric",
        "rounds": "bigint",
    },
    fields={
        "id": Value("$self.request_id", "id"),
        "subject": Value("$self.stream", "id"),
        "project": One("Project", lambda _: _PROJECT),
        "enterprise": Value("$self.enterprise", "text"),
        "category": Value("$self.category", "text"),
        "channel": Value("$self.channel", "text"),
        "urgency": Value("$self.urgency", "text"),
        "received_on": Value("$self.received_on", "flexdate"),
        "dispatched_on": Value("$self.dispatched_on", "flexdate"),
        "department": Value("$self.department", "text"),
        "due": Value("$self.due_day", "date"),
        "due_unknown": Value("$self.has_due AND $self.due_day IS NULL", "boolean"),
        "answered_on": Value("$self.answered_on", "flexdate"),
        "outcome": Value("$self.outcome", "code"),
        "rounds": Value("$self.rounds", "int"),
        "closed": Value("$self.closed", "boolean"),
        "solved": Value("coalesce($self.solved, false)", "boolean"),
        "satisfied": Value("$self.satisfied = 'yes'", "boolean"),
        "in_time": Value("$self.in_time", "boolean"),
        "hours": Value(f"trim_scale({half_up('$self.seconds', str(AN_HOUR), '2')})", "decimal"),
    },
)

RELATIONS = (REQUEST_CASE,)
ROOTS: dict[str, One | Page] = {"request_cases": Page("RequestCase", _cases, PAGED, is_dear=True)}
