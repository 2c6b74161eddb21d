"""Apply a whole `ProjectFilter` in SQL: its conditions on facts, and then those on judgements.

Judgements (phase, colour, deviations) cost more, so they are made only for the projects that the
facts leave, and only where the filter asks for them.
"""

from domain.order_rules import Result
from projections.judging.entries import any_of
from projections.judging.order_cases import EXEMPTION, cases_of
from projections.judging.phase_gates import GATED_AWARDS
from projections.judging.phase_states import RANKS
from projections.judging.project_scope import (
    by_facts,
    in_regions,
    narrowing,
    numbered,
    registered,
)
from projections.judging.soft_rules import REPORT_FINDINGS, SOFT_FINDINGS
from projections.spans.board_days import DISTRICTS
from projections.spans.lives import lives
from projections.spans.spans import colours_on_day, phases_on_day, spanned
from projections.terms.relation import Arguments
from projections.views.requirements import ASKED_IN_SCOPE, last_asked

PREFIX = "filter."
_OF_REGISTRATIONS = ("enterprise", "text", "total_investment_min_yi")
JUDGEMENTS = ("phase", "colour", "has_deviation")


def filtered(arguments: Arguments, *, signed: bool = True, elsewhere: bool = False) -> str:
    """Select (project, district) of the projects that pass the filter.

    `signed` says whether the days of signing are looked at, `elsewhere` that they pass it by other
    clocks than the question has, so that its being settled says nothing.
    """
    if not elsewhere and is_by_spans(arguments) and arguments.is_settled():
        return f"SELECT s.project, s.district FROM ({by_spans(arguments)}) s"
    # Lives long ago are mostly told anew, for which it takes more than registrations.
    is_told = _is_told(arguments) and not elsewhere
    told = lives(arguments, f"{PREFIX}region") if is_told else None
    source = by_facts(arguments, PREFIX, signed=signed, source=told)
    if is_by_facts(arguments):
        return source
    scope, wanted = numbered("SELECT f.project, f.district FROM found f"), []
    if arguments.given(f"{PREFIX}phase"):
        phases = any_of("o.furthest", arguments, f"{PREFIX}phase")
        wanted.append(f"SELECT o.project FROM ({phases_on_day('found')}) o WHERE {phases}")
    if arguments.given(f"{PREFIX}colour"):
        colours = any_of("o.colour", arguments, f"{PREFIX}colour")
        wanted.append(f"SELECT o.project FROM ({colours_on_day('found')}) o WHERE {colours}")
    conditions = [f"f.project IN ({source})" for source in wanted]
    if arguments.given(f"{PREFIX}has_deviation"):
        negated = "" if arguments.choice(f"{PREFIX}has_deviation") else "NOT "
        conditions.append(f"f.project {negated}IN ({_breaking(scope)})")
    return (
        f"WITH found AS MATERIALIZED ({source})"
        f" SELECT f.project, f.district FROM found f WHERE {' AND '.join(conditions)}"
    )


def _is_told(arguments: Arguments) -> bool:
    """Tell whether lives have all that the filter asks of registrations."""
    return not any(arguments.given(PREFIX + name) for name in _OF_REGISTRATIONS)


def filtered_lives(arguments: Arguments, *, signed: bool = True) -> str:
    """Select the lives of the projects that pass the filter."""
    told = lives(arguments, f"{PREFIX}region")
    wanted = narrowing(arguments, PREFIX, signed=signed)
    if not is_by_facts(arguments) or not _is_told(arguments):
        wanted = [conditions(arguments, "r.project", signed=signed)]
    return f"SELECT r.* FROM ({told}) r WHERE {' AND '.join(wanted)}" if wanted else told


def filtered_among(arguments: Arguments, projects: str) -> str:
    """Select (project, district) of those projects that pass the filter, among those of a query."""
    if is_by_facts(arguments):
        # As an array they are looked up, for they are few, which the planner cannot know.
        few = f"r.project = ANY (ARRAY({projects}))"
        return by_facts(arguments, PREFIX, source=registered(few))
    return f"SELECT f.* FROM ({filtered(arguments)}) f WHERE f.project IN ({projects})"


def is_by_spans(arguments: Arguments) -> bool:
    """Tell whether the filter asks for nothing but what the spans of projects tell."""
    is_judged = arguments.given(f"{PREFIX}has_deviation")
    return not is_judged and not narrowing(arguments, PREFIX)


def by_spans(arguments: Arguments) -> str:
    """Select the spans of the judged day by district, phase and colour."""
    wanted = [spanned("s"), any_of("s.colour", arguments, f"{PREFIX}colour")]
    if arguments.given(f"{PREFIX}region"):
        here = in_regions("d.district", arguments, f"{PREFIX}region")
        wanted.append(f"s.district = ANY (ARRAY({DISTRICTS} AND {here}))")
    if arguments.given(f"{PREFIX}phase"):
        wanted.append(f"s.furthest = ANY (ARRAY({phases_asked(arguments)}))")
    return f"SELECT s.* FROM read.project_spans s WHERE {' AND '.join(wanted)}"


def phases_asked(arguments: Arguments) -> str:
    """Select the ranks of the phases that the filter asks for."""
    phases = any_of("r.phase", arguments, f"{PREFIX}phase")
    return f"SELECT r.rank FROM {RANKS} r (phase, rank) WHERE {phases}"


def is_by_facts(arguments: Arguments) -> bool:
    """Tell whether the filter asks for no judgement."""
    return not any(arguments.given(PREFIX + name) for name in JUDGEMENTS)


def _breaking(scope: str) -> str:
    """Select the projects of a scope that break a rule without an excuse."""
    return f"""WITH {cases_of(scope)}
        SELECT j.project FROM judged j
        WHERE j.result = '{Result.VIOLATED}' AND ({EXEMPTION}) IS NULL
        UNION
        SELECT g.project FROM ({GATED_AWARDS}) g
        UNION
        SELECT b.project FROM ({SOFT_FINDINGS}) b
        UNION
        SELECT b.project FROM ({REPORT_FINDINGS}) b
        UNION
        SELECT q.project FROM ({last_asked(ASKED_IN_SCOPE)}) q WHERE q.status <> 'dropped'"""


def filtered_scope(arguments: Arguments) -> str:
    """Select the scope of the projects that pass the filter, on the judged day."""
    return numbered(filtered(arguments))


def conditions(arguments: Arguments, project: str, *, signed: bool = True) -> str:
    """Give the condition that a project passes the filter."""
    if not arguments.given("filter"):
        return "true"
    # As a truth value it is looked up in a hash of those that pass. As a join it would now and
    # then be planned for one project and run through all of them for each of thousands.
    return (
        f"({project} IN (SELECT p.project FROM ({filtered(arguments, signed=signed)}) p)) IS TRUE"
    )
